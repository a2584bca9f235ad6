import { describe, expect, test } from 'vitest';
import { lines, prepare, SMALL, told, type Options } from './own-sequences.js';

const own = (options: object): Partial<Options> => options;
const TABLE = lines(...SMALL);
const german = TABLE.replaceAll(',', ';').replace(';1;', ';1,5;').replace(';8;', ';8,25;');
const point = TABLE.replace(',1,', ',1.5,').replace(',8,', ',8.25,');
const inputs = (content: string | Uint8Array, options: Partial<Options> = {}) =>
  ['train', 'test'].map((split) =>
    prepare(content, options)
      .batches(split)
      .map(({ inputs: { input }, target }) => [[...input], [...target]]),
  );
const keys = (content: string | Uint8Array, options: Partial<Options> = {}): readonly (readonly unknown[])[] =>
  prepare(content, options).facts.facts.flatMap(({ key = '', value }) => (OF_EVERY_FILE.has(key) ? [] : [[key, value]]));
const OF_EVERY_FILE: ReadonlySet<string> = new Set(['sequences', 'steps', 'sequence-steps', 'classes', 'targets']);

function encoded(text: string, encoding: 'utf16le' | 'utf16be' | 'latin1' | 'utf8', mark = false): Uint8Array {
  const bytes = Buffer.from(mark ? `\uFEFF${text}` : text, encoding === 'utf16be' ? 'utf16le' : encoding);
  return encoding === 'utf16be' ? bytes.swap16() : bytes;
}

