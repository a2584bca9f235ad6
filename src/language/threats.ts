/** What `accept:` may name: threats that are found before a run begins. What each of them is stands in `src/validity/threats.ts`. */
export const ACCEPTABLE = [
  'fitted-on-test',
  'test-rows-dropped',
  'test-selected',
  'unread-input',
  'one-step-sequences',
  'sees-the-answer',
  'name-as-feature',
  'carried-over-independent',
  'accuracy-alone',
  'percentage-near-zero',
  'window-sees-future',
  'steps-shared',
  'same-subject-twice',
  'duplicates-across-splits',
  'outside-the-range-of-train',
  'too-short',
] as const;

export type AcceptableThreat = (typeof ACCEPTABLE)[number];

/** The help of a threat that is an error: how to go on with it on purpose. */
export const orAccept = (code: AcceptableThreat): string => `or accept it with a reason: accept: [{threat: ${code}, because: "..."}]`;
