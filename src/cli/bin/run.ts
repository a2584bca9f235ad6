import { runProgram } from '../../modules/foreign-code.js';
import { main } from '../main.js';

// `run FILE` is `retable run FILE`.
await runProgram(() => main(['run', ...process.argv.slice(2)]));
