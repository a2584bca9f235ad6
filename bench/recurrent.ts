import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Contender, openContender } from './contender.js';
import { bench, type Candidate, type Figure } from './harness.js';
import { experiment, inScratch, onCores, peersPython, runner } from './product.js';
import { STEPS, writeWindows } from './windows.js';

/** Seconds that a measurement goes on for; a round takes one of each candidate. */
const SECONDS = 0.8;
const LARGE = 1024;

/**
 * Floating-point operations that one token needs: forward, gradients of what came before, gradients of the weights, each one product with every
 * matrix. Letters need no gradient. Elementwise work counts for nothing.
 */
const operations = (gates: number, hidden: number, vocabulary = 28): number =>
  6 * (gates * hidden ** 2 + hidden * vocabulary) + 4 * gates * hidden * vocabulary;

interface Net {
  readonly title: string;
  /** Name in the peers' files. */
  readonly name: 'lstm' | 'gru' | 'rnn';
  readonly scratch: string;
  readonly builtin: string;
  readonly set?: readonly string[];
  readonly flop: number;
  /** How many times as fast as PyTorch ours must be: from scratch on one thread, built in on one and on two. */
  readonly wanted: { readonly scratch: number; readonly builtin: Wanted };
}
type Wanted = readonly [oneThread: number | undefined, twoThreads: number | undefined];

const NETS: readonly Net[] = [
  {
    title: 'LSTM 256',
    name: 'lstm',
    scratch: 'lstm_time_machine',
    builtin: 'lstm_time_machine_builtin',
    flop: operations(4, 256),
    wanted: { scratch: 1.6, builtin: [1, 0.95] },
  },
  {
    title: 'GRU 256',
    name: 'gru',
    scratch: 'gru_time_machine',
    builtin: 'gru_time_machine_builtin',
    flop: operations(3, 256),
    wanted: { scratch: 1.6, builtin: [1, undefined] },
  },
  {
    title: 'RNN 512',
    name: 'rnn',
    scratch: 'rnn_time_machine',
    builtin: 'rnn_time_machine_builtin',
    set: ['model.hidden_size=512'],
    flop: operations(1, 512),
    wanted: { scratch: 1.4, builtin: [1, undefined] },
  },
];
const DEEP = { title: 'LSTM 2 x 256 built in', document: experiment('deep_lstm_time_machine'), wanted: [0.95, 0.9] as Wanted };
/** Small and long, of one value: a token is a time step. */
const WINDOWS = { title: `LSTM 50 x ${STEPS}`, wanted: [1, undefined] as Wanted };
const IMPLEMENTATIONS = { scratch: 'scratch', 'built in': 'builtin' } as const;
/** What torch.compile is measured with: about a minute for each net until its first step is one net's worth. */
const COMPILED = 'lstm';
const TOKENS = 'tokens/s';
const ARITHMETIC = 'GFLOP/s';

interface Contenders {
  readonly ours: Contender;
  readonly torch?: Contender;
  readonly jax?: Contender;
  readonly keras?: Contender;
}

