import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const core = path.join(path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json')), 'dist');

/** The files of tests that TensorFlow.js ships, by their path in its package. */
export const testFiles: readonly string[] = readdirSync(core, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('_test.js'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted();

/**
 * All of TensorFlow.js's tests, the engine and what runs them, as one file. Node can't import the tests as they lie there (ES modules without
 * the endings of their imports), and tests and engine must share one copy of the library.
 */
export async function bundle(file: string): Promise<void> {
  const quoted = (name: string): string => JSON.stringify(path.join(here, name));
  // require keeps the order, and lets the runner know which file each test comes from.
  const entry = [
    `const { begin, enter, finish } = require(${quoted('runner.ts')});`,
    'begin();',
    `require(${quoted('backend.ts')}).register();`,
    ...testFiles.map((test) => `enter(${JSON.stringify(test)}); require(${JSON.stringify(path.join(core, test))});`),
    'finish();',
  ].join('\n');
  await build({
    input: 'entry',
    plugins: [{ name: 'entry', resolveId: (id) => (id === 'entry' ? id : null), load: (id) => (id === 'entry' ? entry : null) }],
    platform: 'node',
    external: [/^onnxruntime-node/, /^jasmine-core/],
    // As for a browser: the library's other entries are bundles, each with a copy of its own.
    resolve: { mainFields: ['module', 'main'] },
    // Its package says that files of tests and of gradients do nothing when they are loaded.
    treeshake: false,
    logLevel: 'silent',
    output: { file, format: 'cjs', codeSplitting: false },
  });
}
