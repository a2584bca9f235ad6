import { stringify } from 'yaml';
import type { ResolvedConfig } from './experiment.js';

/** The resolved values as an experiment document: nothing left to defaults, and read again it gives the same values. */
export const writeResolved = ({ values }: ResolvedConfig): string =>
  stringify(values, { lineWidth: 0, version: '1.2', aliasDuplicateObjects: false });
