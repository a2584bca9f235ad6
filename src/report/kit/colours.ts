/**
 * Every colour of pages and pictures: its name in style sheets, then how it is by day and by night. `c0` to `c6` are those of curves, after Okabe &
 * Ito (2008), which the colour-blind can tell apart; `t0` to `t6` are those of words in the colour of a curve; `weight` lies behind
 * words. Whatever is text has a contrast of
 * 4.5 with paper and shade (WCAG 2.2, 1.4.3).
 */
export const COLOURS = {
  paper: ['#ffffff', '#14181c'],
  ink: ['#1d2329', '#e3e7ea'],
  faint: ['#626b75', '#98a2ac'],
  line: ['#e1e5e9', '#2c343b'],
  shade: ['#f4f6f8', '#1d2329'],
  accent: ['#0067a3', '#5cb6ee'],
  good: ['#00694c', '#52cda3'],
  'good-shade': ['#dcf1e8', '#12352a'],
  bad: ['#a8320a', '#ff9a70'],
  'bad-shade': ['#fce4d8', '#43210f'],
  open: ['#7a5a00', '#e6c157'],
  'open-shade': ['#fbf0cf', '#3a2f0c'],
  weight: ['#6cbdec', '#1b5c8a'],
  c0: ['#0072b2', '#5cb6ee'],
  c1: ['#d55e00', '#ff8f4d'],
  c2: ['#009e73', '#3fc79a'],
  c3: ['#cc79a7', '#e39ac6'],
  c4: ['#56b4e9', '#9fd3f0'],
  c5: ['#e69f00', '#e6b84f'],
  c6: ['#555555', '#b5bcc3'],
  t0: ['#0072b2', '#5cb6ee'],
  t1: ['#b84a00', '#ff8f4d'],
  t2: ['#007a59', '#3fc79a'],
  t3: ['#a8508a', '#e39ac6'],
  t4: ['#2a7399', '#9fd3f0'],
  t5: ['#8a6100', '#e6b84f'],
  t6: ['#555555', '#b5bcc3'],
} as const satisfies Readonly<Record<string, readonly [day: string, night: string]>>;

type ColourName = keyof typeof COLOURS;

const NAMES = Object.keys(COLOURS) as readonly ColourName[];

/** The variables of a style sheet, by day or by night. */
export const variables = (time: 'day' | 'night'): string =>
  NAMES.map((name) => `--${name}: ${COLOURS[name][time === 'day' ? 0 : 1]};`).join(' ');

/** A style sheet with the colours of the day in place of their names, for pictures: few programs that draw know variables. */
export const inLight = (style: string): string =>
  style.replace(/var\(--([a-z\d-]+)\)/g, (variable, name: string) => (name in COLOURS ? COLOURS[name as ColourName][0] : variable));

const NAME_OF = new Map<string, ColourName>(NAMES.toReversed().map((name) => [COLOURS[name][0], name]));

/** A drawn picture for a page: without a ground of its own, and in the colours that the page has. Stored pictures keep theirs. */
export const onPage = (svg: string): string =>
  svg
    .replace(/^(<svg[^>]*>)<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>/, '$1')
    .replace(/ (fill|stroke)="(#[\da-f]{6})"/g, (attribute, kind: string, colour: string) => {
      const name = NAME_OF.get(colour);
      return name === undefined ? attribute : ` ${kind}="var(--${name})"`;
    });

const CURVES = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;

export const PAPER = COLOURS.paper[0];
export const INK = COLOURS.ink[0];
export const FAINT = COLOURS.faint[0];
export const LINE = COLOURS.line[0];
export const SHADE = COLOURS.shade[0];
export const WEIGHT = COLOURS.weight[0];
export const PALETTE = CURVES.map((name): string => COLOURS[name][0]);

const IN_WORDS = new Map<string, string>(CURVES.map((name, index) => [COLOURS[name][0], COLOURS[`t${index}` as ColourName][0]]));

/** The colour of a curve, dark enough for words. */
export const forWords = (colour: string): string => IN_WORDS.get(colour) ?? colour;

/** A split has its colour in every picture, and so have truth and forecast; other series take those of the palette in order. */
const KNOWN_COLOURS: Readonly<Record<string, string>> = {
  test: COLOURS.c0[0],
  train: COLOURS.c1[0],
  validation: COLOURS.c2[0],
  truth: INK,
  forecast: COLOURS.c0[0],
};

export const colourOf = (series: string, index: number): string => KNOWN_COLOURS[series] ?? PALETTE[index % PALETTE.length] ?? INK;

/** Of lines in one picture: those without a colour of their own take what the others leave of the palette. */
export function coloursOf(names: readonly string[]): readonly string[] {
  const left = PALETTE.filter((colour) => !names.some((name) => KNOWN_COLOURS[name] === colour));
  const others = names.filter((name) => KNOWN_COLOURS[name] === undefined);
  return names.map((name) => KNOWN_COLOURS[name] ?? left[others.indexOf(name) % left.length] ?? INK);
}
