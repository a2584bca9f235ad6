import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
    // The program as it was built, for tests that call it as a function, is Node's to load.
    server: { deps: { external: [/\/dist\//] } },
    // For tests that load ONNX Runtime themselves; see src/engine/runtime/silence.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
