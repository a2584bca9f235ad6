import { EXIT } from '../../host/exit.js';
import { listenForFaults } from '../../modules/foreign-code.js';
import { trainJob } from '../cluster/train-job.js';

/** What a job of Ray runs: `worker.js FOLDER INDEX`. */
listenForFaults();
const [folder = '', index = '0'] = process.argv.slice(2);
process.exit((await trainJob(folder, Number(index))) === 'done' ? EXIT.done : EXIT.terminated);
