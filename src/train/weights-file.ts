import type { WeightsFile } from '../planning/initial-weights.js';
import { PREPROCESSING_FILE, PREPROCESSING_KEY } from '../planning/preprocessing.js';
import { decodeNpz, encodeNpz } from '../formats/npz.js';
import { decodeSafetensors, encodeSafetensors, safetensorsMetadata } from '../formats/safetensors.js';

/** A file of weights in either form that `export` writes, told apart by how it begins. Throws what is wrong with another one. */
export function decodeWeights(bytes: Uint8Array): WeightsFile {
  if (ZIP.every((byte, at) => bytes[at] === byte)) {
    const { tensors, texts } = decodeNpz(bytes);
    return withPreprocessing(tensors, texts[PREPROCESSING_FILE]);
  }
  return withPreprocessing(decodeSafetensors(bytes), safetensorsMetadata(bytes)[PREPROCESSING_KEY]);
}

/** `PK\x03\x04` */
const ZIP = [0x50, 0x4b, 3, 4];

const withPreprocessing = (tensors: WeightsFile['tensors'], preprocessing: unknown): WeightsFile => ({
  tensors,
  ...(typeof preprocessing === 'string' && { preprocessing }),
});

export const asSafetensors = ({ tensors, preprocessing }: WeightsFile, about: Readonly<Record<string, string>>): Uint8Array =>
  encodeSafetensors(tensors, { ...about, ...(preprocessing !== undefined && { [PREPROCESSING_KEY]: preprocessing }) });

export const asNpz = ({ tensors, preprocessing }: WeightsFile): Uint8Array =>
  encodeNpz(tensors, preprocessing === undefined ? {} : { [PREPROCESSING_FILE]: preprocessing });
