import { Type } from '../language/type.js';

export const trialsPerJob = Type.Integer({
  minimum: 1,
  default: 1,
  description: 'Trials that one job trains, one after the other: more than one where a trial is short beside the wait in the queue.',
});

export const workers = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));
