import type { Device, EngineKind } from '../../engine/engine.js';

export const enginePart = (kind: EngineKind, device: Device): string => `engine ${kind}, ${device}`;
