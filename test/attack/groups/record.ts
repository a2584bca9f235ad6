import type { Attack } from '../attack.js';

export const record: readonly Attack[] = [];