describe('files as people have them are read, and what was taken to be so is a fact', () => {
  test.each<readonly [string, string | Uint8Array, readonly (readonly unknown[])[]]>([
    ['semicolons', TABLE.replaceAll(',', ';'), [['separator', 'semicolon']]],
    ['tabs', TABLE.replaceAll(',', '\t'), [['separator', 'tab']]],
    ['bars', TABLE.replaceAll(',', '|'), [['separator', 'bar']]],
    ["Excel's first line", `sep=;\n${TABLE.replaceAll(',', ';')}`, [['separator', 'semicolon']]],
    ["Excel's first line, in quotes, with tabs", `"sep=\t"\r\n${TABLE.replaceAll(',', '\t')}`, [['separator', 'tab']]],
    ["Excel's first line that says what is so anyway", `sep=,\n${TABLE}`, []],
    ['a separator that only the first line tells', `sep=^\n${TABLE.replaceAll(',', '^')}`, [['separator', '^']]],
    ['CR', TABLE.replaceAll('\n', '\r'), []],
    ['CR, LF and CRLF', TABLE.replace('\n', '\r').replace('\n', '\r\n'), []],
    ['CR CR LF', TABLE.replaceAll('\n', '\r\r\n'), []],
    ['comments', `# by a logger, "v2\n#\n${TABLE.replace('\nb', '\n# a pause\nb')}\n# end`, [['comments', '4 lines passed over']]],
    [
      'names behind the sign of a comment',
      `# made today\n# ${TABLE}`,
      [
        ['names', 'behind "#"'],
        ['comments', '1 line passed over'],
      ],
    ],
    [
      'a column that is called with the sign of a comment',
      `#id${TABLE.slice(2)}`.replace('\nb', '\n# a pause\nb'),
      [['comments', '1 line passed over']],
    ],
    ['separators at the ends of lines', TABLE.replaceAll('\n', ',\n'), []],
    ['separators at the ends of rows alone', TABLE.replaceAll('\n', ',,\n').replace(',,', ''), []],
    ['rows of separators', `${TABLE.replace('\nb', '\n,,,,\nb')}\n,,,,\n,,,,`, [['empty-rows', '3 passed over']]],
    ['lines of blanks', TABLE.replaceAll('\n', '\n  \n'), [['empty-rows', '5 passed over']]],
    ['an index without a name, as pandas writes it', SMALL.map((row, i) => `${i === 0 ? '' : i - 1},${row}`).join('\n'), []],
    [
      'numbers of rows without a comma above, as R writes them',
      SMALL.map((row, i) => (i === 0 ? row : `${i},${row}`)).join('\n'),
      [['row-numbers', 'numbers the rows']],
    ],
    ['blanks before quotes', TABLE.replaceAll(/(?<=,)(\w+)/g, ' "$1"'), []],
    ['UTF-16, little end first', encoded(TABLE, 'utf16le', true), [['encoding', 'utf-16le']]],
    ['UTF-16, big end first', encoded(TABLE, 'utf16be', true), [['encoding', 'utf-16be']]],
    ['UTF-16 without a mark', encoded(TABLE, 'utf16le'), [['encoding', 'utf-16le']]],
  ])('%s', (_, content, facts) => {
    const options = own(typeof content === 'string' && content.startsWith('#id') ? { sequence: '#id' } : {});
    expect(told(content, options)).toEqual([]);
    expect(inputs(content, options)).toEqual(inputs(TABLE));
    expect(keys(content, options)).toEqual(facts);
  });

  test('a fact names the option that says so, and with it there is no fact', () => {
    const notes = prepare(german)
      .facts.facts.map(({ note }) => note ?? '')
      .join('\n');
    expect(notes).toContain('separator: semicolon');
    expect(notes).toContain('line 2: 1,5 is read as 1.5; decimal: comma says so in the document');
    expect(inputs(german)).toEqual(inputs(point));
    const stated = own({ separator: 'semicolon', decimal: 'comma' });
    expect(inputs(german, stated)).toEqual(inputs(point));
    expect(keys(german, stated)).toEqual([]);
  });

  test('places are those of the file, whatever is passed over', () => {
    const wrong = TABLE.replace('b,5', 'b,five').replaceAll(',', ';').replaceAll('\n', '\r\n\r\n');
    expect(told(`sep=;\r\n# note\r\n${wrong}`)[0]).toContain('line 9: "x" "five" is not a number');
  });

  test('names that look the same are the same', () => {
    const composed = lines('id,Größe [µm],y,label,part', ...SMALL.slice(1));
    const apart = composed.replace('ö', 'o\u0308').replace('µ', 'μ').replace(' [', '\u00a0[');
    const options = own({ features: ['Größe [µm]', 'y'] });
    expect(inputs(apart, options)).toEqual(inputs(composed, options));
  });

  test('Windows-1252 where it is plain', () => {
    const text = lines('id,Größe [m³],Temp °C,Café,part', ...SMALL.slice(1));
    const options = own({ features: ['Größe [m³]', 'Temp °C'], target: 'Café' });
    expect(inputs(encoded(text, 'latin1'), options)).toEqual(inputs(text, options));
    expect(keys(encoded(text, 'latin1'), options)).toEqual([['encoding', 'windows-1252']]);
    expect(keys(encoded(text, 'latin1'), { ...options, encoding: 'windows-1252' })).toEqual([]);
  });

  test.each([
    ['“I don’t—” he said… 5 £ – 3 €', 'windows-1252'],
    ['« L’œuvre » d’été, »Übung« GRÖßE col·lecció', 'windows-1252'],
    ['m³ µg °C ½ ±2 ²', 'windows-1252'],
  ])('%j is plain in %s', (sign) => {
    // What Windows-1252 has where Latin-1 has control characters.
    const windows: Readonly<Record<string, number>> = {
      '“': 0x93,
      '”': 0x94,
      '’': 0x92,
      '—': 0x97,
      '–': 0x96,
      '…': 0x85,
      '€': 0x80,
      œ: 0x9c,
    };
    const bytes = Buffer.from(Array.from(TABLE.replaceAll('up', `"${sign}"`), (each) => windows[each] ?? each.charCodeAt(0)));
    const { facts, problems } = prepare(bytes);
    expect(problems).toEqual([]);
    expect(facts.facts.find(({ name }) => name === 'classes')?.value).toBe(`2: ${sign} 2, down 2`);
  });

  test.each([
    ['Polish in Windows-1250', [0x62, 0x79, 0xb3, 0x20, 0xbf, 0xf3, 0xb3, 0x74, 0x79]],
    ['Russian in Windows-1251', [0xf2, 0xe5, 0xef, 0xeb, 0xee]],
    ['German in MacRoman', [0x47, 0x72, 0x9a, 0xa7, 0x65]],
    ['German in code page 850', [0x47, 0x72, 0x94, 0xe1, 0x65]],
    ['Japanese in Shift_JIS', [0x89, 0xb7, 0x93, 0x78]],
    ['Greek in ISO 8859-7', [0xc8, 0xe5, 0xf1, 0xec]],
  ])('%s is not guessed', (_, word) => {
    const bytes = Buffer.concat([Buffer.from(`${TABLE}\ne,1,1,`), Buffer.from(word), Buffer.from(',train\nf,1,1,up,test')]);
    expect(told(bytes)[0]).toContain('own.csv is not a text in UTF-8 (line 7 holds the byte');
  });

  test('another encoding where the document says it', () => {
    // 温 and 度 in GB18030: letters in a row that Windows-1252 has as well, and nobody means.
    const bytes = Buffer.concat([
      Buffer.from('id,x,y,label,part\na,1,2,'),
      Buffer.of(0xce, 0xc2, 0xb6, 0xc8),
      Buffer.from(',train\nb,1,2,b,train\n'),
    ]);
    const split = { split_column: undefined, split: { validation: 0, test: 0 } };
    const [message] = told(bytes, own(split));
    expect(message).toBe(
      'file: own.csv is not a text in UTF-8 (line 2 holds the byte 0xCE; write its encoding, as encoding: windows-1252 (windows-1251 for Cyrillic, gb18030 for Chinese, shift_jis for Japanese), or convert it: iconv -f WINDOWS-1252 -t UTF-8 own.csv > own-utf8.csv)',
    );
    const facts = prepare(bytes, own({ ...split, encoding: 'gb18030' })).facts.facts;
    expect(facts.find(({ name }) => name === 'classes')?.value).toBe('2: 温度 1, b 1');
    expect(told(Buffer.of(0xff, 0x80), own({ encoding: 'euc-kr', file: "it's my.csv" }))[0]).toContain(
      String.raw`iconv -f WINDOWS-1252 -t UTF-8 'it'\''s my.csv' > 'it'\''s my-utf8.csv'`,
    );
  });

  test.each([
    ['PK\x03\x04\xff', 'own.csv is a workbook or another archive, not a text'],
    ['\x1f\x8b\xff', 'own.csv is packed by gzip, not a text (unpack it: gunzip -k own.csv)'],
    ['\x93NUMPY', 'own.csv is a NumPy array, not a text (write format: npy)'],
  ])('another kind of file: %j', (begins, message) => {
    expect(told(Buffer.from(begins, 'latin1'))[0]).toContain(message);
  });
});

