import { runProgram } from '../../modules/foreign-code.js';
import { main } from '../main.js';

await runProgram(() => main(process.argv.slice(2)));
