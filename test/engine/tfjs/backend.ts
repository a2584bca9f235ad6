import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { LazyBackend } from './lazy.js';
import { RECORDER } from '../../../src/engine/tape/recorder.js';
import { registerKernels } from '../../../src/engine/tape/record.js';
import { tf } from '../../../src/engine/tf.js';

/** The lazy backend as the one that all tests run on; some compare with `cpu`, so that is there too. It can't be read without waiting. */
export function register(): void {
  registerKernels();
  tf.registerBackend(RECORDER, () => new LazyBackend('the test'));
  // The checks of the tests' own mode: values, leaks.
  tf.env().set('PROD', false);
  setTestEnvs([{ name: 'retable', backendName: RECORDER, isDataSync: false }]);
}
