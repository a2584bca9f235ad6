import { wordOf } from '../../run/run-record.js';
import { extname, join } from 'node:path';
import { openStore } from '../../record/layout.js';
import { modelFile, modelFolder } from '../../record/model-artifact.js';
import { asNpz, asSafetensors } from '../../train/weights-file.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { writeFile } from '../../host/output.js';
import { keptWeights } from '../../run/weights.js';
import { statusOf } from '../../run/attempt.js';
import { theRun } from '../../run/find-runs.js';

/** What a finished run has learnt, as a file for other programs; the ending of its name says which kind. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const head = theRun(store, reference);
  const file = options.output ?? `${head.experiment}-${head.id.slice(0, 8)}.npz`;
  const weights = keptWeights(store, head.place);
  if (!weights)
    throw new Refusal(`run ${head.id.slice(0, 8)} keeps no weights: it is ${wordOf(statusOf(store, head))}`, { status: EXIT.failed });
  switch (extname(file).toLowerCase()) {
    case '.npz':
      writeFile(file, asNpz(weights));
      break;
    case '.safetensors':
      writeFile(file, asSafetensors(weights, { experiment: head.experiment, run: head.id }));
      break;
    case '.onnx':
      writeFile(file, store.files.read(join(head.place.folder, 'artifacts', modelFolder, modelFile)));
      break;
    default:
      throw new Refusal(`weights can't be written as ${file}`, { help: 'end the name with .npz, .safetensors or .onnx' });
  }
  terminal.out(shown(file));
  return EXIT.done;
};
