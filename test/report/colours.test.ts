import { describe, expect, it } from 'vitest';
import { COLOURS, forWords, inLight, onPage, PALETTE } from '../../src/report/kit/colours.js';
import { CELL_MOST } from '../../src/report/kit/chart.js';

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].toSorted((one, other) => one - other);
  return (bright + 0.05) / (dark + 0.05);
}

const WORDS = ['ink', 'faint', 'accent', 'good', 'bad', 'open', 't0', 't1', 't2', 't3', 't4', 't5', 't6'] as const;

describe('colours', () => {
  it.each(['day', 'night'])('of words can be read by %s, on paper and on shade', (time) => {
    const at = time === 'day' ? 0 : 1;
    for (const name of WORDS)
      for (const ground of ['paper', 'shade'] as const)
        expect(contrast(COLOURS[name][at], COLOURS[ground][at]), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const name of ['good', 'bad', 'open'] as const)
      expect(contrast(COLOURS[name][at], COLOURS[`${name}-shade`][at]), name).toBeGreaterThanOrEqual(4.5);
    expect(contrast(COLOURS.ink[at], COLOURS.weight[at])).toBeGreaterThanOrEqual(4.5);
  });

  it('of a curve has a shade for words in a stored picture, which is on white; numbers in cells are black', () => {
    for (const colour of PALETTE) expect(contrast(forWords(colour), '#ffffff'), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(CELL_MOST ?? '', '#000000')).toBeGreaterThanOrEqual(4.5);
  });

  it('of one look by day have one by night, so that a picture finds its colour on a page', () => {
    const nights = new Map<string, string>();
    for (const [day, night] of Object.values(COLOURS)) {
      expect(nights.get(day) ?? night).toBe(night);
      nights.set(day, night);
    }
  });
});

it('a picture on a page has its ground and its colours, and elsewhere its own', () => {
  const stored = '<svg width="9" height="9"><rect width="9" height="9" fill="#ffffff"/><path stroke="#d55e00" fill="#123456"/></svg>';
  expect(onPage(stored)).toBe('<svg width="9" height="9"><path stroke="var(--c1)" fill="#123456"/></svg>');
  expect(inLight('a { fill: var(--good-shade); stroke: var(--none) }')).toBe('a { fill: #dcf1e8; stroke: var(--none) }');
});
