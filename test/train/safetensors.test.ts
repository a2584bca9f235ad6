import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.js';

const TENSORS = {
  W: { shape: [2, 2], values: Float32Array.of(1, -2, 0.5, 3) },
  b: { shape: [1], values: Float32Array.of(-0) },
  none: { shape: [0], values: new Float32Array() },
};

describe('a file of weights', () => {
  it('is laid out as the format says', () => {
    const bytes = encodeSafetensors(TENSORS, { epoch: '3' });
    const view = new DataView(bytes.buffer);
    const length = view.getUint32(0, true);
    expect(view.getUint32(4, true)).toBe(0);
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: { epoch: '3' },
      W: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
      b: { dtype: 'F32', shape: [1], data_offsets: [16, 20] },
      none: { dtype: 'F32', shape: [0], data_offsets: [20, 20] },
    });
    expect([0, 4, 8, 12].map((at) => view.getFloat32(8 + length + at, true))).toEqual([1, -2, 0.5, 3]);
    expect(bytes.length).toBe(8 + length + 20);
  });

  it('gives back the numbers, also from the middle of other bytes', () => {
    const bytes = encodeSafetensors(TENSORS);
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    for (const file of [bytes, shifted]) {
      expect(decodeSafetensors(file)).toEqual(TENSORS);
    }
  });

  it.each([
    null,
    1,
    { W: null },
    { W: 3 },
    { W: {} },
    { W: { dtype: 'F32', shape: 4, data_offsets: [0, 16] } },
    { W: { dtype: 'F32', shape: ['4'], data_offsets: [0, 16] } },
    { W: { dtype: 'F32', shape: [4], data_offsets: [0] } },
    { W: { dtype: 'F32', shape: [4] } },
    { W: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } },
  ])('with the header %j is refused in words', (header) => {
    const json = new TextEncoder().encode(JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + 16);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    expect(() => decodeSafetensors(bytes)).toThrow(
      /^(it does not begin as|W does not say its dtype, its shape and where its numbers are|W has other numbers than its shape says|W is cut off)/,
    );
  });

  it('that is none, or cut off, or of other numbers is refused with the reason', () => {
    const bytes = encodeSafetensors(TENSORS);
    const other = Buffer.from(Buffer.from(bytes).toString('latin1').replace('F32', 'F16'), 'latin1');
    expect(() => decodeSafetensors(new TextEncoder().encode('experiment: lstm'))).toThrow('does not begin as a safetensors file');
    expect(() => decodeSafetensors(new Uint8Array(3))).toThrow('does not begin as a safetensors file');
    expect(() => decodeSafetensors(bytes.subarray(0, -6))).toThrow(/is cut off/);
    expect(() => decodeSafetensors(other)).toThrow('W is F16, and only F32 can be read');
  });
});
