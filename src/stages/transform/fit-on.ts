import { Type } from '../../language/type.js';

/** Of every transform that is fitted. */
export const fitOn = {
  fit_on: Type.Enum(['train', 'all'], {
    default: 'train',
    description: 'The part of the data that it is fitted on: train; or all, with which test data leak into training.',
  }),
};
