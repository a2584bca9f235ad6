// What a person sees in an editor, asked of yaml-language-server itself: check.mjs PROGRAM. It says what is not as it should be, and ends with 1.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openEditor } from './language-server.mjs';

const [program = ''] = process.argv.slice(2);
const wrong = [];
const claims = [];

/** @param {string} claim @param {boolean} holds @param {unknown} seen */
function holds(claim, holds, seen) {
  claims.push(claim);
  if (!holds) wrong.push(`${claim}; there is\n${typeof seen === 'string' ? seen : JSON.stringify(seen, null, 2)}`);
}

const editor = await openEditor(program);
const experiments = resolve('experiments');
const schemaOf = (kind) => JSON.parse(readFileSync(`schemas/${kind}.schema.json`, 'utf8'));
const experiment = schemaOf('experiment');
const head = '# yaml-language-server: $schema=../schemas/experiment.schema.json\nexperiment: x\n';
const labelled = (offers, label) => offers.find((offer) => offer.label === label);

await kinds();
await numbers();
await mistakes();
await paths();
await editor.close();

for (const each of wrong) console.error(each);
console.log(`${claims.length - wrong.length} of ${claims.length} claims about an editor hold`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** The kinds of every choice are offered with what they are, and a kind says so under the pointer. */
async function kinds() {
  for (const slot of ['dataset', 'model', 'loss', 'optimizer', 'metrics']) {
    const item = slot === 'metrics' ? '- ' : '';
    const { oneOf } = slot === 'metrics' ? experiment.properties.metrics.items : experiment.properties[slot];
    const offers = await editor.complete(experiments, `${head}${slot}:\n  ${item}kind: ¦`);
    const about = oneOf.map(({ title, description }) => [title, description]);
    holds(
      `kind: of ${slot} offers all kinds, each with its summary`,
      JSON.stringify(offers.map(({ label, about }) => [label, about])) === JSON.stringify(about),
      offers,
    );
    for (const { title, description } of oneOf) {
      const seen = await editor.hover(experiments, `${head}${slot}:\n  ${item}kind: ${title.slice(0, 1)}¦${title.slice(1)}\n`);
      holds(`the pointer over kind: ${title} of ${slot} says its summary`, seen.includes(`\`${title}\`: ${description}`), seen);
    }
  }
  const offers = await editor.complete(experiments, `${head}model:\n  ¦`);
  holds('model: offers an LSTM by its name', labelled(offers, 'lstm')?.inserted === 'kind: lstm\nhidden_size: 32', offers);
  const item = await editor.complete(experiments, `${head}metrics:\n  - ¦`);
  holds('a metric is offered by its name', labelled(item, 'accuracy')?.inserted === 'kind: accuracy', item);
  const top = await editor.complete(experiments, `${head}¦`);
  holds('metrics: begins a list', labelled(top, 'metrics')?.inserted.startsWith('metrics:\n  - '), labelled(top, 'metrics'));
  holds(
    'no label is made of types',
    [...offers, ...item].every(({ label }) => !label.includes('object')),
    [...offers, ...item].map(({ label }) => label),
  );
}

/** What stands in a document after an option is chosen: a number of its own, and 0 only where that is its default. */
async function numbers() {
  const places = [['', experiment], ...Object.entries(experiment.properties).flatMap(placesBelow)];
  for (const [text, { properties = {} }] of places) {
    const offers = await editor.complete(experiments, `${head}${text}¦`);
    for (const [key, part] of Object.entries(properties)) {
      if (!['integer', 'number'].includes(part.type)) continue;
      const value = part.default ?? part.examples[0];
      holds(
        `${text || 'the document'} offers ${key}: ${value}`,
        labelled(offers, key)?.inserted === `${key}: ${value}`,
        labelled(offers, key),
      );
    }
  }
}

/** Texts that end where the options of a stage, or of training, are written. */
function placesBelow([name, part]) {
  if (part.oneOf) return part.oneOf.map((kind) => [`${name}:\n  kind: ${kind.title}\n  `, kind]);
  if (part.items?.oneOf) return part.items.oneOf.map((kind) => [`${name}:\n  - kind: ${kind.title}\n    `, kind]);
  return part.properties ? [[`${name}:\n  `, part]] : [];
}

async function mistakes() {
  const seen = await editor.mistakes(experiments, `${head}model:\n  kind: ltsm\n  hidden_size: 32\n`);
  const line = seen.find((each) => each.startsWith('4: ')) ?? '';
  holds(
    'a misspelt kind is told all kinds',
    ['rnn', 'gru', 'lstm', 'sequential'].every((kind) => line.includes(`"${kind}"`)),
    seen,
  );
  const key = await editor.mistakes(experiments, `${head}model:\n  kind: lstm\n  hiden_size: 32\n`);
  holds(
    'a misspelt key is underlined',
    key.some((each) => each.includes('hiden_size')),
    key,
  );
}

/** In a sweep, with the schema that its own base gives. */
async function paths() {
  const folder = mkdtempSync(join(tmpdir(), 'retable-editor-'));
  const schema = join(folder, 'sweep.schema.json');
  execFileSync(process.execPath, ['bin/retable.js', 'schema', 'sweep', 'experiments/lstm_addition.yaml', '--output', schema], {
    stdio: 'pipe',
  });
  const head = '# yaml-language-server: $schema=sweep.schema.json\nsweep: x\nbase: lstm_addition.yaml\n';
  const labels = (offers) => offers.map(({ label }) => label);
  try {
    const vary = await editor.complete(folder, `${head}vary:\n  - ¦`);
    const offered = ['model.hidden_size', 'model.readout', 'optimizer.learning_rate', 'training.epochs', 'metrics.0.kind'];
    holds(
      'vary: offers the paths of the base',
      offered.every((path) => labelled(vary, path)),
      labels(vary),
    );
    const strange = ['model.reset', 'optimizer.momentum', 'training.checkpoint_every', 'experiment', 'seed'];
    holds('vary: offers nothing that is of no use there', !strange.some((path) => labelled(vary, path)), labels(vary));
    holds('a path says what it is', labelled(vary, 'model.hidden_size')?.about === 'Units of the hidden state.', vary);
    holds('a number begins with that of the base', /- 32\b/.test(labelled(vary, 'model.hidden_size')?.inserted), vary);

    const words = await editor.complete(folder, `${head}vary:\n  - model.readout:\n      - ¦`);
    holds('the values of a path are offered', labels(words).join() === 'last,every', words);
    const axis = await editor.complete(folder, `${head}vary:\n  - model.hidden_size:\n      kind: ¦`);
    holds('whole numbers are drawn as whole numbers', labels(axis).join() === 'range,integer,choice', axis);
    const set = await editor.complete(folder, `${head}set:\n  ¦`);
    holds(
      'set: offers the paths of the base',
      offered.every((path) => labelled(set, path)),
      labels(set),
    );
    const metric = await editor.complete(folder, `${head}select:\n  metric: ¦`);
    holds(
      'select: offers what the base records',
      labelled(metric, 'test/exact_match') && !labelled(metric, 'train/examples_per_second'),
      metric,
    );

    const seen = await editor.mistakes(
      folder,
      `${head}vary:\n  - model.hiden_size: [1]\n  - model.hidden_size: [0]\nselect: {metric: test/loss}\n`,
    );
    holds(
      'a misspelt path is underlined',
      seen.some((each) => each.includes('model.hiden_size')),
      seen,
    );
    holds(
      'a value that a path does not take is underlined',
      seen.some((each) => each.startsWith('6: ')),
      seen,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