describe('what can be read in two ways is refused, with the key that says which', () => {
  test('a line that is a comment or a row', () => {
    const marked = `${TABLE}\n#e,1,1,up,train`;
    expect(told(marked)).toEqual([
      'file: line 7 begins with "#" and has as many values as there are columns: it may be a comment or a row (write comment: "#" to pass over such lines, or put the first value of a row in quotes)',
    ]);
    expect(inputs(marked, own({ comment: '#' }))).toEqual(inputs(TABLE));
    expect(inputs(TABLE.replace('\nb', '\n"#b"'))).toEqual(inputs(TABLE));
    expect(inputs(TABLE.replaceAll('\n', '\n#'))).toEqual(inputs(TABLE));
    expect(inputs(lines('% note, twice', ...SMALL), own({ comment: '%' }))).toEqual(inputs(TABLE));
  });

  test('a separator that the document says and the file does not have', () => {
    expect(told(TABLE, own({ separator: 'tab', features: ['x'] }))[0]).toBe(
      'sequence: no column is called "id" (the only column is "id,x,y,label,part": write separator: comma)',
    );
    expect(told(TABLE.replaceAll(',', ':'), own({ features: ['x'] }))[0]).toContain(
      'values are separated by commas, semicolons, tabs or bars',
    );
  });

  test('columns that are not there are looked for in the columns that are', () =>
    expect(told(TABLE.replaceAll(',', ';'), own({ target: 'lable' }))).toEqual([
      'target: no column is called "lable" (did you mean "label"?)',
    ]));
});

