import { describe, expect, test } from 'vitest';
import { readSource, type SourceDoc } from '../../src/language/source.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function doc(text: string): SourceDoc {
  const read = readSource('file.yaml', bytes(text));
  if ('diagnostics' in read) throw new Error(read.diagnostics.map(({ message }) => message).join('\n'));
  return read.doc;
}

function codes(text: string | Uint8Array): readonly string[] {
  const read = readSource('file.yaml', typeof text === 'string' ? bytes(text) : text);
  return 'diagnostics' in read ? read.diagnostics.map(({ code }) => code) : [];
}

describe('scalars are read as YAML 1.2 has them', () => {
  test.each([
    ['no', 'no'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['true', true],
    ['False', false],
    ['010', 10],
    ['0o10', 8],
    ['0x10', 16],
    ['1e-3', 0.001],
    ['1.e-3', 0.001],
    ['.5', 0.5],
    ['12:30:00', '12:30:00'],
    ['2024-01-01', '2024-01-01'],
    ['1_000', '1_000'],
    ['~', null],
    ['', null],
    ['"010"', '010'],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['.inf', Infinity],
    ['{a: [1, {b: 2}]}', { a: [1, { b: 2 }] }],
  ])('%s', (text, value) => {
    expect(doc(`experiment: e\nx: ${text}\n`).value['x']).toEqual(value);
  });

  test('integers beyond 2^53 are refused, large floats are not', () => {
    expect(codes('experiment: e\nx: 9007199254740992\n')).toEqual(['integer-too-large']);
    expect(codes('experiment: e\nx: 1e300\n')).toEqual([]);
  });
});

describe('keys', () => {
  test('numbers and words become text', () => {
    expect(Object.keys(doc('experiment: e\nx: {8: a, true: b, 1.50: c, no: d}\n').value['x'] as object)).toEqual([
      '8',
      'true',
      '1.50',
      'no',
    ]);
  });

  test('names that JavaScript knows are names like any other', () => {
    const { value } = doc('experiment: e\n__proto__: {polluted: true}\nconstructor: 1\n');
    expect(Object.keys(value)).toEqual(['experiment', '__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('aliases', () => {
  test('each use is a value of its own', () => {
    const { value } = doc('experiment: e\na: &x {n: [1]}\nb: *x\nc: [*x, *x]\n');
    expect(value['b']).toEqual({ n: [1] });
    const [first, second] = value['c'] as readonly object[];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
    expect(value['a']).not.toBe(value['b']);
  });

  test('thousands of honest ones are fine', () => {
    const { value } = doc(`experiment: e\na: &x {n: 1}\nb: [${Array(5000).fill('*x').join(', ')}]\n`);
    expect(value['b']).toHaveLength(5000);
  });

  test('an anchor that is written again holds from there on', () => {
    expect(doc('experiment: e\na: &x 1\nb: *x\nc: &x 2\nd: *x\n').value).toMatchObject({ b: 1, d: 2 });
  });

  test('places lead to the text that was repeated', () => {
    const { place } = doc('experiment: e\na: &x {n: 1}\nb: *x\n');
    expect(place(['b', 'n'])).toMatchObject({ line: 2, column: 11, length: 1 });
    expect(place(['b'], 'key')).toMatchObject({ line: 3, column: 1 });
  });
});

describe('merge keys', () => {
  test('what is written beside it wins, wherever it stands', () => {
    expect(doc('experiment: e\na: &x {n: 1, m: 2}\nb: {n: 3, <<: *x}\n').value['b']).toEqual({ n: 3, m: 2 });
  });

  test('of a list the earlier wins', () => {
    expect(doc('experiment: e\na: &x {n: 1}\nb: &y {n: 2, m: 3}\nc:\n  <<: [*x, *y]\n').value['c']).toEqual({ n: 1, m: 3 });
  });

  test('merged values keep their places', () => {
    const { place } = doc('experiment: e\na: &x {n: 1}\nb:\n  <<: *x\n');
    expect(place(['b', 'n'], 'key')).toMatchObject({ line: 2, column: 8 });
  });

  test('in quotes it is a key', () => {
    expect(doc('experiment: e\na: {"<<": 1}\n').value['a']).toEqual({ '<<': 1 });
  });
});

describe('places', () => {
  const text = [
    'experiment: e',
    'model:',
    '  kind: lstm   # comment',
    '  sizes: [1, {n: 22}]',
    'metrics:',
    '  - kind: a',
    '  - kind: b',
    '',
  ].join('\n');
  const { place } = doc(text);

  test.each([
    [['model', 'kind'], 'value', 3, 9, 4],
    [['model', 'kind'], 'key', 3, 3, 4],
    [['model', 'sizes', 1, 'n'], 'value', 4, 18, 2],
    [['model', 'sizes', 0], 'key', 4, 11, 1],
    [['model'], 'key', 2, 1, 5],
    [['model'], 'value', 3, 3, 10],
    [['metrics', 1, 'kind'], 'value', 7, 11, 1],
    [['metrics', 1], 'value', 7, 5, 7],
    [['model', 'missing', 'deep'], 'value', 2, 1, 5],
    [['metrics', 7], 'value', 5, 1, 7],
    [['missing'], 'key', 1, 1, 10],
    [[], 'value', 1, 1, 10],
  ] as const)('%j %s', (path, at, line, column, length) => {
    expect(place(path, at)).toMatchObject({ file: 'file.yaml', line, column, length });
  });

  test('columns count characters', () => {
    expect(doc('experiment: e\n"𝛼é": {日本: 1}\n').place(['𝛼é', '日本'])).toMatchObject({ line: 2, column: 12, length: 1 });
  });

  test('CRLF and a byte order mark change neither lines nor columns', () => {
    const other = doc(`\uFEFF${text.replaceAll('\n', '\r\n')}`);
    expect(other.place(['model', 'kind'])).toEqual(place(['model', 'kind']));
    expect(other.place(['experiment'])).toEqual(place(['experiment']));
    expect(other.text.startsWith('\uFEFF')).toBe(true);
  });
});

describe('bytes', () => {
  test('UTF-16 in both orders, with and without its mark', () => {
    const little = Buffer.from('experiment: e\n', 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const each of [little, big, Buffer.concat([Buffer.from([0xff, 0xfe]), little]), Buffer.concat([Buffer.from([0xfe, 0xff]), big])]) {
      expect(codes(each)).toEqual(['not-utf8']);
    }
  });

  test('the place of a broken byte is the character it stands for', () => {
    const read = readSource('file.yaml', Buffer.concat([bytes('experiment: e\n# 日本 '), Buffer.from([0xe9]), bytes(' x\n')]));
    const [diagnostic] = 'diagnostics' in read ? read.diagnostics : [];
    expect(diagnostic?.place).toMatchObject({ line: 2, column: 6, length: 1 });
    expect(diagnostic?.message).toContain('0xE9 at offset 23');
  });

  test('a character that is cut off at the end of the file', () => {
    expect(codes(bytes('experiment: é').subarray(0, -1))).toEqual(['not-utf8']);
  });
});

test.each(['experiment', 'sweep', 'table'] as const)('%s: names the kind of the document', (kind) => {
  expect(doc(`seed: 1\n${kind}: e\n`).kind).toBe(kind);
});

test('very deep nesting is told, not suffered', () => {
  expect(codes(`experiment: e\nx: ${'['.repeat(200)}${']'.repeat(200)}\n`)).toEqual(['too-deep']);
  expect(codes(`experiment: e\nx: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`)).toEqual(['too-deep']);
});
