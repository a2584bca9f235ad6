import './silence.js';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';

// What goes wrong outside of a session is thrown as well; on stderr it would be said twice, the first time to nobody.
env.logLevel = 'fatal';

/** The door to ONNX Runtime: what is said above is said before it is loaded. */
export { env, InferenceSession, Tensor };
