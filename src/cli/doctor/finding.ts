import type { Device, EngineKind } from '../../engine/engine.js';

/** One line of the table: a part that retable works with. */
export interface Finding {
  readonly part: string;
  readonly present: boolean;
  readonly usable: boolean;
  readonly version: string;
  /** What to do when it isn't usable, or what there is to know. */
  readonly advice: string;
  /** Nothing works without it. */
  readonly needed: boolean;
}

export const enginePart = (kind: EngineKind, device: Device): string => `engine ${kind}, ${device}`;
