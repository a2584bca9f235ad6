import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { experimentId } from '../../src/record/layout.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { tableRunId } from '../../src/study/members.js';
import { BASE } from '../sweep/documents.js';
import { workplace } from '../support/program.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE.replace('epochs: 2', 'epochs: 1'));

interface Document {
  readonly name?: string;
  readonly claims?: readonly string[];
  readonly row?: string;
  readonly head?: string;
  readonly column?: string;
}

const PUBLISHED = "{cell: [small, bits], published: '0.5', margin: 0.02, because: a tiny one}";
const LIMIT = '{cell: [small, bits], at_least: 0.1}';

let files = 0;
/** A table of one row; each call is a file of its own. */
function write({
  name = 'small',
  claims = [PUBLISHED, LIMIT],
  row = 'small: {base: tiny.yaml}',
  head = 'seeds: 3',
  column = 'metric: test/bit_accuracy',
}: Document): string {
  const file = join(folder, `${name}-${++files}.yaml`);
  const lines = [`table: ${name}`, head, `columns: {bits: {${column}}}`, 'rows:', `  ${row}`, 'claims:'];
  writeFileSync(file, `${[...lines, ...claims.map((claim) => `  - ${claim}`)].join('\n')}\n`);
  return file;
}

const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
const trained = join(place.folder, 'trained');
let stores = 0;
/** A store in which five seeds of the row are trained, and no table was looked at. */
function store(): string {
  const runs = join(place.folder, `runs-${++stores}`);
  cpSync(trained, runs, { recursive: true });
  return runs;
}
beforeAll(async () => {
  for (const seed of [1, 2, 3, 4, 5])
    expect(await place.call('run', join(folder, 'tiny.yaml'), '--seed', String(seed), '--runs', trained)).toMatchObject({ status: 0 });
}, 120_000);

