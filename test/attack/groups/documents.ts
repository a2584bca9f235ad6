import type { Attack } from '../attack.js';

export const documents: readonly Attack[] = [];
