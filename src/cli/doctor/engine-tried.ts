import type { Device, EngineKind } from '../../engine/engine.js';
import { tryEngine } from './try-engine.js';

const [kind, device] = process.argv.slice(2);
const found = await tryEngine(kind as EngineKind, device as Device);
process.send?.(found, () => process.disconnect());
