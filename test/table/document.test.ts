import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/diagnostics/diagnostic.js';
import { check } from '../../src/language/check.js';
import { readSource } from '../../src/language/source.js';
import { type TableConfig, tableSchema } from '../../src/study/claims/document.js';
import { loadTable } from '../../src/study/claims/load.js';
import { FORMS } from '../../src/study/claims/forms.js';
import { readClaims } from '../../src/study/claims/read-claims.js';
import { brokenRules, rules } from '../../src/study/claims/rules.js';

const HEAD = `table: time_machine
seeds: 5
looks: 2
columns:
  perplexity: {metric: train/perplexity, at: last, digits: 2}
  speed: {metric: train/tokens_per_second, unit: tokens/s}
rows:
  scratch: {label: RNN from scratch, base: ../rnn_time_machine.yaml}
  reset: {base: ../rnn_time_machine.yaml, set: {training.recurrent_state: reset}}
claims:
`;

function read(text: string) {
  const found = readSource('t.yaml', new TextEncoder().encode(text));
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  const { doc } = found;
  const textAt = (path: Problem['path']) => {
    const place = doc.place(path);
    return place.text.slice(place.column - 1, place.column - 1 + place.length);
  };
  return { config: doc.value as unknown as TableConfig, textAt };
}
const withClaims = (...claims: readonly string[]) => read(HEAD + claims.map((claim) => `  - {${claim}}\n`).join(''));
const misfits = (text: string) => check(tableSchema, read(text).config);

describe('what may be written', () => {
  test('the document of the design', () => {
    const document = withClaims(
      'cell: [scratch, perplexity], published: "1.0", source: section 8.5',
      'cell: [reset, perplexity], reference: ../references/d2l.json#/perplexity/reset, margin: 0.1, because: the unit that the book prints',
      'lower: [scratch, perplexity], than: [reset, perplexity], source: section 8.5',
    );
    expect(check(tableSchema, document.config)).toEqual([]);
    expect(brokenRules(document)).toEqual([]);
    const references = new Map([['../references/d2l.json#/perplexity/reset', { runs: [1.3, 1.4], printed: 0.1 }]]);
    expect(readClaims(document.config, references)).toEqual([
      {
        kind: 'published',
        cell: ['scratch', 'perplexity'],
        published: { text: '1.0', value: 1, unit: 0.1 },
        reading: 'mean',
        confidence: 0.95,
        source: 'section 8.5',
      },
      {
        kind: 'reference',
        cell: ['reset', 'perplexity'],
        runs: [1.3, 1.4],
        printed: 0.1,
        margin: 0.1,
        because: 'the unit that the book prints',
        confidence: 0.95,
      },
      {
        kind: 'rank',
        direction: 'lower',
        of: ['scratch', 'perplexity'],
        than: ['reset', 'perplexity'],
        by: 0,
        paired: false,
        confidence: 0.95,
        source: 'section 8.5',
      },
    ]);
  });

  test('every form, with all that it takes', () => {
    const document = withClaims(
      'cell: [scratch, perplexity], published: "0.98 ± 0.02", spread: {kind: standard_error, runs: 4}, reading: procedure, deterministic: true',
      'cell: [scratch, perplexity], at_most: 1.25, of: runs, share: 0.8',
      'cell: [scratch, perplexity], at_least: "1.0", diverged: exclude, because: known',
      'higher: [scratch, perplexity], than: [reset, perplexity], by: 0.1, paired: seed, confidence: 0.99',
      'ratio: {of: [scratch, speed], to: [reset, speed], at_least: 1.5}, paired: seed',
      'equivalent: [[scratch, perplexity], [reset, perplexity]], margin: 0.1, because: it is, paired: seed',
      'cell: [scratch, speed], published: "67,044.5", device_bound: V100',
    );
    expect(check(tableSchema, document.config)).toEqual([]);
    expect(brokenRules(document)).toEqual([]);
    const [spread, runs, least, rank, ratio, equivalent, bound] = readClaims(document.config, new Map());
    expect(spread).toMatchObject({ spread: { sd: 0.04, runs: 4 }, reading: 'procedure', deterministic: true });
    expect(runs).toMatchObject({ kind: 'limit', side: 'at_most', bound: 1.25, share: 0.8 });
    expect(least).toMatchObject({ side: 'at_least', bound: { unit: 0.1 }, excludesDiverged: true });
    expect(rank).toMatchObject({ direction: 'higher', by: 0.1, paired: true, confidence: 0.99 });
    expect(ratio).toMatchObject({ kind: 'ratio', of: ['scratch', 'speed'], side: 'at_least', bound: 1.5, paired: true });
    expect(equivalent).toMatchObject({ kind: 'equivalent', margin: 0.1, paired: true });
    expect(bound).toMatchObject({ deviceBound: 'V100' });
  });

  test.each([
    ['seeds: 0', 'seeds: 5', ['seeds']],
    ['seeds: [1, 1]', 'seeds: 5', ['seeds']],
    ['looks: 0', 'looks: 2', ['looks']],
    ['metric: perplexity', 'metric: train/perplexity', ['columns', 'perplexity', 'metric']],
    ['at: first', 'at: last', ['columns', 'perplexity', 'at']],
    ['digit: 2', 'digits: 2', ['columns', 'perplexity']],
  ])('%s is no %s', (wrong, right, path) => {
    expect(misfits(HEAD.replace('claims:\n', '').replace(right, wrong)).map((misfit) => misfit.path)).toEqual([path]);
  });
});

