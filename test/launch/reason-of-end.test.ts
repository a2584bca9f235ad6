import { expect, test } from 'vitest';
import { reasonOfEnd } from '../../src/launch/local/local.js';

const V8 = `<--- Last few GCs --->

[12:0x1] 411 ms: Mark-Compact 50.1 (60.2) -> 49.9 (60.5) MB, 12.1 / 0.0 ms
FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb7c1e3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
`;

test.each([
  [V8, 'SIGABRT', 'its process ran out of memory: with fewer --workers each has more'],
  ['', 'SIGKILL', 'its process was ended by SIGKILL'],
  ['', 7, 'its process ended with 7'],
  ['error: it is so\n  help: do this\n', 1, 'it is so'],
  ['(node:7) a warning\nerror: TypeError: it is so\n    at f (/a/b.js:1:2)\n    at g (/a/b.js:3:4)\n', 1, 'TypeError: it is so'],
] as const)('what a worker said last is one sentence: %j', (complaint, status, reason) =>
  expect(reasonOfEnd(complaint, status)).toBe(reason),
);
