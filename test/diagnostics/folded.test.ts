import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folded, visibleWidth } from '../../src/diagnostics/columns.js';

const at = (width: number, text: string): readonly string[] => folded(text, width).split('\n');

test('a sentence goes on a little to the right of where it began', () => {
  expect(at(30, 'note: the record goes on where last digits may differ')).toEqual(['note: the record goes on where', '  last digits may differ']);
});

test('cells stay whole, and go on under the second one', () => {
  expect(at(40, 'epoch 1/2  train/loss 3.219  train/perplexity 25.01  0.3 s  780 examples/s')).toEqual([
    'epoch 1/2  train/loss 3.219',
    '           train/perplexity 25.01  0.3 s',
    '           780 examples/s',
  ]);
});

test('a sentence in the last cell goes on under its own beginning', () => {
  expect(at(48, 'GPU  no  no  a driver for Vulkan, Metal or Direct3D 12; else use engine.device: cpu')).toEqual([
    'GPU  no  no  a driver for Vulkan, Metal or',
    '             Direct3D 12; else use',
    '             engine.device: cpu',
  ]);
});

test('a command is copied in one piece', () => {
  const command = '  npx run experiments/lstm_addition.yaml --set training.epochs=2 --seed 3 --fresh';
  expect(folded(command, 40)).toBe(command);
});

test('colours take no room', () => {
  expect(at(12, '\u001b[2mone two three\u001b[22m')).toEqual(['\u001b[2mone two', '  three\u001b[22m']);
});

test('no word is broken or lost, and nothing is wider than the screen but a word that is', () => {
  const word = fc.stringMatching(/^[a-z.,/]{1,14}$/);
  const line = fc.array(fc.tuple(word, fc.constantFrom(' ', '  ', '    ')), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(line, fc.integer({ min: 30, max: 100 }), (parts, width) => {
      const written = parts.map(([each, gap]) => each + gap).join('');
      const lines = at(width, written.trimEnd());
      expect(lines.join(' ').trim().split(/\s+/)).toEqual(written.trim().split(/\s+/));
      for (const each of lines) expect(visibleWidth(each)).toBeLessThanOrEqual(width);
    }),
  );
});