describe('loading', () => {
  const load = (text: string) => loadTable({ file: 't.yaml', bytes: new TextEncoder().encode(text) });

  test('defaults are filled in', () => {
    const loaded = load(HEAD.replace('claims:\n', '').replace('seeds: 5\nlooks: 2\n', ''));
    if ('diagnostics' in loaded) throw new Error('refused');
    expect(loaded.config).toMatchObject({ seeds: 5, looks: 2, claims: [] });
  });

  test('a printed number without quotes is shown with them, as it was written', () => {
    const loaded = load(`${HEAD}  - {cell: [scratch, perplexity], published: 1.0}\n`);
    if (!('diagnostics' in loaded)) throw new Error('accepted');
    expect(loaded.diagnostics).toMatchObject([
      { code: 'not-quoted', help: 'write published: "1.0"', place: { line: 11, column: 46, length: 3 } },
    ]);
  });

  test('all mistakes of a file at once, in its order', () => {
    const loaded = load(`${HEAD}  - {cell: [scrach, perplexity], published: "1.0"}\n  - {published: "1.0"}\n`);
    if (!('diagnostics' in loaded)) throw new Error('accepted');
    expect(loaded.diagnostics.map(({ code, place }) => [code, place?.line])).toEqual([
      ['unknown-row', 11],
      ['incomplete-claim', 12],
    ]);
  });

  test('a margin without a reason loads with a warning', () => {
    const loaded = load(`${HEAD}  - {cell: [scratch, perplexity], published: "1.0", margin: 0.1}\n`);
    expect('config' in loaded && loaded.warnings.map(({ code }) => code)).toEqual(['margin-without-reason']);
  });

  test('other documents are refused', () => {
    const loaded = load('experiment: x\n');
    expect('diagnostics' in loaded && loaded.diagnostics[0]?.code).toBe('other-document-kind');
  });
});

describe('seeds in stages', () => {
  const text = (seeds: string, more = '') => HEAD.replace('claims:\n', '').replace('seeds: 5\nlooks: 2\n', `seeds: ${seeds}\n${more}`);
  const load = (seeds: string, more = '', sets: readonly string[] = []) =>
    loadTable({ file: 't.yaml', bytes: new TextEncoder().encode(text(seeds, more)), sets });
  const mistakes = (...asked: Parameters<typeof load>) => {
    const loaded = load(...asked);
    return 'diagnostics' in loaded ? loaded.diagnostics.map(({ code, message, help }) => [code, message, help]) : [];
  };
  const STAGES = '{stages: [5, 10, 20, 40]}';

  test('are as many as it takes, and --seeds stops at one of them', () => {
    expect(load(STAGES)).toMatchObject({ config: { seeds: { stages: [5, 10, 20, 40] } } });
    expect(load(STAGES, '', ['seeds=10'])).toMatchObject({ config: { seeds: { stages: [5, 10, 20, 40], until: 10 } } });
    // Other stages may be written in place of these.
    expect(load(STAGES, '', ['seeds={stages: [3, 6]}'])).toMatchObject({ config: { seeds: { stages: [3, 6] } } });
    expect(load('5', '', ['seeds=10'])).toMatchObject({ config: { seeds: 10 } });
  });

  test.each([
    [
      '{stages: [5, 10, 10]}',
      'stages-not-growing',
      'a stage of 10 seeds comes after one of 10, and adds none to it',
      'each number is how many seeds there are in all: write stages: [5, 10]',
    ],
    [
      '{stages: [20, 5]}',
      'stages-not-growing',
      'a stage of 5 seeds comes after one of 20, and adds none to it',
      'each number is how many seeds there are in all: write stages: [5, 20]',
    ],
    [
      '{stages: [2, 10]}',
      'stage-too-small',
      'a first stage of 2 seeds decides nothing: a verdict takes 3',
      'begin with five, which is what most claims need at least',
    ],
    [
      '{stages: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}',
      'too-many-stages',
      'these are 11 stages, and each is another chance of an error: there are at most 10',
      'let each stage have twice as many seeds as the one before: [5, 10, 20, 40]',
    ],
    [
      '{stages: [5, 10, 20], until: 12}',
      'no-stage',
      'no stage has 12 seeds: the stages have 5, 10 and 20, and claims are judged at these alone',
      'stop at 10 or 20',
    ],
  ])('%s: %s', (seeds, ...expected) => {
    expect(mistakes(seeds)).toEqual([expected]);
  });

  test('are the looks: both are refused', () => {
    expect(mistakes(STAGES, 'looks: 4\n')).toEqual([
      [
        'looks-beside-stages',
        'each of the 4 stages is a look, and "looks" would count them once more',
        'delete "looks": the chance of an error is spent over the stages',
      ],
    ]);
  });

  test('have no seed of their own choice, and no fewer than two stages', () => {
    expect(mistakes(STAGES, '', ['seeds=12']).map(([code]) => code)).toEqual(['no-stage']);
    expect(mistakes(STAGES, '', ['seeds=[4]']).map(([code]) => code)).toEqual(['wrong-type']);
    expect(mistakes('{stages: [5]}').map(([code]) => code)).toEqual(['too-few']);
    expect(mistakes('{stages: 5}').map(([code]) => code)).toEqual(['wrong-type']);
    expect(mistakes('{stage: [5, 10]}').map(([code]) => code)).toEqual(['unknown-key']);
  });
});

