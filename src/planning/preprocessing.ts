import { check } from '../language/check.js';
import { Type } from '../language/type.js';
import type { Data, Fitted } from '../stages/stage.js';

/** What a run did with its data before the model read them, as its record keeps it and as it goes with its weights. */
export interface Preprocessing extends Fitted {
  readonly version: 1;
  /** The digest of the data that it was fitted on. */
  readonly data: string;
}

/** In a record, and the entry of an .npz. */
export const PREPROCESSING_FILE = 'preprocessing.json';
/** The key of the preprocessing among the metadata of a .safetensors or .onnx file. */
export const PREPROCESSING_KEY = 'preprocessing';

export const preprocessingOf = ({ digest, fitted }: Pick<Data, 'digest' | 'fitted'>): Preprocessing => ({
  version: 1,
  data: digest,
  ...fitted,
});

/** Undefined where a text holds none that is known here: then weights are as those of a file that says nothing. */
export function parsePreprocessing(text: string | undefined): Preprocessing | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as unknown;
    return check(SCHEMA, value).length === 0 ? (value as Preprocessing) : undefined;
  } catch {
    return undefined;
  }
}

const names = Type.Optional(Type.Array(Type.String()));
const numbers = Type.Optional(Type.Array(Type.Number()));
const SCHEMA = {
  ...Type.Object({
    version: Type.Integer({ minimum: 1, maximum: 1 }),
    data: Type.String(),
    vocabulary: names,
    separator: Type.Optional(Type.String()),
    classes: names,
    features: names,
    means: numbers,
    deviations: numbers,
    targetScale: Type.Optional(Type.Object({ mean: Type.Number(), deviation: Type.Number({ exclusiveMinimum: 0 }) })),
  }),
  additionalProperties: true,
};
