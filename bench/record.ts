import { bench } from './harness.js';
import { EPOCHS, KEYS, measureRecording } from './recording.js';

await bench({
  name: 'record',
  about:
    `microseconds for one metric of one epoch to reach the operating system (${EPOCHS} epochs of ${KEYS.length} metrics, a file each), and ` +
    'milliseconds for the flush at the end of an epoch, in the folder for temporary files',
  candidates: [{ name: 'record', measure: measureRecording }],
  figures: [{ label: 'a recorded metric, microseconds', of: ['record', 'microseconds a metric'], atMost: 10 }],
});