describe('splits', () => {
  const text = (head: string, claims = '', column = '') =>
    HEAD.replace('seeds: 5\nlooks: 2\n', head).replace('digits: 2}', `digits: 2${column}}`).replace('claims:\n', `claims: [${claims}]\n`);
  const mistakes = (...parts: Parameters<typeof text>) => {
    const loaded = loadTable({ file: 't.yaml', bytes: new TextEncoder().encode(text(...parts)) });
    return 'diagnostics' in loaded
      ? loaded.diagnostics.map(({ code, message, place }) => [code, message, `${place?.line}:${place?.column}`])
      : [];
  };
  const SPLITS = 'seeds: 3\nsplits: 4\n';

  test('are a number or a list, beside seeds', () => {
    expect(mistakes(SPLITS)).toEqual([]);
    expect(mistakes('splits: [2, 9]\n', '{cell: [reset, perplexity], at_most: 2, of: mean}')).toEqual([]);
    expect(mistakes('splits: 0\n').map(([code]) => code)).toEqual(['out-of-range']);
    expect(mistakes('splits: [1, 1]\n').map(([code]) => code)).toEqual(['repeated']);
  });

  test.each([
    ['splits: 2\nfolds: all\n', 'splits draw the data, and folds cut them in order: a table has one of the two', '2:1'],
    ['splits: 2\nseeds: {stages: [5, 10]}\n', 'stages add seeds until claims are decided, and with splits a claim is about splits', '2:1'],
    ['seeds: [1, 1000]\nsplits: 2\n', 'with splits, seeds go up to 999, and 1000 is asked for: seed 1 of split 3 is 3001', '2:1'],
  ])('%j: %s', (head, message, at) => {
    expect(mistakes(head)).toEqual([['splits-beside', message, at]]);
  });

  test.each([
    ['reference: "x.json#/a"', 'a reference is of single runs', 'reference: '],
    ['at_most: 2, of: runs, share: 0.8', '"of: runs" is about single runs', 'of: runs'],
    ['published: "1.0", reading: procedure', '"reading" is about single runs', 'reading'],
  ])('no claim about single runs: %s', (claim, what, at) => {
    const document = text(SPLITS, `{cell: [scratch, perplexity], ${claim}}`);
    const line = document.split('\n').findIndex((each) => each.startsWith('claims')) + 1;
    const column = (document.split('\n')[line - 1] ?? '').indexOf(at) + 1;
    expect(mistakes(SPLITS, `{cell: [scratch, perplexity], ${claim}}`)).toEqual([
      ['not-of-splits', `${what}, and with splits a value is the mean over the seeds of a split`, `${line}:${column}`],
    ]);
  });

  test('no probability, and no column that takes something else than a mean', () => {
    expect(mistakes(SPLITS, '{lower: [scratch, perplexity], than: [reset, perplexity], probability: 0.9}').map(([code]) => code)).toEqual([
      'not-of-splits',
    ]);
    expect(mistakes(SPLITS, '', ', over_seeds: median').map(([, message]) => message)).toEqual([
      'the column "perplexity" takes the median over the seeds, and with splits a value is the mean over the seeds of a split',
    ]);
  });
});

