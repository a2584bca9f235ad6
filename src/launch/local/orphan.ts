import { isRunning } from '../../host/is-running.js';

/**
 * A thread of a worker that ends the worker's process once the process that started it is gone. The worker hears of that too, and ends in order;
 * one that is in a person's endless loop, or in a long call of a library, hears nothing. Its record stays whole.
 */

/** Milliseconds: between two looks, and for an end in order. */
const PACE = { look: 500, orderly: 3000 };

const parent = process.ppid;
const look = setInterval(() => {
  if (process.ppid === parent && isRunning(parent)) return;
  clearInterval(look);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PACE.orderly);
}, PACE.look);
