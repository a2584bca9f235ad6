import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNpy } from '../../src/stages/dataset/sequences/npy.js';
import { encodeNpz } from '../../src/train/npz.js';

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
  expect(array?.rows.length ?? 0).toBe(2);
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
