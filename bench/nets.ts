import type { Arrays, Step } from '../src/engine/engine.js';
import { createStreams } from '../src/random/streams.js';
import { stages } from '../src/stages/registry.js';
import { calls } from '../src/train/calls.js';
import { drawMasks } from '../src/train/masks.js';
import { createDataset, pipelineFor } from '../src/train/pipeline.js';
import { freshStart } from '../src/train/start.js';
import { trainStep } from '../src/train/step.js';
import { prepared, type Wanted } from './pace.js';
import { experiment } from './product.js';
import { writeWindows } from './windows.js';

/** A training step to measure, with what it starts from and a call's worth of its own data. */
export interface Net {
  readonly step: Step;
  readonly state: Arrays;
  readonly inputs: (steps: number) => Arrays;
}

const wide = ['model.hidden_size=512'];

/** The nets of the tables, by the name that a command has for them. `folder`: where an experiment may be written that isn't shipped. */
const NETS: Readonly<Record<string, (folder: string) => Wanted>> = {
  lstm: () => ({ document: experiment('lstm_time_machine') }),
  'lstm-builtin': () => ({ document: experiment('lstm_time_machine_builtin') }),
  'lstm-deep': () => ({ document: experiment('deep_lstm_time_machine') }),
  gru: () => ({ document: experiment('gru_time_machine') }),
  'gru-builtin': () => ({ document: experiment('gru_time_machine_builtin') }),
  rnn: () => ({ document: experiment('rnn_time_machine'), set: wide }),
  'rnn-builtin': () => ({ document: experiment('rnn_time_machine_builtin'), set: wide }),
  addition: () => ({ document: experiment('lstm_addition') }),
  windows: (folder) => ({ document: writeWindows(folder, 'scratch', 1) }),
  'windows-builtin': (folder) => ({ document: writeWindows(folder, 'builtin', 1) }),
};

export function netOf(name: string, folder: string): Net {
  const wanted = NETS[name]?.(folder);
  if (!wanted) throw new Error(`one of ${Object.keys(NETS).join(', ')}`);
  const { plan, files } = prepared(wanted);
  const step = trainStep(plan, pipelineFor(plan, stages));
  const dataset = createDataset(plan, stages, files);
  const masks = (index: number): Arrays => drawMasks(plan, createStreams(plan.seed), 1, index);
  return {
    step,
    state: freshStart(plan).state,
    inputs(steps) {
      const [first] = calls(dataset.batches('train', 1), step.inputs, steps, masks);
      if (first?.steps !== steps) throw new Error(`an epoch of ${plan.name} has fewer than ${steps} steps`);
      return first.inputs;
    },
  };
}