async function judged(runs: string, document: Document, ...more: readonly string[]): Promise<ReturnType<typeof tableToJson>> {
  const { stdout, stderr } = await place.call('judge', write(document), '--runs', runs, '--json', ...more);
  expect(stdout, stderr).not.toBe('');
  const result = JSON.parse(stdout) as ReturnType<typeof tableToJson>;
  expect(fits(result), JSON.stringify(fits.errors)).toBe(true);
  return result;
}
const notes = ({ footnotes }: ReturnType<typeof tableToJson>, ...wanted: readonly string[]): readonly string[] =>
  footnotes.flatMap(({ id, text }) => (wanted.includes(id) ? [text.replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')] : []));
const artifact = (runs: string, name: string, table = 'small'): string =>
  join(runs, experimentId('tables'), tableRunId(table), 'artifacts', name);

describe('what a table declared at its first look', () => {
  it.each<readonly [string, Document, readonly string[]]>([
    [
      'another margin',
      { claims: [PUBLISHED.replace('0.02', '0.05'), LIMIT] },
      ['[small, bits] published 0.5: margin is 0.05, was 0.02 when the table was first looked at (DATE).'],
    ],
    [
      'another confidence',
      { claims: [PUBLISHED, LIMIT.replace('}', ', confidence: 0.9}')] },
      ['[small, bits] at_least 0.1: confidence is 0.9, was 0.95 when the table was first looked at (DATE).'],
    ],
    [
      'another reason',
      { claims: [PUBLISHED.replace('a tiny one', 'it is known'), LIMIT] },
      ['[small, bits] published 0.5: the reason of its margin is it is known, was a tiny one when the table was first looked at (DATE).'],
    ],
    [
      'another number',
      { claims: [PUBLISHED.replace("'0.5'", "'0.6'"), LIMIT] },
      ['[small, bits] published 0.5: published is 0.6, was 0.5 when the table was first looked at (DATE).'],
    ],
    [
      'a claim more',
      { claims: [PUBLISHED, LIMIT, '{cell: [small, bits], at_most: 0.9}'] },
      ['[small, bits] at_most 0.9: added after the table was first looked at (DATE).'],
    ],
    ['a claim less', { claims: [PUBLISHED] }, ['[small, bits] at_least 0.1: taken out after the table was first looked at (DATE).']],
    ['other looks', { head: 'seeds: 3\nlooks: 3' }, ['Declared looks are 3, were 2 when the table was first looked at (DATE).']],
    ['other seeds', { head: 'seeds: [1, 2, 4]' }, ['Seeds are 1, 2, 4, were 1 to 3 when the table was first looked at (DATE).']],
    [
      'another epoch',
      { column: 'metric: test/bit_accuracy, at: 1' },
      ['Column bits takes at 1, took at last when the table was first looked at (DATE).'],
    ],
    [
      'another row',
      { row: 'small: {base: tiny.yaml, set: {model.hidden_size: 5}}' },
      ['Row small has another configuration than when the table was first looked at (DATE).'],
    ],
    [
      'other words alone',
      {
        row: 'small: {base: tiny.yaml, label: a small one}',
        head: 'seeds: [1, 2, 3]\ntitle: Another title',
        column: 'metric: test/bit_accuracy, at: last, digits: 2',
      },
      [],
    ],
    [
      'another name of the row',
      { row: 'tiny: {base: tiny.yaml}', claims: [PUBLISHED, LIMIT].map((claim) => claim.replace('small', 'tiny')) },
      [],
    ],
  ])('is told beside %s, until the table is again as it was', async (_, document, texts) => {
    const runs = store();
    expect(notes(await judged(runs, {}), 'F31')).toEqual([]);
    expect(notes(await judged(runs, document), 'F31')).toEqual(texts);
    expect(notes(await judged(runs, {}), 'F31')).toEqual([]);
  });

  it('is a file whose digest is kept, so that one that was written over is found', async () => {
    const runs = store();
    await judged(runs, {});
    const file = artifact(runs, 'protocol.json');
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(JSON.parse(readFileSync(artifact(runs, 'looks.json'), 'utf8'))).toMatchObject({ protocol: { digest, by: 'judge' } });
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.02', '0.05'));
    expect(notes(await judged(runs, { claims: [PUBLISHED.replace('0.02', '0.05'), LIMIT] }), 'F31')).toEqual([
      `protocol.json in the records is not what was kept when the table was first looked at (DATE): its SHA-256 was ${digest.slice(0, 12)}.`,
    ]);
    writeFileSync(file, '{');
    const { status, stderr } = await place.call('judge', write({}), '--runs', runs);
    expect([status, stderr]).toEqual([1, expect.stringContaining('"retable store repair" may mend it')]);
  });

  it('is kept from the next look on where an earlier version kept the seeds alone', async () => {
    const runs = store();
    await judged(runs, {}, '--seeds', '4');
    writeFileSync(
      artifact(runs, 'looks.json'),
      JSON.stringify({ declared: [[2]], 'limit small/bits': [[1], [1, 2]], 'limit gone/bits': [[1]] }),
    );
    const third =
      'Third look at this claim (1 seed, 2 seeds, 3 seeds), two were declared; a wrong verdict is up to 1 in 13 instead of 1 in 20.';
    expect(notes(await judged(runs, {}), 'F8', 'F31')).toEqual([third]);
    expect(notes(await judged(runs, {}), 'F8', 'F31')).toEqual([third]);
    expect(notes(await judged(runs, { head: 'seeds: 3\nlooks: 3' }), 'F24')).toContain(
      'The number of looks was changed: 3 in place of 2, after verdicts were seen.',
    );
    expect(JSON.parse(readFileSync(artifact(runs, 'looks.json'), 'utf8'))).toMatchObject({
      protocol: {},
      before: { declared: [[2]], 'limit gone/bits': [[1]] },
    });
  });
});

describe('a look belongs to the claim', () => {
  const third = (what: string): string =>
    `Third look at this claim (${what}), two were declared; a wrong verdict is up to 1 in 13 instead of 1 in 20.`;

  it('and not to the name of a table or of a row: another table goes on counting', async () => {
    const runs = store();
    await judged(runs, { claims: [LIMIT] });
    await judged(runs, { claims: [LIMIT], name: 'renamed' }, '--seeds', '4');
    const other = { name: 'other', row: 'tiny: {base: tiny.yaml}', claims: [LIMIT.replace('small', 'tiny')] };
    expect(notes(await judged(runs, other, '--seeds', '5'), 'F8')).toEqual([third('3 seeds, 4 seeds, 5 seeds')]);
    expect(notes(await judged(runs, { ...other, row: 'tiny: {base: tiny.yaml, set: {training.epochs: 2}}' }), 'F8')).toEqual([]);
  });

  it('another margin of the same seeds is another look; two margins that one table declares are not', async () => {
    const runs = store();
    const margins = (...all: readonly number[]): Document => ({ claims: all.map((margin) => PUBLISHED.replace('0.02', String(margin))) });
    await judged(runs, margins(0.02));
    await judged(runs, margins(0.03));
    expect(notes(await judged(runs, margins(0.04)), 'F8')).toEqual([
      third('3 seeds with margin 0.02, 3 seeds with margin 0.03, 3 seeds with margin 0.04'),
    ]);
    const together = store();
    for (const _ of ['once', 'again']) expect(notes(await judged(together, margins(0.02, 0.03, 0.04)), 'F8', 'F31')).toEqual([]);
  });

  it('why and report look too', async () => {
    const runs = store();
    const file = write({ claims: [LIMIT] });
    expect(await place.call('why', file, 'small', '--runs', runs)).toMatchObject({ status: 0 });
    expect(await place.call('report', file, '--runs', runs, '--seeds', '4', '--output', join(place.folder, 'r.html'))).toMatchObject({
      status: 0,
    });
    expect(notes(await judged(runs, { claims: [LIMIT] }, '--seeds', '5'), 'F8')).toEqual([third('3 seeds, 4 seeds, 5 seeds')]);
    expect(JSON.parse(readFileSync(artifact(runs, 'looks.json'), 'utf8'))).toMatchObject({
      protocol: { by: 'why' },
      looks: [{ by: 'why' }, { by: 'report' }, { by: 'judge' }],
    });
  });
});

describe('register', () => {
  it('keeps what a table declares before any run, and again is no other', async () => {
    const runs = join(place.folder, 'empty');
    const file = write({});
    const first = await place.call('register', file, '--runs', runs);
    expect(first.status, first.stderr).toBe(0);
    const digest = createHash('sha256')
      .update(readFileSync(artifact(runs, 'protocol.json')))
      .digest('hex');
    expect(first.stdout).toMatch(/^small is registered: 2 claims\nsha256 /);
    expect(first.stdout).toContain(`sha256 ${digest}\n`);
    expect(first.stdout).toMatch(
      new RegExp(`"Registered \\d{4}-\\d\\d-\\d\\d before any of its 3 trials was on record, sha256 ${digest.slice(0, 12)}\\."`),
    );
    expect((await place.call('status', 'small', '--runs', runs)).stdout).toBe('small; 3 trials: 3 left\n');
    expect((await place.call('list', '--runs', runs)).stdout).toMatch(/ small +registered +3\n/);
    const again = await place.call('register', file, '--runs', runs);
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/^small is registered since \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/);
    expect(again.stdout).toContain(digest);
    const changed = await place.call('register', write({ claims: [LIMIT] }), '--runs', runs);
    expect(changed.status).toBe(3);
    expect(changed.stdout).toContain(digest);
    expect(changed.stdout).toMatch(
      /what was kept stands.*\n\* \[small, bits\] published 0\.5: taken out after the table was registered \(/,
    );
    expect((await judged(runs, {})).registered).toMatchObject({ digest, done: 0, trials: 3, seen: 0 });
    expect((await place.call('judge', file, '--runs', runs)).stdout).toMatch(
      new RegExp(`\\* Registered \\S+ before any of its 3 trials was on record, sha256 ${digest.slice(0, 12)}\\.\n`),
    );
  });

  it('says what was known already, in words and as data', async () => {
    const runs = store();
    await judged(runs, { name: 'other', claims: [LIMIT] });
    const json = JSON.parse((await place.call('register', write({}), '--runs', runs, '--json')).stdout) as object;
    expect(json).toMatchObject({ kind: 'registered', by: 'register', registered: { done: 3, trials: 3, seen: 1 }, changes: [] });
    expect((await place.call('list', '--runs', runs)).stdout).toMatch(/ other +judged +0\n/);
    const page = join(place.folder, 'registered.html');
    expect(await place.call('report', write({}), '--runs', runs, '--output', page)).toMatchObject({ status: 0 });
    expect(readFileSync(page, 'utf8')).toMatch(
      /Registered \S+ when 3 of its 3 trials were on record and 1 claim had been looked at in other tables, sha256 [0-9a-f]{12}\./,
    );
    expect(readFileSync(page, 'utf8')).toContain(
      createHash('sha256')
        .update(readFileSync(artifact(runs, 'protocol.json')))
        .digest('hex'),
    );
    expect(notes(await judged(runs, { claims: [PUBLISHED.replace('0.02', '0.05'), LIMIT] }), 'F31')).toEqual([
      '[small, bits] published 0.5: margin is 0.05, was 0.02 when the table was registered (DATE).',
    ]);
  });

  it('comes too late once verdicts were printed, and a table that never was says nothing', async () => {
    const runs = store();
    expect((await judged(runs, {})).registered).toBeUndefined();
    const late = await place.call('register', write({}), '--runs', runs);
    expect(late.status).toBe(3);
    expect(late.stdout).toMatch(/^small: verdicts were printed before it was registered, first by "judge" \(/);
    expect((await judged(runs, {})).registered).toBeUndefined();
  });

  it('refuses what claims nothing, and writes nothing then', async () => {
    const runs = join(place.folder, 'nothing');
    const file = write({});
    writeFileSync(file, readFileSync(file, 'utf8').replace(/claims:[^]*/, 'claims: []\n'));
    expect(await place.call('register', file, '--runs', runs)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('there is nothing to register'),
    });
    expect(existsSync(runs)).toBe(false);
  });
});

describe('seeds on record that a table does not ask for', () => {
  it('are told, whatever the names of rows and tables', async () => {
    const runs = store();
    const few = await judged(runs, {
      head: 'seeds: [2, 4, 5]',
      name: 'few',
      row: 'tiny: {base: tiny.yaml, label: a small one}',
      claims: [LIMIT.replace('small', 'tiny')],
    });
    expect(notes(few, 'F32')).toEqual([
      '3 of 5 seeds of a small one on record are asked for; over all of them no verdict on these is another one.',
    ]);
    expect(notes(await judged(runs, {}, '--seeds', '5'), 'F32')).toEqual([]);
    expect(notes(await judged(runs, { row: 'small: {base: tiny.yaml, set: {training.epochs: 2}}' }), 'F32')).toEqual([]);
    expect(notes(await judged(runs, {}, '--seeds', '[8, 9, 10]'), 'F32')).toEqual([]);
  });

  it('are told by why, at each claim that they are about', async () => {
    const runs = store();
    const { stdout } = await place.call('why', write({ claims: [LIMIT] }), 'small', '--runs', runs);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '· note: 3 of 5 seeds of small on record are asked for; over all of them no verdict on these is another one.',
    );
  });
});