describe('numbers', () => {
  const values = (...cells: readonly string[]): string =>
    lines('id,x,y,label,part', ...cells.map((cell, i) => `${i},"${cell}",1,${i % 2 ? 'up' : 'down'},train`));
  const all = own({ split_column: undefined, split: { validation: 0, test: 0 }, features: ['x'] });
  const read = (cells: readonly string[], options: object = {}): readonly number[] =>
    prepare(values(...cells), { ...all, ...options }, { batchSize: cells.length })
      .batches('train')
      .flatMap(({ inputs: { input } }) => [...input]);

  test.each<readonly [readonly string[], readonly number[]]>([
    [
      ['1.5', '-2e3', '+.5', ' 7 '],
      [1.5, -2000, 0.5, 7],
    ],
    // A point groups nothing where no number of the file has a comma: as it always was.
    [
      ['1.234', '2.345'],
      [1.234, 2.345],
    ],
    [
      ['8,7', '-0,5', '3', '1,234'],
      [8.7, -0.5, 3, 1.234],
    ],
    [
      ['1.234,5', '1.234', '1.234.567'],
      [1234.5, 1234, 1234567],
    ],
    [
      ['1,234.5', '1,234', '12,345,678'],
      [1234.5, 1234, 12345678],
    ],
    [
      ["1'234.5", '1\u00a0234', '1\u202f234\u202f567', '1 234'],
      [1234.5, 1234, 1234567, 1234],
    ],
    [
      ['\u22122.5', '\u20133', '-1'],
      [-2.5, -3, -1],
    ],
    [
      ['\u22122,5', '1\u00a0234,5'],
      [-2.5, 1234.5],
    ],
  ])('%j', (cells, numbers) => expect(read(cells)).toEqual(numbers.map(Math.fround)));

  test('with the decimal mark stated', () => {
    expect(read(['1,234', '2,345'], { decimal: 'comma' })).toEqual([1.234, 2.345].map(Math.fround));
    expect(read(['1,234', '2,345'], { decimal: 'point' })).toEqual([1234, 2345]);
    expect(read(['1.234', '5'], { decimal: 'comma' })).toEqual([1234, 5]);
  });

  test.each<readonly [readonly string[], object, string]>([
    [
      ['1,234', '2'],
      {},
      'line 2: "x" "1,234" may be 1234 or 1.234, and no other value of the column says which (write decimal: point for 1234, decimal: comma for 1.234)',
    ],
    [
      ['2.5', '2,5'],
      {},
      'line 3: "x" "2,5" has a decimal comma, and line 2: "x" "2.5" a decimal point (write all numbers of the file with one of them)',
    ],
    [['2,5', '3'], { decimal: 'point' }, 'line 2: "x" "2,5" is not a number (decimal: comma reads it as 2.5)'],
    [['2.5', '3'], { decimal: 'comma' }, 'line 2: "x" "2.5" is not a number (decimal: point reads it as 2.5)'],
    [['0x1F', '3'], {}, 'line 2: "x" "0x1F" is not a number (write 31)'],
    [['1_000', '3'], {}, 'line 2: "x" "1_000" is not a number (write 1000)'],
    [['１２', '3'], {}, 'line 2: "x" "１２" is not a number (write 12)'],
    [['Infinity', '3'], {}, 'line 2: "x" is infinite'],
    [['-inf', '3'], {}, 'line 2: "x" is infinite'],
    [['1e5x', '3'], {}, 'line 2: "x" "1e5x" is not a number'],
    [['true', '3'], {}, 'line 2: "x" "true" is not a number'],
    [['5 kg', '3'], {}, 'line 2: "x" "5 kg" is not a number'],
    [['12 %', '3'], {}, 'line 2: "x" "12 %" is not a number'],
    [['1,23,456', '3'], {}, 'line 2: "x" "1,23,456" is not a number'],
    [['1 2', '3'], {}, 'line 2: "x" "1 2" is not a number'],
    [['0b11', '3'], {}, 'line 2: "x" "0b11" is not a number (write 3)'],
    [['1.', '0x'], {}, 'line 3: "x" "0x" is not a number'],
  ])('%j %j', (cells, options, message) => expect(told(values(...cells), { ...all, ...options })).toEqual([`file: ${message}`]));

  test('a point between thousands in a file of decimal commas needs its own column to say so', () => {
    const table = (pressure: string): string => lines('id;x;y;label', `a;8,7;${pressure};up`, 'b;9,1;2.000;down');
    const options = own({ split_column: undefined, split: { validation: 0, test: 0 } });
    expect(told(table('1.013'), options)[0]).toContain('"y" "1.013" may be 1.013 or 1013');
    expect(prepare(table('1.013,5'), options).batches('train')[0]?.inputs.input).toEqual(Float32Array.of(8.7, 1013.5, 9.1, 2000));
  });

  test('targets are read as features are', () => {
    const text = lines('id;x;label;part', 'a;1,5;−2,5;train', 'b;2;3,5;test');
    expect(prepare(text, own({ features: ['x'], task: 'regression' })).batches('train')[0]?.target).toEqual(Float32Array.of(-2.5, 0));
  });
});

