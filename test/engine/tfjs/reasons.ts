/** Why some of TensorFlow.js's own tests don't pass on what `compiled` records. */
interface Reason {
  readonly why: string;
  /** How many tests, exactly. */
  readonly tests: number;
  /** What such an outcome says: `STATUS FILE: NAME`, and on lines of its own why it failed. */
  readonly says: RegExp;
}

/** Tests that TensorFlow.js ships and declares where there is no browser, and their files. */
export const DECLARED = 4170;
export const FILES = 265;

export const reasons: readonly Reason[] = [
  {
    why: 'they compute with text, and a program computes with numbers: a dataset turns text into them before',
    tests: 73,
    says: /computes with text|tensors of text are not known|the operation (StaticRegexReplace|String\w+),/,
  },
  {
    why: 'they draw random numbers inside of the program, which would be the same at every step: draw them outside',
    tests: 7,
    says: /the operation Multinomial,/,
  },
  {
    why: 'TensorFlow.js itself has them skipped (`xit`): of flags and of its registry of kernels, nothing that computes',
    tests: 4,
    says: /^pending (flags|kernel_registry)_test\.js/,
  },
  {
    why: 'they read pixels of a canvas, which only a browser has',
    tests: 2,
    says: /the operation FromPixels,/,
  },
  {
    why: 'the tangent of 830,023,227.6 is off by the last digit that single precision has, 30144.178 in place of 30144.176, and the test allows for 0.001',
    tests: 1,
    says: /^failed ops\/tan_test\.js: tan numbers exceed float32 precision/,
  },
];
