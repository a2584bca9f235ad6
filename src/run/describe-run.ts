import { dirname, resolve } from 'node:path';
import { type ExperimentConfig, type ResolvedConfig, experimentSchema } from '../language/experiment.js';
import { fileFrom, withFiles, writeResolved } from '../language/resolve.js';
import { describePlan } from '../report/plan/describe.js';
import { leaves } from '../planning/leaves.js';
import { planToJson } from '../planning/plan-json.js';
import type { Plan } from '../planning/plan.js';
import { PREPROCESSING_FILE, preprocessingOf } from '../planning/preprocessing.js';
import { workTag } from '../record/reader.js';
import { formatEnvironment, standardTags } from '../record/environment.js';
import { fittingKey, limits, shortened } from '../record/keys.js';
import type { RunStart } from '../record/start.js';
import type { Stage } from '../stages/stage.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import { shown } from '../host/folders.js';
import { modulesAsArtifacts } from '../modules/keep-modules.js';
import type { OwnModules } from '../modules/use-modules.js';
import type { Surroundings } from '../host/surroundings.js';
import { RESOLVED } from './recorded-document.js';

/** The tag that holds the seed of a run. */
export const seedTag = 'retable.seed';

/** What a run's record says before its first step: a person can repeat the run from it alone. */
export function describeRun(
  plan: Plan,
  surroundings: Surroundings,
  { own, stages }: { readonly own?: OwnModules | undefined; readonly stages: readonly Stage[] },
): Omit<RunStart, 'runId' | 'startTime' | 'owner'> {
  const { config } = plan;
  return {
    experiment: plan.name,
    runName: shortened(nameOf(plan, stages), limits.tag),
    user: surroundings.user,
    parameters: Object.fromEntries(
      [...leaves(config.values)]
        .filter(([path]) => path !== 'on_finish')
        .map(([path, value]) => [fittingKey(path), shortened(String(value), limits.parameter)]),
    ),
    tags: {
      ...standardTags({
        user: surroundings.user,
        source: config.file,
        sourceType: 'LOCAL',
        git: surroundings.git,
        ...(config.values.description !== undefined && { note: config.values.description }),
      }),
      [workTag]: plan.work.key,
      [seedTag]: String(plan.seed),
    },
    datasets: Object.entries(plan.data.splits).map(([split, { examples }]) => ({
      name: config.values.dataset.kind,
      digest: plan.data.digest,
      sourceType: 'code',
      source: JSON.stringify(config.values.dataset),
      profile: JSON.stringify({ num_rows: examples }),
      context: split === 'train' ? 'training' : split,
    })),
    artifacts: new Map([
      [sourceArtifact(config.file), config.source],
      ...(own ? modulesAsArtifacts(own) : []),
      [RESOLVED, writeResolved(inFull(config, stages))],
      ['plan.txt', describePlan(plan)],
      ['plan.json', `${JSON.stringify(planToJson(plan), null, 2)}\n`],
      [PREPROCESSING_FILE, `${JSON.stringify(preprocessingOf(plan.data), null, 2)}\n`],
      ['environment.json', formatEnvironment(surroundings.environment)],
    ]),
  };
}

/** With files by their whole paths: the record lies in another folder than the document. */
function inFull(config: ResolvedConfig, stages: readonly Stage[]): ResolvedConfig {
  const whole = (written: string): string => resolve(fileFrom(dirname(config.file), written));
  return { ...config, values: withFiles(experimentSchema(stages), config.values, whole) as ExperimentConfig };
}

/** Where a record keeps a document: under the name that its file had. */
export const sourceArtifact = (file: string): string => `source/${file.split(/[\\/]/).at(-1) ?? 'document.yaml'}`;

/** `lstm_addition hidden_size 16, learning_rate 0.001 seed 2`: what was set apart from the document tells the trials of a sweep apart in MLflow's list. */
function nameOf({ name, seed, config }: Plan, stages: readonly Stage[]): string {
  const values = withFiles(experimentSchema(stages), config.values, (written) => shown(fileFrom(dirname(config.file), written)));
  const changed = [...leaves(values)]
    .filter(([path]) => path !== 'seed' && !path.startsWith('accept.') && config.origins.get(path)?.from === 'set')
    .map(([path, value]) => ({ path, value, from: [] }));
  return [name, nameConfiguration(changed), `seed ${seed}`].filter((part) => part !== '').join(' ');
}