describe('rules', () => {
  test.each([
    ['', 'no-claim', ['claims', 0], undefined],
    ['cell: [scratch, perplexity]', 'no-claim', ['claims', 0], undefined],
    ['cell: [scratch, perplexity], published: "1.0", at_most: 2', 'several-claims', ['claims', 0, 'at_most'], undefined],
    ['published: "1.0"', 'incomplete-claim', ['claims', 0, 'published'], undefined],
    ['lower: [scratch, perplexity]', 'incomplete-claim', ['claims', 0, 'lower'], undefined],
    ['ratio: {of: [scratch, speed], to: [reset, speed]}', 'incomplete-claim', ['claims', 0, 'ratio'], undefined],
    ['equivalent: [[scratch, speed], [reset, speed]]', 'incomplete-claim', ['claims', 0, 'equivalent'], undefined],
    [
      'cell: [scratch, perplexity], published: "1.0", paired: seed',
      'not-of-this-claim',
      ['claims', 0, 'paired'],
      'it belongs to lower, higher, ratio or equivalent',
    ],
    ['cell: [scratch, perplexity], at_most: 2, share: 0.8', 'incomplete-claim', ['claims', 0, 'share'], undefined],
    ['cell: [scratch, perplexity], at_most: 2, of: runs', 'incomplete-claim', ['claims', 0, 'of'], undefined],
    ['cell: [scrach, perplexity], published: "1.0"', 'unknown-row', ['claims', 0, 'cell', 0], 'did you mean "scratch"?'],
    ['cell: [scratch, perplexty], published: "1.0"', 'unknown-column', ['claims', 0, 'cell', 1], 'did you mean "perplexity"?'],
    [
      'cell: [perplexity, scratch], published: "1.0"',
      'cell-order',
      ['claims', 0, 'cell'],
      'a cell names its row first: [scratch, perplexity]',
    ],
    ['cell: [scratch, perplexity, x], published: "1.0"', 'no-cell', ['claims', 0, 'cell'], 'write [ROW, COLUMN]'],
    ['lower: [scratch, speed], than: [scratch, speed]', 'same-cell', ['claims', 0, 'than'], undefined],
    ['cell: [scratch, perplexity], published: 1.0', 'not-quoted', ['claims', 0, 'published'], 'write published: "1.0"'],
    ['cell: [scratch, perplexity], published: "1,0"', 'no-number', ['claims', 0, 'published'], 'did you mean "1.0"?'],
    ['cell: [scratch, perplexity], at_most: "about 1"', 'no-number', ['claims', 0, 'at_most'], 'did you mean "1"?'],
    ['cell: [scratch, perplexity], published: "1.0 ± 0.1"', 'spread-unknown', ['claims', 0, 'published'], undefined],
    ['cell: [scratch, perplexity], published: "1.0", spread: {kind: interval, runs: 5}', 'no-spread', ['claims', 0, 'spread'], undefined],
    ['cell: [scratch, perplexity], reference: runs.json', 'no-pointer', ['claims', 0, 'reference'], undefined],
    ['cell: [scratch, perplexity], published: "1.0", margin: 0.1', 'margin-without-reason', ['claims', 0, 'margin'], undefined],
    ['lower: [scratch, speed], than: [reset, speed], test: sign', 'incomplete-claim', ['claims', 0, 'test'], undefined],
    [
      'lower: [scratch, speed], than: [reset, speed], paired: seed, test: sign, probability: 0.7',
      'not-of-this-claim',
      ['claims', 0, 'test'],
      undefined,
    ],
    ['cell: [scratch, speed], at_least: 5, probability: 0.7', 'not-of-this-claim', ['claims', 0, 'probability'], undefined],
    [
      'ratio: {of: [scratch, speed], to: [reset, speed], at_least: 0.5}, margin: 0.5, because: so',
      'margin-too-large',
      ['claims', 0, 'margin'],
      'take a margin below 0.5, such as 0.03',
    ],
    [
      'ratio: {of: [scratch, speed], to: [reset, speed], at_most: 0.5}, margin: 0.6, because: so',
      'margin-too-large',
      ['claims', 0, 'margin'],
      undefined,
    ],
    ['cell: [scratch, perplexity], published: "1.0", because: so', 'reason-without-margin', ['claims', 0, 'because'], undefined],
    ['cell: [scratch, perplexity], published: "1.0", diverged: exclude', 'exclude-without-reason', ['claims', 0, 'diverged'], undefined],
  ])('{%s}: %s', (claim, code, path, help) => {
    const found = brokenRules(withClaims(claim));
    expect(found.map((problem) => [problem.code, problem.path])).toEqual([[code, path]]);
    if (help) expect(found[0]?.help).toBe(help);
  });

  const KNOWN = HEAD.replace(
    'claims:',
    '  chance: {base: ../rnn_time_machine.yaml, baseline: unigram}\n  other: {base: ../rnn_time_machine.yaml, baseline: bigram}\nclaims:',
  );
  test.each([
    [
      'cell: [chance, perplexity], reference: "a.json#/x"',
      'reference',
      '"chance" is a known number, without runs and seeds, and "reference" is about runs',
    ],
    [
      'equivalent: [[scratch, perplexity], [chance, perplexity]], margin: 1, because: so',
      'equivalent',
      '"chance" is a known number, without runs and seeds, and "equivalent" is about runs',
    ],
    [
      'lower: [scratch, perplexity], than: [chance, perplexity], probability: 0.8',
      'probability',
      '"chance" is a known number, without runs and seeds, and "probability" is about runs',
    ],
    [
      'lower: [scratch, perplexity], than: [chance, perplexity], paired: seed, test: sign',
      'paired',
      '"chance" is a known number, without runs and seeds, and "paired" and "test" are about runs',
    ],
    [
      'cell: [chance, perplexity], at_most: 20, of: runs, share: 0.5',
      'of',
      '"chance" is a known number, without runs and seeds, and "of" and "share" are about runs',
    ],
    [
      'lower: [other, perplexity], than: [chance, perplexity], confidence: 0.9',
      'confidence',
      '"other" is a known number, without runs and seeds, and "confidence" is about runs',
    ],
    ['cell: [chance, perplexity], published: "17.3 ± 0.1"', 'published', '"chance" is a known number, which has no ± as in "17.3 ± 0.1"'],
    [
      'lower: [scratch, perplexity], than: [reset, perplexity], of: runs, share: 0.5',
      'of',
      '"of" and "share" mean nothing for "lower" between two rows that are trained',
    ],
  ])('of a row that nobody trains, and of an order: {%s}', (claim, key, message) => {
    const found = brokenRules(read(`${KNOWN}  - {${claim}}\n`));
    expect(found.map((problem) => [problem.path, problem.message])).toEqual([[['claims', 0, key], message]]);
  });

  test.each([
    'lower: [scratch, perplexity], than: [chance, perplexity], by: 1, of: runs, share: 0.5',
    'higher: [chance, perplexity], than: [scratch, perplexity], confidence: 0.9',
    'lower: [chance, perplexity], than: [other, perplexity], by: 1',
    'ratio: {of: [scratch, perplexity], to: [chance, perplexity], at_most: 0.9}, margin: 0.1, because: so',
    'cell: [chance, perplexity], published: "17.3"',
    'cell: [chance, perplexity], at_most: 20',
  ])('what may be claimed of a row that nobody trains: {%s}', (claim) => {
    expect(brokenRules(read(`${KNOWN}  - {${claim}}\n`))).toEqual([]);
  });

  test('warnings are those that a table can live with', () => {
    const severity = (claim: string) => brokenRules(withClaims(claim))[0]?.severity ?? 'error';
    expect(severity('cell: [scratch, perplexity], published: "1.0", margin: 0.1')).toBe('warning');
    expect(severity('cell: [scratch, perplexity], published: "1.0 ± 0.1"')).toBe('warning');
    expect(severity('cell: [scratch, perplexity], published: 1.0')).toBe('error');
  });

  test('a table has rows and columns', () => {
    const { config } = read('table: t\nseeds: 5\nlooks: 2\nrows: {}\ncolumns: {}\nclaims: []\n');
    expect(brokenRules({ config }).map(({ code, path }) => [code, path])).toEqual([
      ['empty-table', ['columns']],
      ['empty-table', ['rows']],
    ]);
  });

  test('each rule is named for a truth, once', () => {
    const truths = rules.map(({ truth }) => truth);
    expect(new Set(truths).size).toBe(truths.length);
  });

  test('the example of every form is that form', () => {
    for (const [form, { example }] of Object.entries(FORMS)) {
      const { config } = read(`table: t\nseeds: 1\nclaims: [{${example}}]\n`);
      expect(Object.keys(config.claims[0] ?? {})).toContain(form);
      expect(brokenRules({ config: { ...config, rows: {}, columns: {} } }).map(({ code }) => code)).not.toContain('no-claim');
    }
  });
});
