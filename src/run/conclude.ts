import { join } from 'node:path';
import { createEngine } from '../engine/create.js';
import { exportForward, exportScan } from '../engine/export.js';
import type { Plan } from '../planning/plan.js';
import { PREPROCESSING_KEY, preprocessingOf } from '../planning/preprocessing.js';
import { readText } from '../record/files.js';
import type { Store } from '../record/layout.js';
import { parseRunMeta } from '../record/meta.js';
import { formatModelDescription, modelFile, modelFolder } from '../record/model-artifact.js';
import type { RunWriter } from '../record/writer.js';
import { renderPng, renderSvg } from '../report/kit/render.js';
import { runCharts } from '../report/run/run-charts.js';
import type { Stage } from '../stages/stage.js';
import { exportedModel, exportedTextModel } from '../train/export.js';
import { type PipelineFor, pipelineFor } from '../train/pipeline.js';
import { refuseUnlessStepwise } from '../train/read-text.js';
import type { Snapshot } from '../train/run.js';
import { METADATA_KEY, modelMetadata } from './model-metadata.js';
import { readReport } from './read-report.js';

/** The pictures of a run, drawn from its record: `plots/NAME.svg` and `.png`. Says what could not be drawn. */
export async function drawPlots(store: Store, writer: RunWriter, experiment: string): Promise<readonly string[]> {
  const info = parseRunMeta(readText(store.files, join(writer.run.folder, 'meta.yaml')));
  const report = readReport(store, { ...info, experiment, place: writer.run });
  const notes: string[] = [];
  for (const { name, spec } of runCharts(report)) {
    const svg = await renderSvg(spec);
    writer.artifact(`plots/${name}.svg`, svg);
    const png = await renderPng(svg);
    if (png) writer.artifact(`plots/${name}.png`, png);
    else notes.push('no PNG pictures: the optional package @resvg/resvg-js is not installed');
  }
  return [...new Set(notes)];
}

/** The trained model, for Python, browsers and Netron: `model/model.onnx`, and beside it what lets MLflow load it and, for text, the tokens. */
export async function keepModel(plan: Plan, stages: readonly Stage[], writer: RunWriter, { state }: Snapshot): Promise<readonly string[]> {
  const pipeline = pipelineFor(plan, stages);
  const text = exportedTextModel(plan, pipeline, state);
  if (text) await tryOut(plan, pipeline);
  const model = text ?? exportedModel(plan, pipeline, state);
  const metadata = {
    [PREPROCESSING_KEY]: JSON.stringify(preprocessingOf(plan.data)),
    [METADATA_KEY]: modelMetadata(plan, stages, model),
  };
  writer.artifact(`${modelFolder}/${modelFile}`, await (text ? exportScan({ ...text, metadata }) : exportForward({ ...model, metadata })));
  const { inputs, outputs } = model;
  const { vocabulary, separator = '' } = plan.data.fitted;
  if (vocabulary) writer.artifact(`${modelFolder}/vocabulary.json`, `${JSON.stringify({ tokens: vocabulary, separator }, null, 2)}\n`);
  writer.artifact(`${modelFolder}/MLmodel`, formatModelDescription({ runId: writer.run.runId, created: Date.now(), inputs, outputs }));
  return [];
}

/** What is exported as one step of a text was tried out as such, with the engine that is there anyway once a model has been recorded. */
async function tryOut(plan: Plan, pipeline: PipelineFor): Promise<void> {
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  try {
    await refuseUnlessStepwise(plan, pipeline, engine);
  } finally {
    await engine.dispose();
  }
}
