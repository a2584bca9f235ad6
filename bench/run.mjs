// Runs a TypeScript file of this folder as it is: node bench/run.mjs passes lstm
import { runnerImport } from 'vite';

const [file, ...rest] = process.argv.slice(2);
process.argv.splice(2, Infinity, ...rest);
await runnerImport(new URL(`${file}.ts`, import.meta.url).pathname, { configFile: false, logLevel: 'error' });
