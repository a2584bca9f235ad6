import type { TextStyle } from '../report/kit/tables.js';
import type { Colors } from './terminal.js';

export const styleOf = (colors: Colors): TextStyle => ({ heading: colors.bold, faint: colors.dim });
