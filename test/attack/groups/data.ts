import type { Attack } from '../attack.js';

export const data: readonly Attack[] = [];
