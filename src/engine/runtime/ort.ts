import './silence.js';

/** The door to ONNX Runtime: what is said above is said before it is loaded. */
export { env, InferenceSession, Tensor } from 'onnxruntime-node';
