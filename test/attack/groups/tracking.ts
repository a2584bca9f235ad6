import type { Attack } from '../attack.js';

export const tracking: readonly Attack[] = [];
