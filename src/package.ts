/**
 * What `import … from 'retable'` gives: what the commands do, as functions, and the words in which a person's own stages are written. Modules
 * that a document names under `use:` are handed the values and need the types only.
 */
export { check, plan, run, study } from './api/documents.js';
export { openRuns } from './api/runs.js';
export { RetableError } from './api/error.js';
export type { Checked, DocumentSource, Overrides, Planned, RunOptions, SettledRun, SettledStudy, StudyOptions } from './api/documents.js';
export type { EvaluationReport } from './run/evaluation-report.js';
export type { PredictionReport } from './run/prediction-report.js';
export type { RunDetails, RunOverview, Runs, RunSelection } from './api/runs.js';
export type { Diagnostic, Place } from './diagnostics/diagnostic.js';
export type { ObservedEvent, Observer } from './run/observer.js';
export { defineStage } from './stages/stage.js';
export { Type } from './language/type.js';
export type { ObjectSchema, Schema, Static } from './language/type.js';
export type { OwnStages, StageTools } from './stages/own.js';
export type { BarsView, CurveView, HistogramView, MatrixView, SeriesView, TextView, View } from './views/view.js';
export type {
  AccumulatingMetric,
  Answer,
  Arithmetic,
  Batch,
  Collected,
  CollectingMetric,
  Data,
  DataFacts,
  Dataset,
  DataSpec,
  Decode,
  Encoded,
  Fact,
  Files,
  Fitted,
  Inputs,
  HostTensor,
  Initializer,
  Loss,
  LossSpec,
  MeanMetric,
  Measured,
  Metric,
  MetricSpec,
  Model,
  ModelSpec,
  Optimizer,
  OptimizerSpec,
  ParameterSpec,
  Report,
  RowName,
  Score,
  Slot,
  SplitSpec,
  Stage,
  Sums,
  Tensors,
  TensorSpec,
  Transform,
  Tools,
} from './stages/stage.js';
