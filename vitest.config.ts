import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
    // For tests that load ONNX Runtime themselves; see src/engine/runtime/silence.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
