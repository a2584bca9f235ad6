import { statfsSync } from 'node:fs';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Tests that leave their process another one (its folder, environment, stages, kernels or TensorFlow.js), or must not find kernels of the built program
 * there. Each has a process to itself.
 */
const ALONE = [
  'test/cli/{doctor,paths,use}.test.ts',
  'test/engine/{compile,devices,errors,lazy,tensorflow,user-model}.test.ts',
  'test/engine/kernels/*.test.ts',
  'test/engine/tfjs/*.test.ts',
  'test/launch/{slurm,train-job}.test.ts',
  'test/stages/training.test.ts',
  'test/track/env-proxy.test.ts',
];

/** The longest begin first, so that no processor waits for one of them at the end. */
const LONGEST = [
  'docs/docs',
  'sweep/run',
  'cli/endless',
  'cli/table',
  'cli/expected',
  'engine/tfjs/tfjs-core',
  'sweep/kill',
  'cli/secrets',
  'cli/trash',
  'engine/kernels/kernels',
  'attack/attack',
  'engine/same-digits',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    // Processes that files share are begun once those that are alone have ended.
    const group = ({ project }: TestSpecification): number => (project.config.isolate ? 0 : 1);
    const bySize = super.sort.bind(this);
    return (await bySize(files)).toSorted((a, b) => group(a) - group(b) || placeOf(a) - placeOf(b));
  }
}

/**
 * Where tests make their folders: in memory, where there is room for all of them. A record waits for the disk after every epoch, and what the disk does
 * is not tested. Who sets TMPDIR has them there.
 */
function scratch(): { readonly TMPDIR?: string } {
  if (process.env['TMPDIR'] !== undefined) return {};
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 4 * 2 ** 30 ? { TMPDIR: '/dev/shm' } : {};
  } catch {
    return {};
  }
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
    globalSetup: 'test/support/build.ts',
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE, isolate: true } },
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...ALONE], isolate: false },
      },
    ],
    // Modules are as Node gives them.
    deps: { interopDefault: false },
    // The program as it was built, for tests that call it as a function, is Node's to load.
    server: { deps: { external: [/\/dist\//] } },
    // For tests that load ONNX Runtime themselves; see src/engine/runtime/silence.ts.
    env: { ORT_DISABLE_TELEMETRY: '1', ...scratch() },
  },
});