/**
 * Training steps of recurrent nets over text against PyTorch, JAX and Keras, on one core and on two, over the same batches. `--threads 1`
 * measures one number of threads alone.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { threads: { type: 'string' } }, strict: false });
  const chosen = values.threads === undefined ? [1, 2] : [Number(values.threads)];
  await inScratch(async (folder) => {
    const batches = join(folder, 'batches.json');
    const environment = { RETABLE_CACHE: join(folder, 'cache') };
    const open: { readonly threads: number; readonly contenders: Contenders }[] = [];
    try {
      for (const threads of chosen) open.push({ threads, contenders: await openAll(threads, batches, environment) });
      const windows = Object.fromEntries(
        Object.entries(IMPLEMENTATIONS).map(([title, implementation]) => [title, writeWindows(folder, implementation, 1000)]),
      );
      const candidates = open.flatMap(({ threads, contenders }) => candidatesOf(threads, contenders, windows));
      for (const { name, measure } of candidates) {
        process.stderr.write(`${name}: compiled and warm `);
        const began = performance.now();
        await measure();
        process.stderr.write(`in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
      }
      await bench({
        name: 'recurrent',
        about:
          'tokens a second of whole training steps over 32 x 35 characters of The Time Machine, one-hot, the state carried from batch to batch, ' +
          'gradients clipped to norm 1, SGD, the loss read at every step; the same batches for all. Each candidate trains for ' +
          `${SECONDS} s a round after some steps that don't count, with as many cores as threads. retable is its training loop as a run has it, ` +
          'the metric included, without record, samples and checkpoints. GFLOP/s counts the matrix products that a token needs; sgemm is a ' +
          `product of ${LARGE} x ${LARGE} matrices, one after another. LSTM 50 x ${STEPS} forecasts a series of one value, with Adam.`,
        candidates,
        figures: open.flatMap(({ threads, contenders }) => figuresOf(threads, contenders)),
        versions: Object.assign(
          {},
          ...open.flatMap(({ contenders }) => Object.values(contenders).map(({ versions }) => versions)),
        ) as Record<string, string>,
      });
    } finally {
      for (const { contenders } of open) for (const contender of Object.values(contenders)) await contender.close();
    }
  });
}

async function openAll(threads: number, batches: string, environment: Readonly<Record<string, string>>): Promise<Contenders> {
  const ours = await openContender(onCores(threads, process.execPath, [runner, 'contender-ours']), environment);
  await ours.ask({ document: experiment('lstm_time_machine'), batches });
  const python = peersPython();
  if (!python) {
    console.log('without peers: bench/peers.sh all installs them');
    return { ours };
  }
  const peer = (file: string): Promise<Contender> => {
    const script = fileURLToPath(new URL(`peers/recurrent_${file}.py`, import.meta.url));
    const counts = { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
    return openContender(onCores(threads, python, [script, batches, String(threads)]), counts);
  };
  return { ours, torch: await peer('torch'), jax: await peer('jax'), keras: await peer('keras') };
}

const nameOf = (threads: number, candidate: string): string => `${candidate}, ${threads === 1 ? '1 thread' : `${threads} threads`}`;

/** In an order in which those that are compared stand together. */
function candidatesOf(
  threads: number,
  { ours, torch, jax, keras }: Contenders,
  windows: Readonly<Record<string, string>>,
): readonly Candidate[] {
  const train = (title: string, document: string, flop?: number, more: Readonly<Record<string, unknown>> = {}): Candidate => ({
    name: nameOf(threads, title),
    async measure() {
      const rates = await ours.ask({ document, threads, seconds: SECONDS, ...more });
      const rate = rates[TOKENS] ?? STEPS * (rates['examples/s'] ?? Number.NaN);
      return { [TOKENS]: rate, ...(flop !== undefined && { [ARITHMETIC]: (rate * flop) / 1e9 }) };
    },
  });
  const rival = (title: string, contender: Contender | undefined, net: string): readonly Candidate[] =>
    contender
      ? [
          {
            name: nameOf(threads, title),
            async measure() {
              const { megabytes: _, ...rates } = await contender.ask({ net, seconds: SECONDS });
              return rates;
            },
          },
        ]
      : [];
  return [
    { name: nameOf(threads, 'sgemm, retable'), measure: () => ours.ask({ sgemm: LARGE, threads, seconds: SECONDS }) },
    ...rival('sgemm, PyTorch', torch, 'sgemm'),
    ...NETS.flatMap(({ title, name, scratch, builtin, set = [], flop }) => [
      train(`${title} scratch, retable`, experiment(scratch), flop, { set }),
      ...rival(`${title} scratch, PyTorch`, torch, name),
      ...(name === COMPILED ? rival(`${title} scratch, torch.compile`, torch, `compile.${name}`) : []),
      ...rival(`${title} scratch, JAX`, jax, name),
      ...rival(`${title}, Keras`, keras, name),
      train(`${title} built in, retable`, experiment(builtin), flop, { set }),
      ...rival(`${title} built in, PyTorch`, torch, `nn.${name}`),
    ]),
    train(`${DEEP.title}, retable`, DEEP.document),
    ...rival(`${DEEP.title}, PyTorch`, torch, 'nn.deep_lstm'),
    ...Object.entries(windows).map(([title, document]) => train(`${WINDOWS.title} ${title}, retable`, document)),
    ...rival(`${WINDOWS.title}, PyTorch`, torch, 'nn.windows'),
    ...(threads === 1
      ? [train('LSTM 256 scratch, TensorFlow.js wasm', experiment('lstm_time_machine'), undefined, { engine: 'eager-wasm' })]
      : []),
  ];
}

function figuresOf(threads: number, { torch }: Contenders): readonly Figure[] {
  const ratio = (of: string, over: string, quantity = TOKENS, atLeast?: number): Figure => ({
    label: nameOf(threads, `${of} / ${over}`),
    of: [nameOf(threads, of), quantity],
    over: [nameOf(threads, over), quantity],
    ...(atLeast !== undefined && { atLeast }),
  });
  const one = threads === 1;
  const wantedOf = (each: Wanted): number | undefined => each[threads - 1];
  const alone: readonly Figure[] = [
    ratio('LSTM 256 scratch, retable', 'sgemm, retable', ARITHMETIC, one ? 0.6 : undefined),
    ...(one ? [ratio('LSTM 256 scratch, retable', 'LSTM 256 scratch, TensorFlow.js wasm', TOKENS, 20)] : []),
  ];
  if (!torch) return alone;
  return [
    ...NETS.flatMap(({ title, name, wanted }) => [
      ratio(`${title} scratch, retable`, `${title} scratch, PyTorch`, TOKENS, one ? wanted.scratch : undefined),
      ...(name === COMPILED ? [ratio(`${title} scratch, retable`, `${title} scratch, torch.compile`, TOKENS, one ? 1 : undefined)] : []),
      ratio(`${title} scratch, retable`, `${title} scratch, JAX`, TOKENS, one ? 1 : undefined),
      ratio(`${title} scratch, retable`, `${title}, Keras`, TOKENS, one ? 1 : undefined),
      ratio(`${title} built in, retable`, `${title} built in, PyTorch`, TOKENS, wantedOf(wanted.builtin)),
    ]),
    ratio(`${DEEP.title}, retable`, `${DEEP.title}, PyTorch`, TOKENS, wantedOf(DEEP.wanted)),
    ...Object.keys(IMPLEMENTATIONS).map((title) =>
      ratio(`${WINDOWS.title} ${title}, retable`, `${WINDOWS.title}, PyTorch`, TOKENS, wantedOf(WINDOWS.wanted)),
    ),
    ...alone,
    ratio('LSTM 256 scratch, retable', 'sgemm, PyTorch', ARITHMETIC),
  ];
}

await main();
