import type { Attack } from '../attack.js';

export const modules: readonly Attack[] = [];
