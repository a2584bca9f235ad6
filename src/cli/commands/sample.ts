import { join } from 'node:path';
import { jsonText } from '../../diagnostics/columns.js';
import { createEngine } from '../../engine/create.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { cacheFolder, runsFolder } from '../../host/folders.js';
import { check } from '../../language/check.js';
import { describeExpected } from '../../language/describe.js';
import { sampling as how, seed } from '../../language/experiment.js';
import type { JsonSchema } from '../../language/type.js';
import { stagesOfRecord } from '../../modules/keep-modules.js';
import { samplesOfOtherAnswers } from '../../planning/messages.js';
import { planFromJson } from '../../planning/plan-json.js';
import type { Plan } from '../../planning/plan.js';
import { stageOptions } from '../../planning/use-stage.js';
import { namedVersion } from '../../planning/work.js';
import { createStreams } from '../../random/streams.js';
import { openStore, type Store } from '../../record/layout.js';
import { readTag, type RunHead } from '../../record/reader.js';
import { wordOf } from '../../run/run-record.js';
import { keptTag, statusOf } from '../../run/attempt.js';
import { theRun } from '../../run/find-runs.js';
import { planOfRecord, readWeights } from '../../run/weights.js';
import { writesTokens } from '../../stages/fitted.js';
import { findStage, stages as ourStages } from '../../stages/registry.js';
import type { Stage } from '../../stages/stage.js';
import { pipelineFor } from '../../train/pipeline.js';
import { createSampler, type SampleOptions, tokensOf } from '../../train/sample.js';
import type { Options, Run } from '../command.js';

/** A trained model of text goes on with what a person begins. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const head = theRun(store, reference);
  const { stages } = stagesOfRecord(join(head.place.folder, 'artifacts'), ourStages);
  const plan = recordedPlan(store, head, stages);
  const weights = readWeights(store, head.place);
  if (!weights)
    throw new Refusal(`run ${head.id.slice(0, 8)} keeps no weights: it is ${wordOf(statusOf(store, head))}`, { status: EXIT.failed });
  const wanted = wantedSamples(plan, options);
  for (const unknown of unknownTokens(plan, wanted.prefixes)) {
    terminal.err(
      `${terminal.color.yellow('note')}: ${JSON.stringify(unknown)} never occurred in training, and is read as ${plan.data.fitted.vocabulary?.[0] ?? 'unknown'}`,
    );
  }

  const engine = await createEngine(plan.engine);
  try {
    const sampler = await createSampler(plan, pipelineFor(plan, stages), engine);
    const streams = createStreams(wanted.seed);
    const epoch = Number(readTag(store, head.place, keptTag) ?? 0);
    const samples = [];
    for (const [index, prefix] of wanted.prefixes.entries()) {
      samples.push(await sampler.sample(weights, prefix, wanted.how, streams.stream('samples', epoch, index)));
    }
    if (options.json) terminal.data(jsonText({ version: 1, run: head.id, epoch, samples }));
    else for (const { text } of samples) terminal.data(text);
    return EXIT.done;
  } finally {
    await engine.dispose();
  }
};

function recordedPlan(store: Store, { place, id, experiment }: RunHead, stages: readonly Stage[]): Plan {
  const plan = planFromJson(planOfRecord(store, place), cacheFolder('programs'));
  if (!writesTokens(plan.data))
    throw new Refusal(`${experiment} answers with no tokens of a text; samples can be drawn from models of text only`);
  const { model } = plan.config.values;
  const stage = findStage(stages, 'model', model.kind);
  const options = stage ? stageOptions(stage, model) : {};
  const versions = plan.work.ingredients['stages'] as Readonly<Record<string, string>>;
  if (!stage || versions['model'] !== namedVersion(stage, options)) {
    throw new Refusal(`run ${id.slice(0, 8)} trained the model ${versions['model']}, which this version of retable doesn't know`);
  }
  const [tokens, outputs] = [plan.data.fitted.vocabulary?.length ?? 0, plan.model.output.shape.at(-1)];
  if (tokens !== outputs) throw new Refusal(samplesOfOtherAnswers(outputs ?? 1, tokens).message);
  // Older records don't say it.
  const { stepwise = stage.plan(options, { data: plan.data }, () => {}).stepwise } = plan.model;
  return { ...plan, model: { ...plan.model, ...(stepwise !== undefined && { stepwise }) } };
}

/** What isn't said is as in training. */
function wantedSamples(
  plan: Plan,
  options: Options,
): { readonly prefixes: readonly string[]; readonly how: SampleOptions; readonly seed: number } {
  const { samples } = plan.config.values.training;
  const prefixes = options.prefix ?? samples?.prefixes;
  if (!prefixes) throw new Refusal('what should the text begin with?', { help: 'say --prefix "time traveller"' });
  const topK = options.topK === undefined ? samples?.top_k : numberOf('--top-k', options.topK, how.top_k);
  return {
    prefixes,
    how: {
      length: options.length === undefined ? (samples?.length ?? 50) : numberOf('--length', options.length, how.length),
      temperature:
        options.temperature === undefined ? (samples?.temperature ?? 0) : numberOf('--temperature', options.temperature, how.temperature),
      ...(topK !== undefined && { top_k: topK }),
    },
    seed: options.seed === undefined ? plan.seed : numberOf('--seed', options.seed, seed),
  };
}

/** What a document may say there, this command line may. */
function numberOf(name: string, text: string, asked: JsonSchema): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (check(asked, value).length > 0)
    throw new Refusal(`${name} can't be ${JSON.stringify(text)}`, { help: `give ${describeExpected(asked)}` });
  return value;
}

function unknownTokens({ data }: Plan, prefixes: readonly string[]): readonly string[] {
  const known = new Set(data.fitted.vocabulary);
  return [...new Set(prefixes.flatMap((prefix) => tokensOf(prefix, data.fitted.separator ?? '')))].filter((token) => !known.has(token));
}
