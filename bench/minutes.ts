import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Contender, openContender } from './contender.js';
import { bench, type Candidate } from './harness.js';
import { prepared } from './pace.js';
import { inScratch, onCore, peersPython, runner } from './product.js';

/** Seconds that a measurement goes on for. */
const SECONDS = 0.8;
const TABLE = fileURLToPath(new URL('../experiments/tables/time_machine.yaml', import.meta.url));
const PEERS = fileURLToPath(new URL('peers/recurrent_torch.py', import.meta.url));
const TOKENS = 'tokens/s';
const MINUTES = 'minutes';

/** By row of the table: the net of recurrent_torch.py that takes the same steps. */
const NETS: Readonly<Record<string, string>> = {
  rnn_scratch: 'rnn',
  rnn_scratch_state_reset: 'rnn',
  rnn_builtin: 'nn.rnn_256',
  gru_scratch: 'gru',
  gru_builtin: 'nn.gru',
  lstm_scratch: 'lstm',
  lstm_builtin: 'nn.lstm',
  deep_lstm: 'nn.deep_lstm',
  bidirectional_lstm: 'nn.bilstm',
};

interface Row {
  readonly name: string;
  readonly document: string;
  readonly net: string;
  /** Of all its runs together. */
  readonly tokens: number;
}

/** Two processes that work at the same time, a core each. */
type Pair = readonly [Contender, Contender];

/**
 * How long the table of the time machine trains on two cores, beside PyTorch: the steps of every row are measured, two processes at a time, and the
 * minutes computed from them and from the number of tokens that the row's runs go through.
 */
await inScratch(async (folder) => {
  const { rows, seeds } = tableOfRows();
  const batches = join(folder, 'batches.json');
  const ours = await pairOf([process.execPath, [runner, 'contender-ours']], { RETABLE_CACHE: join(folder, 'cache') });
  await ours[0].ask({ document: rows[0]?.document, batches });
  const python = peersPython();
  const one = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const torch = python === undefined ? undefined : await pairOf([python, [PEERS, batches, '1']], one);
  const candidates = [
    ...side('retable', rows, ours, ({ document }) => ({ document, threads: 1, seconds: SECONDS })),
    ...(torch ? side('PyTorch', rows, torch, ({ net }) => ({ net, seconds: SECONDS })) : []),
  ];
  try {
    for (const { measure } of candidates) await measure();
    await bench({
      name: 'minutes',
      about:
        `training all rows of experiments/tables/time_machine.yaml with ${seeds} seeds on two cores, two processes at a time with one thread each. The steps of ` +
        `each row are measured, ${SECONDS} s a round, in both processes together; the minutes are computed from them and from the tokens of the row's runs. ` +
        'Not in it, on either side: to start, to write samples, to keep records and checkpoints.',
      candidates,
      figures: torch ? [{ label: 'all rows, PyTorch / retable', of: ['all, PyTorch', MINUTES], over: ['all, retable', MINUTES] }] : [],
      versions: torch?.[0].versions ?? {},
    });
  } finally {
    for (const contender of [...ours, ...(torch ?? [])]) await contender.close();
  }
});

function tableOfRows(): { readonly rows: readonly Row[]; readonly seeds: number } {
  const {
    rows,
    seeds: { stages },
  } = parse(readFileSync(TABLE, 'utf8')) as {
    readonly rows: Readonly<Record<string, { readonly base: string }>>;
    readonly seeds: { readonly stages: readonly number[] };
  };
  // What all rows train in any case.
  const [seeds = 0] = stages;
  const known = Object.entries(rows).map(([name, { base }]): Row => {
    const net = NETS[name];
    if (net === undefined) throw new Error(`which net of ${PEERS} takes the steps of the row ${name}?`);
    const document = join(TABLE, '..', base);
    const { data, training } = prepared({ document }).plan;
    return { name, document, net, tokens: seeds * training.epochs * (data.splits['train']?.tokens ?? Number.NaN) };
  });
  return { rows: known, seeds };
}

async function pairOf(command: readonly [string, readonly string[]], environment: Readonly<Record<string, string>>): Promise<Pair> {
  const open = (core: number): Promise<Contender> => openContender(onCore(core, ...command), environment);
  return [await open(0), await open(1)];
}

/** Every row, then all of them: of the round that was just measured. */
function side(
  who: string,
  rows: readonly Row[],
  [first, second]: Pair,
  ask: (row: Row) => Readonly<Record<string, unknown>>,
): readonly Candidate[] {
  const minutes = new Map<string, number>();
  return [
    ...rows.map((row): Candidate => ({
      name: `${row.name}, ${who}`,
      async measure() {
        const rates = await Promise.all([first, second].map(async (contender) => (await contender.ask(ask(row)))[TOKENS] ?? Number.NaN));
        const rate = rates.reduce((sum, each) => sum + each, 0);
        minutes.set(row.name, row.tokens / rate / 60);
        return { [TOKENS]: rate, [MINUTES]: row.tokens / rate / 60 };
      },
    })),
    { name: `all, ${who}`, measure: async () => ({ [MINUTES]: [...minutes.values()].reduce((sum, each) => sum + each, 0) }) },
  ];
}
