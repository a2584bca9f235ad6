import { aliases, families, kernelNames, kernels, sizedByValues } from '../../src/engine/tape/record.js';
import { complex, toComplex } from '../../src/engine/tape/kernels/complex.js';
import { inJavaScriptAlone, WRONG_IN_WASM } from '../../src/engine/patched-kernels.js';
import { importBackend, tf } from '../../src/engine/tf.js';
import { DECLARED, FILES, reasons } from './tfjs/reasons.js';

/** What keeps a kernel of TensorFlow.js from being compiled. */
const REASONS = {
  text: 'a program computes with numbers, not with text',
  random: 'it draws random numbers, which would be the same at every step: draw them outside',
  browser: 'it needs a browser',
  unused: 'TensorFlow.js makes it of other kernels',
} as const;

const LEFT_OUT: Readonly<Record<string, keyof typeof REASONS>> = {
  Draw: 'browser',
  FromPixels: 'browser',
  LowerBound: 'unused',
  MatrixBandPart: 'unused',
  Multinomial: 'random',
  Pool: 'unused',
  StaticRegexReplace: 'text',
  StringNGrams: 'text',
  StringSplit: 'text',
  StringToHashBucketFast: 'text',
  UpperBound: 'unused',
};

/** `docs/internals/engine-coverage.md`: every kernel of TensorFlow.js, and which engine runs it. Throws where the tables above forget one. */
export function describeCoverage(): string {
  for (const backend of ['cpu', 'wasm'] as const) importBackend(backend);
  const groups = [...Object.entries(families), ['complex numbers', complexOnly()] as const].map(
    ([family, table]): [string, readonly string[]] => [
      family,
      [...Object.keys(table), ...(family === 'shape' ? Object.keys(aliases) : [])].toSorted(),
    ],
  );
  const compiled = new Set(groups.flatMap(([, names]) => names));
  const rest = kernelNames()
    .filter((name) => !compiled.has(name) && !sizedByValues.has(name))
    .toSorted();
  const forgotten = [...rest.filter((name) => !LEFT_OUT[name]), ...Object.keys(LEFT_OUT).filter((name) => !rest.includes(name))];
  if (forgotten.length > 0) throw new Error(`these kernels are compiled and left out, or neither: ${forgotten.join(', ')}`);

  return [
    '# What the engines run',
    '',
    `TensorFlow.js ${tf.version_core} has ${kernelNames().length} kernels, of which its public functions, \`tf.train\` and \`tf.layers\` are made. The engine \`compiled\` takes`,
    `${compiled.size} of them, and ${sizedByValues.size} more where values are known beforehand; a step that uses another is refused by name, with the engines that run it.`,
    '',
    'This page is made from the tables of kernels: `npx vitest run test/engine/coverage.test.ts -u` writes it anew.',
    '',
    'Gradient: TensorFlow.js has one for the kernel, or `src/engine/gradients.ts` gives it one, for every engine; it is made of kernels on this page. Of complex numbers, `compiled` takes those that say so.',
    '',
    '`eager-wasm` has JavaScript run what WebAssembly lacks, and what it has wrong: see the last section.',
    '',
    ...groups.flatMap(([family, names]) => [`## ${capital(family)}`, '', ...table(names), '']),
    '## Sized by values',
    '',
    "Values decide what shape the results of these have, or whether there is one, and a program's tensors have one shape. `compiled` takes them",
    'where all that they are given are constants of the step: JavaScript computes the result while the step is recorded. Else it refuses them.',
    '',
    ...rows(['kernel', 'eager-js', 'eager-wasm'], [...sizedByValues], eager),
    '',
    '## Not compiled',
    '',
    ...rows(['kernel', 'eager-js', 'eager-wasm', 'why not compiled'], rest, (name) => [
      ...eager(name),
      REASONS[LEFT_OUT[name] ?? 'unused'],
    ]),
    '',
    '## Wrong in WebAssembly',
    '',
    `Kernels of TensorFlow.js ${tf.version_core} for WebAssembly that give other numbers than those in JavaScript. JavaScript runs them, and all that`,
    'are called with truth values or with nothing at all.',
    '',
    ...rows(['kernel', 'what it does'], Object.keys(WRONG_IN_WASM).toSorted(), (name) => [WRONG_IN_WASM[name] ?? '']),
    '',
    "## What TensorFlow.js's own tests show",
    '',
    `TensorFlow.js ships ${number(FILES)} files of tests with its core. Without a browser they declare ${number(DECLARED)} tests; \`npx vitest run test/engine/tfjs\` runs`,
    `each on what \`compiled\` records, and ${number(DECLARED - notPassed)} pass. Those of kernels that are sized by values`,
    `give them constants. The other ${number(notPassed)} don't pass, each for one of these reasons, which the same command checks:`,
    '',
    ...markdown(
      ['tests', 'why they do not pass'],
      reasons.map(({ tests, why }) => [number(tests), why]),
    ),
    '',
  ].join('\n');
}

const complexOnly = (): object =>
  Object.fromEntries(Object.entries({ ...complex, ...toComplex }).filter(([name]) => !kernels[name] && !aliases[name]));

const table = (names: readonly string[]): readonly string[] =>
  rows(['kernel', 'gradient', 'complex', 'eager-js', 'eager-wasm'], names, (name) => [
    mark(tf.getGradient(name)),
    mark(complex[name] ?? toComplex[name] ?? aliases[name]),
    ...eager(name),
  ]);

const eager = (name: string): readonly string[] => [
  mark(tf.getKernel(name, 'cpu')),
  inJavaScriptAlone.has(name) ? 'JavaScript' : mark(tf.getKernel(name, 'wasm')),
];

const mark = (there: unknown): string => (there ? 'yes' : '');

/** A table with a line for each kernel. */
function rows(header: readonly string[], names: readonly string[], cells: (name: string) => readonly string[]): readonly string[] {
  return markdown(
    header,
    names.map((name) => [`\`${name}\``, ...cells(name)]),
  );
}

/** A table of Markdown, its columns padded. */
function markdown(header: readonly string[], body: readonly (readonly string[])[]): readonly string[] {
  const all = [header, ...body];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first, ...rest] = all.map(line);
  return [first ?? '', `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest];
}

const notPassed = reasons.reduce((sum, { tests }) => sum + tests, 0);

const number = (count: number): string => count.toLocaleString('en');

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
