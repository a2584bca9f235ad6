import { createEngine } from '../engine/create.js';
import { Refusal } from '../host/exit.js';
import { quote } from '../diagnostics/words.js';
import { softmax } from '../stages/metric/probabilities.js';
import { decodeData, unreadableText } from '../stages/dataset/encoding.js';
import { pipelineFor } from '../train/pipeline.js';
import { createReader } from '../train/read-text.js';
import { tokensOf } from '../train/sample.js';
import { type AskedRun, refusalOf } from './asked-run.js';
import type { TokenPrediction } from './prediction-report.js';

/** What a model of text says comes after each line of a text. */
interface NextTokens {
  readonly predictions: readonly TokenPrediction[];
  readonly notes: readonly string[];
}

/** After each line that is not empty, every token of the vocabulary by falling probability; the model reads the line from a state of zeros. */
export async function nextTokens({ plan, stages, weights }: AskedRun, bytes: Uint8Array, name: string): Promise<NextTokens> {
  const decoded = decodeData(bytes);
  if ('fault' in decoded) throw refusalOf(name, unreadableText(name, decoded.fault, { option: false }));
  const { vocabulary = [], separator = '' } = plan.data.fitted;
  const indices = new Map(vocabulary.map((token, index) => [token, index]));
  const lines = decoded.text.split(/\r\n|\n|\r/).flatMap((text, at) => (text.trim() === '' ? [] : [{ text, place: `line ${at + 1}` }]));
  if (lines.length === 0) throw new Refusal(`${name} holds no text`, { help: 'write what comes before the token that is asked for' });
  const unknown = new Set<string>();
  const engine = await createEngine(plan.engine);
  try {
    const begin = await createReader(plan, pipelineFor(plan, stages), engine);
    const predictions: TokenPrediction[] = [];
    for (const { text, place } of lines) {
      const tokens = tokensOf(text, separator);
      for (const token of tokens) if (!indices.has(token)) unknown.add(token);
      const reading = await begin(weights, tokens.length);
      const logits = await reading.read(tokens.map((token) => indices.get(token) ?? 0));
      reading.dispose();
      const shares = new Float64Array(vocabulary.length);
      softmax(logits, shares);
      const ranked = [...shares.keys()].toSorted((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b);
      for (const [at, token] of ranked.entries())
        predictions.push({
          sequence: place,
          text,
          rank: at + 1,
          token: vocabulary[token] ?? '',
          probability: Number((shares[token] ?? 0).toPrecision(9)),
        });
    }
    const told = [...unknown].slice(0, 5).map(quote);
    return {
      predictions,
      notes:
        unknown.size === 0
          ? []
          : [
              `${told.join(', ')}${unknown.size > 5 ? ', …' : ''} never occurred in training, and ${unknown.size === 1 ? 'is' : 'are'} read as ${vocabulary[0] ?? 'unknown'}`,
            ],
    };
  } finally {
    await engine.dispose();
  }
}