describe('JSON Lines', () => {
  const whole = own({
    format: 'jsonl',
    sequence: undefined,
    features: ['x'],
    target: 'y',
    split_column: undefined,
    split: { validation: 0, test: 0 },
  });
  const classes = (text: string, options = whole): unknown =>
    prepare(text, options).facts.facts.find(({ name }) => name === 'classes')?.value;

  test('line ends, UTF-16, a mark', () => {
    const text = lines('{"x": [1], "y": "a"}', '{"x": [2], "y": "b"}');
    const expected = prepare(text, whole).batches('train');
    for (const other of [text.replace('\n', '\r\n'), text.replace('\n', '\r'), `\uFEFF${text}`])
      expect(prepare(other, whole).batches('train')).toEqual(expected);
    expect(prepare(encoded(text, 'utf16le', true), whole).batches('train')).toEqual(expected);
  });

  test('one list of objects is told, with a command that makes lines of it', () =>
    expect(told('[{"x": [1], "y": "a"}]', { ...whole, file: 'my data.json' })).toEqual([
      "file: my data.json is one JSON list, and a JSON object on each line is read (rewrite it: jq -c '.[]' 'my data.json' > 'my data-lines.json')",
    ]));

  test('a sequence without steps is not dropped in silence', () => {
    const text = lines('{"x": [1], "y": "a"}', '{"x": [], "y": "b"}', '{"x": [1], "y": "b"}');
    expect(told(text, whole)).toEqual([
      'file: line 2 is a sequence without a step (delete it, or write missing: drop to leave such sequences out)',
    ]);
    expect(prepare(text, { ...whole, missing: 'drop' }).facts.facts.find(({ key }) => key === 'missing-dropped')?.value).toBe('1 of 3');
  });

  test('whole numbers beyond 2^53 keep their digits', () => {
    const [a, b] = ['9007199254740992', '9007199254740993'];
    expect(classes(lines(`{"x": [1], "y": ${a}}`, `{"x": [0.12345678901234567890], "y": ${b}}`))).toBe(`2: ${a} 1, ${b} 1`);
    const steps = lines(`{"id": ${a}, "x": 1, "y": "a"}`, `{"id": ${b}, "x": 1, "y": "b"}`);
    expect(prepare(steps, { ...whole, sequence: 'id' }).plan().splits['train']?.examples).toBe(2);
  });

  test('numbers as text, truth values as classes, and what is nested', () => {
    expect(classes(lines('{"x": ["1", "2.5"], "y": true}', '{"x": [3, "1e3"], "y": false}'))).toBe('2: true 1, false 1');
    expect(told('{"x": [true], "y": "a"}\n{"x": [1], "y": "b"}', whole)).toEqual(['file: line 1: "x" "true" is not a number']);
    expect(told('{"x": [[1, 2]], "y": "a"}\n{"x": [1], "y": {"b": 1}}', whole)).toEqual([
      expect.stringContaining('line 1: "x" holds a list where a value of one step stands'),
      expect.stringContaining('line 2: "y" holds a mapping where a value of one step stands'),
    ]);
  });
});

test('the digest of what was read before is what it was', () => {
  expect(prepare(TABLE).facts.digest).toBe('ed922890d0004ea554d4d4170db34b89cd028cad3142394b4d3e59b8feca272c');
  expect(prepare(TABLE, own({ decimal: 'point' })).facts.digest).not.toBe(prepare(TABLE).facts.digest);
});

test('fifty thousand rows are read, and as many mistakes are counted', () => {
  const rows = Array.from(
    { length: 50_000 },
    (_, i) => `${i};2020-01-01T00:00:${String(i % 60).padStart(2, '0')};${i % 7},5;${i};${i % 2 ? 'up' : 'down'}`,
  );
  const text = ['id;t;x;y;label', ...rows].join('\n');
  const options = own({ order: 't', split_column: undefined });
  const { facts, problems } = prepare(text, options);
  expect(problems).toEqual([]);
  expect(facts.facts.find(({ name }) => name === 'steps')?.value).toBe(50_000);
  const wrong = text.replaceAll(',5', ',5?');
  expect(told(wrong, options).at(-1)).toContain('and 49,995 more such mistakes');
});
