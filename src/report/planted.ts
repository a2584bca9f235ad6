import * as ort from 'onnxruntime-node';
import { train } from '../train/train.js';
export const x = [ort, train, process.argv];
