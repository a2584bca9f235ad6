import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNpy } from '../../src/formats/npy.js';
import { decodeNpz, encodeNpz } from '../../src/formats/npz.js';

const TENSORS = {
  'layer0.Wxi': { shape: [2, 3], values: Float32Array.of(1, -2, 0.5, 3, 1e-30, -0) },
  by: { shape: [2], values: Float32Array.of(7, 8) },
  cube: { shape: [1, 2, 1], values: Float32Array.of(5, 6) },
};

const python = ((): string | undefined => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return 'python3';
  } catch {
    return undefined;
  }
})();

it('is an archive of arrays as NumPy writes them', () => {
  const bytes = Buffer.from(encodeNpz(TENSORS));
  const at = bytes.indexOf('cube.npy') + 'cube.npy'.length;
  const end = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  const problems: unknown[] = [];
  const array = readNpy(new Uint8Array(bytes.subarray(at, end)), (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  expect(array.length).toBe(2);
});

it('gives back numbers and texts, also from the middle of other bytes', () => {
  const texts = { 'about.json': '{"é": 1}' };
  const bytes = encodeNpz(TENSORS, texts);
  const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
  for (const file of [bytes, shifted]) expect(decodeNpz(file)).toEqual({ tensors: TENSORS, texts });
});

it('that is cut off, or of other numbers, is refused with the reason', () => {
  const bytes = encodeNpz(TENSORS);
  expect(() => decodeNpz(bytes.subarray(0, 100))).toThrow('it is cut off');
  const other = Buffer.from(Buffer.from(bytes).toString('latin1').replace('<f4', '<f8'), 'latin1');
  expect(() => decodeNpz(other)).toThrow('layer0.Wxi.npy is <f8, and only <f4 can be read');
});

it.runIf(python)('is read as Python packs it too, deflated', () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-npz-'));
  try {
    const [plain, packed] = [join(folder, 'plain.npz'), join(folder, 'packed.npz')];
    writeFileSync(plain, encodeNpz(TENSORS));
    const script = [
      'import sys, zipfile',
      "with zipfile.ZipFile(sys.argv[1]) as a, zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as b:",
      '    for name in a.namelist(): b.writestr(name, a.read(name))',
    ].join('\n');
    execFileSync('python3', ['-c', script, plain, packed]);
    expect(decodeNpz(readFileSync(packed)).tensors).toEqual(TENSORS);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.runIf(python)("is whole for Python's own zip, names, sizes and checksums", () => {
  const folder = mkdtempSync(join(tmpdir(), 'retable-npz-'));
  try {
    const file = join(folder, 'weights.npz');
    writeFileSync(file, encodeNpz(TENSORS));
    const script = [
      'import struct, sys, zipfile',
      'archive = zipfile.ZipFile(sys.argv[1])',
      'assert archive.testzip() is None',
      'print(archive.namelist())',
      "data = archive.read('layer0.Wxi.npy')",
      "length = struct.unpack('<H', data[8:10])[0]",
      'print((10 + length) % 64, data[10:10 + length].strip().decode())',
      "print(struct.unpack('<6f', data[10 + length:]))",
    ].join('\n');
    expect(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim().split('\n')).toEqual([
      "['layer0.Wxi.npy', 'by.npy', 'cube.npy']",
      "0 {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
      '(1.0, -2.0, 0.5, 3.0, 1.0000000031710769e-30, -0.0)',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
