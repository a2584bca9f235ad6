import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../src/engine');
const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly file: string;
  readonly from: string;
  readonly types: boolean;
}

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const all = text.matchAll(
    /^(?:import|export) (type )?[^;]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)|[rR]equire(?:\(import\.meta\.url\))?\('([^']+)'\)/gms,
  );
  return [...all].map(([, types, from, ...others]) => ({
    file,
    from: from ?? others.find((name) => name !== undefined) ?? '',
    types: types !== undefined,
  }));
});

describe('the engine stands alone', () => {
  it('imports no other room', () => {
    const outside = imports.filter(
      ({ file, from }) => from.startsWith('.') && relative(ROOT, resolve(ROOT, file, '..', from)).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });

  it('has one door to TensorFlow.js, and one to ONNX Runtime, which is told to report to nobody before it is loaded', () => {
    const values = imports.filter(({ types }) => !types);
    expect(new Set(values.filter(({ from }) => from.startsWith('@tensorflow/')).map(({ file }) => file))).toEqual(new Set(['tf.ts']));
    expect(values.filter(({ from }) => from === 'onnxruntime-node').map(({ file }) => file)).toEqual(['runtime/ort.ts']);
    expect(values.filter(({ file }) => file === 'runtime/ort.ts').map(({ from }) => from)).toEqual([
      './silence.js',
      'node:module',
      'onnxruntime-node',
    ]);
    expect(readFileSync(join(ROOT, 'runtime/silence.ts'), 'utf8')).toContain("env['ORT_DISABLE_TELEMETRY'] ??= '1'");
  });

  it('loads TensorFlow.js only when there is something to record', () => {
    expect(reachable('compiled.ts')).not.toContain('tf.ts');
    expect(reachable('compiled.ts')).toContain('runtime/program.ts');
    expect(reachable('create.ts')).not.toContain('runtime/program.ts');
  });
});

/** Files that are loaded together with one, dynamic imports left out. */
function reachable(root: string): readonly string[] {
  const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
  const seen = new Set<string>();
  const open = [root];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const found = text(file).matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'|^import '(\.[^']+)'/gms);
    for (const [, from, bare] of found) open.push(relative(ROOT, resolve(ROOT, file, '..', (from ?? bare ?? '').replace(/\.js$/, '.ts'))));
  }
  return [...seen];
}
