import { main } from '../main.js';

// `run FILE` is `retable run FILE`.
process.exitCode = await main(['run', ...process.argv.slice(2)]);
