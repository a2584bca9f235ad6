import type { Attack } from '../attack.js';

export const sweeps: readonly Attack[] = [];
