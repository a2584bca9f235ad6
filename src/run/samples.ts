import { join } from 'node:path';
import { readIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { RunWriter } from '../record/writer.js';
import type { Sample } from '../train/sample.js';

/** What the model wrote, by epoch: a text artifact that grows. */
export const SAMPLES_FILE = 'samples.txt';

export interface EpochSamples {
  readonly epoch: number;
  readonly texts: readonly string[];
}

/** Samples of epochs that are trained again are written again: they come out the same. */
export function recordSamples(store: Store, writer: RunWriter, from: number) {
  let kept = readSamples(store, writer.run).filter(({ epoch }) => epoch <= from);
  return {
    record(epoch: number, samples: readonly Sample[]): void {
      kept = [...kept, { epoch, texts: samples.map(({ text }) => text) }];
      writer.artifact(SAMPLES_FILE, formatSamples(kept));
    },
  };
}

export const readSamples = (store: Store, run: RunPlace): readonly EpochSamples[] =>
  parseSamples(readIfThere(store.files, join(run.folder, 'artifacts', SAMPLES_FILE)) ?? '');

/** One line a sample below the line of its epoch; line breaks inside a sample are written as `\n`. */
export const formatSamples = (all: readonly EpochSamples[]): string =>
  all.map(({ epoch, texts }) => [`epoch ${epoch}`, ...texts.map((text) => `  ${onOneLine(text)}`), ''].join('\n')).join('');

export function parseSamples(text: string): readonly EpochSamples[] {
  const blocks = text.split(/^epoch (?=\d+$)/m).slice(1);
  return blocks.map((block) => {
    const [epoch = '', ...lines] = block.replace(/\n$/, '').split('\n');
    return { epoch: Number(epoch), texts: lines.map((line) => onLines(line.slice(2))) };
  });
}

export const onOneLine = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
const onLines = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped === 'r' ? '\r' : escaped));
