import { binaryAddition } from './dataset/binary-addition.js';
import { adding } from './dataset/adding.js';
import { copy } from './dataset/copy.js';
import { reber } from './dataset/reber.js';
import { sequences } from './dataset/sequences.js';
import { series } from './dataset/series.js';
import { tagged } from './dataset/tagged.js';
import { text } from './dataset/text.js';
import { texts } from './dataset/texts.js';
import { timeMachine } from './dataset/time-machine.js';
import { binaryCrossEntropy } from './loss/binary-cross-entropy.js';
import { crossEntropy } from './loss/cross-entropy.js';
import { huber } from './loss/huber.js';
import { areaUnderPrecisionRecall, areaUnderRoc } from './metric/area-under-curve.js';
import { balancedAccuracy, matthewsCorrelation } from './metric/balanced-accuracy.js';
import { calibrationError } from './metric/calibration-error.js';
import { coverage } from './metric/coverage.js';
import { entityF1 } from './metric/entity-f1.js';
import { f1, precision, recall } from './metric/f1.js';
import { logLoss } from './metric/log-loss.js';
import { topKAccuracy } from './metric/top-k-accuracy.js';
import { meanAbsoluteErrorLoss } from './loss/mean-absolute-error.js';
import { meanSquaredError } from './loss/mean-squared-error.js';
import { quantile } from './loss/quantile.js';
import { accuracy } from './metric/accuracy.js';
import { bitAccuracy, exactMatch } from './metric/bits.js';
import { confusionMatrix } from './metric/confusion-matrix.js';
import { meanAbsoluteErrorMetric } from './metric/mean-absolute-error.js';
import { meanAbsoluteScaledError } from './metric/mean-absolute-scaled-error.js';
import { meanAbsolutePercentageError, symmetricMeanAbsolutePercentageError } from './metric/percentage-errors.js';
import { perplexity } from './metric/perplexity.js';
import { pinball } from './metric/pinball.js';
import { r2 } from './metric/r2.js';
import { rootMeanSquaredError } from './metric/root-mean-squared-error.js';
import { gru } from './model/gru.js';
import { lstm } from './model/lstm.js';
import { rnn } from './model/rnn.js';
import { sequential } from './model/sequential.js';
import { adam, adamw } from './optimizer/adam.js';
import { rmsprop } from './optimizer/rmsprop.js';
import { sgd } from './optimizer/sgd.js';
import { clip } from './transform/clip.js';
import { difference } from './transform/difference.js';
import { log } from './transform/log.js';
import { minMax, robust, standardize } from './transform/scale.js';
import type { Slot, Stage } from './stage.js';

/** All stages that come with retable, slot by slot in the order of a file, the simplest of a slot first: the order of schemas and of help. */
export const stages: readonly Stage[] = [
  binaryAddition,
  reber,
  adding,
  copy,
  timeMachine,
  text,
  texts,
  tagged,
  sequences,
  series,

  rnn,
  gru,
  lstm,
  sequential,

  meanSquaredError,
  meanAbsoluteErrorLoss,
  huber,
  quantile,
  binaryCrossEntropy,
  crossEntropy,

  sgd,
  adam,
  adamw,
  rmsprop,

  accuracy,
  exactMatch,
  bitAccuracy,
  meanAbsoluteErrorMetric,
  rootMeanSquaredError,
  meanAbsolutePercentageError,
  symmetricMeanAbsolutePercentageError,
  meanAbsoluteScaledError,
  r2,
  pinball,
  coverage,
  perplexity,
  confusionMatrix,
  balancedAccuracy,
  f1,
  precision,
  recall,
  entityF1,
  matthewsCorrelation,
  areaUnderRoc,
  areaUnderPrecisionRecall,
  topKAccuracy,
  logLoss,
  calibrationError,

  log,
  difference,
  standardize,
  minMax,
  robust,
  clip,
];

/** The stage of a slot and kind, or undefined: the caller says what kinds there are. */
export function findStage<S extends Slot>(all: readonly Stage[], slot: S, kind: string): Stage<S> | undefined {
  return all.filter((stage) => isOf(stage, slot)).find((stage) => stage.kind === kind);
}

const isOf = <S extends Slot>(stage: Stage, slot: S): stage is Stage & Stage<S> => stage.slot === slot;
