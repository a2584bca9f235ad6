import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

/** What ONNX Runtime's arithmetic looks for in a processor before it chooses its kernels: another set may give other digits. */
const DECIDING = new Set(
  'sse4_1 avx avx2 fma f16c avx_vnni avx512f avx512bw avx512vl avx512_vnni avx512_bf16 amx_tile amx_int8 amx_bf16 asimd asimddp asimdhp i8mm bf16 sve sve2'.split(
    ' ',
  ),
);

/** A processor by the features that decide digits; where the system doesn't tell them, by its name. */
export function processorFeatures(): string {
  const features = platform() === 'linux' ? listedFeatures() : [];
  return [arch(), ...(features.length > 0 ? features : [cpus()[0]?.model ?? 'unknown'])].join(' ');
}

function listedFeatures(): readonly string[] {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return line
      .trim()
      .split(/\s+/)
      .filter((feature) => DECIDING.has(feature))
      .toSorted();
  } catch {
    return [];
  }
}
