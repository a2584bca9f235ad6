import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/*
 * An export is a promise to other files: what none of them imports is private. Names are read from the text, which Prettier keeps in one form.
 */

/** Exported for tests, benchmarks and pages of docs alone. */
const FOR_TESTS: readonly string[] = [
  'src/cli/options-by-kind.ts FOR_SOME',
  'src/cli/options-by-kind.ts PAIRS',
  'src/engine/native.ts Native',
  'src/engine/native.ts findNative',
  'src/engine/native.ts helpFor',
  'src/engine/onnx/model.ts Field',
  'src/engine/onnx/model.ts encode',
  'src/engine/onnx/model.ts float',
  'src/engine/onnx/model.ts message',
  'src/engine/onnx/model.ts messageOf',
  'src/engine/onnx/model.ts varint',
  'src/engine/passes/layout.ts createLayout',
  'src/engine/passes/pretranspose-weights.ts createPretransposeWeights',
  'src/engine/patched-kernels.ts WRONG_IN_WASM',
  'src/engine/patched-kernels.ts inJavaScriptAlone',
  'src/engine/tape/loop.ts piecesOf',
  'src/language/load.ts loadExperiment',
  'src/language/type.ts withKind',
  'src/launch/cluster/follow.ts launchOn',
  'src/launch/local/local.ts reasonOfEnd',
  'src/launch/local/local.ts refuseTooMany',
  'src/launch/ray/ray.ts rayScheduler',
  'src/launch/slurm/script.ts SlurmOptions',
  'src/launch/slurm/script.ts secondsOf',
  'src/launch/slurm/slurm.ts forgotten',
  'src/launch/slurm/slurm.ts readSacct',
  'src/launch/slurm/slurm.ts readSqueue',
  'src/launch/slurm/slurm.ts slurmScheduler',
  'src/launch/slurm/slurm.ts stateOf',
  'src/planning/work.ts WorkParts',
  'src/random/streams.ts philox',
  'src/record/checkpoint.ts decodeCheckpoint',
  'src/record/checkpoint.ts encodeCheckpoint',
  'src/record/files.ts diskFiles',
  'src/record/lease.ts takeLeaseIn',
  'src/record/works.ts Attempt',
  'src/report/kit/chart.ts CurveChart',
  'src/report/kit/colours.ts COLOURS',
  'src/report/kit/latex.ts latexText',
  'src/run/signatures.ts SIGNATURES',
  'src/run/signatures.ts Symptoms',
  'src/run/signatures.ts isDegenerate',
  'src/report/run/summary.ts Progress',
  'src/report/study/sweep-axes-chart.ts importances',
  'src/report/study/sweep-report.ts curvesOf',
  'src/report/study/why.ts explain',
  'src/run/forecast-pictures.ts SplitForecasts',
  'src/run/kept-files.ts parseSamples',
  'src/same/compare.ts examine',
  'src/same/compare.ts trainFor',
  'src/stages/metric/entity-f1.ts entitiesOf',
  'src/stages/dataset/encoding.ts LARGEST_TEXT',
  'src/stages/model/gru.ts gruWeightsFromScratch',
  'src/stages/model/layers-adapter.ts weightsOf',
  'src/stages/model/lstm.ts lstmWeightsFromScratch',
  'src/stages/model/rnn.ts rnnWeightsFromScratch',
  'src/stages/model/sequential.ts layerKinds',
  'src/statistics/brunner-munzel.ts brunnerMunzelTest',
  'src/statistics/shares.ts scoreOf',
  'src/statistics/tests.ts TwoByTwo',
  'src/study/claims/footnotes.ts rules',
  'src/study/claims/rules.ts rules',
  'src/study/proposals/propose.ts Tried',
  'src/study/proposals/prune.ts standingOf',
  'src/study/settled.ts differenceOf',
  'src/track/connection.ts Variables',
  'src/track/wire.ts batchLimits',
  'src/train/sample.ts chooseToken',
  'src/train/watch.ts Watch',
];

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|js)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const read = (file: string): string => readFileSync(file, 'utf8');

/** `FILE NAME` of all that a file exports. */
const exportsOf = (file: string): readonly string[] =>
  Array.from(read(file).matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm), ([, name]) => `${file} ${name}`);

/** `FILE NAME` of all that a file imports, or hands on; `FILE *` where it takes the whole file. */
function importsOf(file: string): readonly string[] {
  const from = (path: string): string =>
    normalize(join(dirname(file), path))
      .replace(/^dist\b/, 'src')
      .replace(/\.js$/, '.ts');
  const named = Array.from(
    read(file).matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm),
    ([, names = '', path = '']) =>
      names.split(',').map(
        (name) =>
          `${from(path)} ${name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, '')}`,
      ),
  );
  const whole = Array.from(read(file).matchAll(/(?:\* as \w+ from |import\()'(\.[^']+)'/g), ([, path = '']) => `${from(path)} *`);
  return [...named.flat(), ...whole];
}

const taken = (files: readonly string[]) => {
  const names = new Set(files.flatMap(importsOf));
  return (name: string): boolean => names.has(name) || names.has(name.replace(/ .*/, ' *'));
};

const sources = filesOf('src');
/** Rooms that are being rebuilt. */
/** Where people's programs come in. */
const entries = Array.from(read('package.json').matchAll(/"\.\/dist\/([\w/-]+)\.js"/g), ([, name]) => `src/${name}.ts`);
const inside = taken([...sources, ...filesOf('bin')]);
const unused = sources
  .filter((file) => !entries.includes(file))
  .flatMap(exportsOf)
  .filter((name) => !inside(name));
const outside = taken(['test', 'bench', 'docs'].flatMap(filesOf));

test('nothing is exported that nobody imports', () => {
  expect(unused.filter((name) => !outside(name))).toEqual([]);
});

test('what only tests import stands in the list above', () => {
  expect(unused.filter(outside).toSorted()).toEqual(FOR_TESTS.toSorted());
});
