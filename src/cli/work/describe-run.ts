import { writeResolved } from '../../language/write.js';
import { describePlan } from '../../planning/describe.js';
import { leaves } from '../../planning/leaves.js';
import { planToJson } from '../../planning/plan-json.js';
import type { Plan } from '../../planning/plan.js';
import { workTag } from '../../record/reader.js';
import { formatEnvironment } from '../../record/environment.js';
import { standardTags } from '../../record/tags.js';
import type { RunStart } from '../../record/start.js';
import { nameConfiguration } from '../../sweep/results.js';
import { modulesAsArtifacts } from '../use/keep-modules.js';
import type { OwnModules } from '../use/use-modules.js';
import type { Surroundings } from './surroundings.js';

/** What a run's record says before its first step: a person can repeat the run from it alone. */
export function describeRun(
  plan: Plan,
  surroundings: Surroundings,
  own: OwnModules | undefined,
): Omit<RunStart, 'runId' | 'startTime' | 'owner'> {
  const { config } = plan;
  return {
    experiment: plan.name,
    runName: nameOf(plan),
    user: surroundings.user,
    parameters: Object.fromEntries([...leaves(config.values)].map(([path, value]) => [path, String(value)])),
    tags: {
      ...standardTags({
        user: surroundings.user,
        source: config.file,
        sourceType: 'LOCAL',
        git: surroundings.git,
        ...(config.values.description !== undefined && { note: config.values.description }),
      }),
      [workTag]: plan.work.key,
      'retable.seed': String(plan.seed),
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
      ['config.resolved.yaml', writeResolved(config)],
      ['plan.txt', describePlan(plan)],
      ['plan.json', `${JSON.stringify(planToJson(plan), null, 2)}\n`],
      ['environment.json', formatEnvironment(surroundings.environment)],
    ]),
  };
}

/** Where a record keeps a document: under the name that its file had. */
export const sourceArtifact = (file: string): string => `source/${file.split(/[\\/]/).at(-1) ?? 'document.yaml'}`;

/** `lstm_addition hidden_size 16, learning_rate 0.001 seed 2`: what was set apart from the document tells the trials of a sweep apart in MLflow's list. */
function nameOf({ name, seed, config }: Plan): string {
  const changed = [...leaves(config.values)]
    .filter(([path]) => path !== 'seed' && config.origins.get(path)?.from === 'set')
    .map(([path, value]) => ({ path, value, from: [] }));
  return [name, nameConfiguration(changed), `seed ${seed}`].filter((part) => part !== '').join(' ');
}
