import { EXIT } from '../../host/exit.js';
import { listenForFaults } from '../../modules/foreign-code.js';
import { trainJob } from '../cluster/train-job.js';
import { requeueThis } from './programs.js';

/** What a job of Slurm runs: `worker.js FOLDER INDEX`. What the time limit interrupts goes on in the same place of the array. */
listenForFaults();
const [folder = '', index = '0'] = process.argv.slice(2);
const trained = await trainJob(folder, Number(index));
if (trained === 'interrupted') await requeueThis(process.env);
process.exit(trained === 'done' ? EXIT.done : EXIT.terminated);
