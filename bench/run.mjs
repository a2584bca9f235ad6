// Runs a TypeScript file of this folder as it is: node bench/run.mjs passes lstm. Without a name: bench/all.ts.
import { register } from 'node:module';

// As in src/engine/runtime/silence.ts, for those that load ONNX Runtime themselves.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
register('./typescript.mjs', import.meta.url);

const [file = 'all', ...rest] = process.argv.slice(2);
process.argv.splice(2, Infinity, ...rest);
await import(`./${file}.ts`);
