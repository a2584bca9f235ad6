import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { forShell, withArticle } from '../../src/diagnostics/words.js';
import { otherDocumentKind } from '../../src/diagnostics/messages.js';
import { optionOf } from '../../src/language/resolve.js';
import { markdownBlock, markdownPicture, markdownText } from '../../src/report/kit/tables.js';
import { runCsv, runLatex, runMarkdown, runToJson, viewCsvs } from '../../src/report/run/run-page.js';
import { VIEWS } from '../views/views.js';
import { points, RUN } from './fixture.js';

const ODD = 'a | b_c & 5 % of #1 <i>x</i>\r\n~y~ ^z $2 \\d {e}';

describe('a run as text', () => {
  const run = { ...RUN, description: ODD, notes: ['# no heading', '1. no list', ODD] };

  it('in Markdown: nothing of a person’s own is formatting, and every row has its cells', () => {
    const text = runMarkdown({ ...run, parameters: new Map([['a|b', { value: ODD, origin: '--set a=|' }]]) }, [
      { name: 'test_loss', file: 'my (run).svg' },
    ]);
    expect(text).toContain('a \\| b\\_c & 5 % of #1 \\<i>x\\</i> ~y~ ^z \\$2 \\\\d {e}');
    expect(text).toContain('\n\\# no heading\n');
    expect(text).toContain('\n1\\. no list\n');
    expect(text).toContain('![test loss](my%20%28run%29.svg)');
    const cells = text.split('\n').filter((line) => line.startsWith('| a\\|b'));
    expect(cells.map((line) => line.replaceAll('\\|', '').split('|').length)).toEqual([5]);
  });

  it('in LaTeX: nothing of a person’s own is a command', () => {
    expect(runLatex(run)).toContain(
      '  \\caption{a \\textbar{} b\\_c \\& 5 \\% of \\#1 \\textless{}i\\textgreater{}x\\textless{}/i\\textgreater{} \\textasciitilde{}y\\textasciitilde{} \\textasciicircum{}z \\$2 \\textbackslash{}d \\{e\\}}',
    );
  });

  it('in CSV: a row an epoch with every digit, and what is not there is empty', () => {
    const metrics = new Map([
      ['train/loss', points(0.1, Number.NaN)],
      ['a,"b"', points(1 / 3)],
    ]);
    expect(runCsv({ ...RUN, metrics })).toBe('epoch,train/loss,"a,""b"""\n1,0.1,0.3333333333333333\n2,NaN,\n');
    expect(runCsv({ ...RUN, metrics: new Map() })).toBe('epoch\n');
  });

  it('in JSON: what is not finite is text', () => {
    const { metrics } = runToJson({ ...RUN, metrics: new Map([['train/loss', points(Infinity, Number.NaN, 0.5)]]) });
    expect(JSON.parse(JSON.stringify(metrics['train/loss'])).map(({ value }: { value: unknown }) => value)).toEqual([
      'Infinity',
      'NaN',
      0.5,
    ]);
  });

  it('has what metrics show: a matrix as one more table of LaTeX, words in Markdown, and numbers as CSV of their own', () => {
    const shown = { ...RUN, views: VIEWS.map((view) => ({ key: `test/own_${view.kind}`, epoch: 20, view })) };
    expect(runLatex(shown)).toContain('\\label{tab:lstm_addition-own_matrix.test}');
    expect(runLatex(shown)).toContain('      cat & 3 & 1 \\\\\n      dog & 0 & 4 \\\\');
    expect(runMarkdown(shown, [])).toContain('```text\ncat for dog: 1\ndog for cat: 0\n```');
    expect(viewCsvs(shown).map(({ name, csv }) => [name, csv.split('\n')[1]])).toEqual([
      ['own_matrix.test', 'cat,3,1'],
      ['own_curve.test', 'cat,0,0'],
      ['own_bars.test', 'cat,0.75'],
      ['own_series.test', '1960-01,417,400,430'],
      ['own_histogram.test', '-0.5,0,1'],
      ['own_tokens.test', 'line 7,1,it,0.125'],
      ['own_text.test', 'dog for cat: 0'],
    ]);
  });

  it('that measured nothing says so', () => {
    const nothing = { ...RUN, metrics: new Map() };
    expect(runMarkdown(nothing, [])).toContain('No metric was recorded.');
    expect(runLatex(nothing)).toContain('No metric was recorded.');
  });
});

it('Markdown keeps what would become something else', () => {
  expect(markdownText('&lt; A&B AT&T; ~~no~~ $5 5 $')).toBe('\\&lt; A&B AT\\&T; \\~~no\\~~ \\$5 5 $');
  for (const mark of ['#', '###', '>', '-', '+', '==='])
    expect(markdownBlock(`${mark} x`).startsWith(mark === '===' ? mark : `\\${mark}`), mark).toBe(true);
  expect(markdownBlock('-0.5 is less')).toBe('-0.5 is less');
  expect(markdownPicture('a_b', 'a b#1?.svg')).toBe('![a_b](a%20b%231%3F.svg)');
});

describe('words of a command', () => {
  const WORDS = [
    'model.hidden_size=64',
    'seeds=[3,4,5]',
    'seeds=1,2',
    'optimizer={kind: adam, learning_rate: 0.01}',
    'a b.yaml',
    '~/x.yaml',
    '=x',
    'a*?.yaml',
    'x=$HOME',
    'x=`id`',
    "it's",
    'say "hi"',
    `it's "both"`,
    'a;b&c|d>e<f',
    '#no',
    'x!y',
    '(a)',
    'données.yaml',
    'a\\b',
    '',
    '@x',
    '%1',
    '^x',
  ];

  it.each(WORDS)('%s', (word) => {
    expect(execFileSync('bash', ['-c', `printf %s ${forShell(word)}`], { encoding: 'utf8' })).toBe(word);
  });

  it('stand in quotes only where a shell would read something in them', () => {
    expect(WORDS.map(forShell).filter((word) => /^["']/.test(word)).length).toBe(WORDS.length - 2);
    expect(forShell('seeds=[3,4,5]')).toBe("'seeds=[3,4,5]'");
    expect(forShell("it's")).toBe(`"it's"`);
  });
});

it('an option is read back from what is recorded of an origin', () => {
  expect(optionOf('--set model.hidden_size=64')).toEqual({ flag: '--set', argument: 'model.hidden_size=64' });
  expect(optionOf('--engine eager-js')).toEqual({ flag: '--engine', argument: 'eager-js' });
  expect(optionOf('RETABLE_THREADS=2')).toEqual({ flag: '--threads', argument: '2' });
  for (const other of ['default', 'lstm.yaml:13:16', 'a --set b.yaml:1:1']) expect(optionOf(other)).toBeUndefined();
});

it('articles fit their words', () => {
  expect(['experiment', 'sweep', 'table', 'object', 'undefined', 'number', '80 %', '11 %', '95 %', '110'].map(withArticle)).toEqual([
    'an experiment',
    'a sweep',
    'a table',
    'an object',
    'an undefined',
    'a number',
    'an 80 %',
    'an 11 %',
    'a 95 %',
    'a 110',
  ]);
  expect(otherDocumentKind('sweep', 'experiment').message).toBe('this is an experiment, and a sweep is needed here');
});
