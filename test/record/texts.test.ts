import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatEnvironment, parseGitStatus, standardTags } from '../../src/record/environment.js';
import { keyProblem } from '../../src/record/keys.js';
import { formatMeta, parseMeta, parseRunMeta } from '../../src/record/meta.js';
import { formatModelDescription } from '../../src/record/model-artifact.js';
import { latestPoint, parsePoints } from '../../src/record/reader.js';

describe('meta.yaml', () => {
  const nasty = ['yes', '123456789012345678', 'null', '', 'a: b # c', '"\\\n\t', 'ünï \u0085\u2028\ufeff\x7f 🎲', "it's"];

  test.each(nasty)('keeps %j for us and for any reader of YAML', (text) => {
    const written = formatMeta({ name: text, time: 12, none: null, tags: [] });
    expect(parseMeta(written)).toEqual({ name: text, time: '12', none: null });
    expect(parse(written, { version: '1.1' })).toEqual({ name: text, time: 12, none: null, tags: [] });
  });

  test('keeps one level of strings', () => {
    expect(parseMeta(formatMeta({ id: 'x', tags: { 'mlflow.data.context': 'yes' } }))).toEqual({
      id: 'x',
      tags: { 'mlflow.data.context': 'yes' },
    });
  });

  test('reads what MLflow writes', () => {
    const text = `artifact_uri: file:///runs/1/2/artifacts
end_time: null
experiment_id: '670544852312428682'
lifecycle_stage: active
run_id: 0db50e562f6c7a6fb072c0c0344de213
run_name: 'a long name
  that goes on'
source_type: 4
start_time: 1700000000000
status: 1
tags: []
user_id: ada
`;
    expect(parseRunMeta(text)).toEqual({
      id: '0db50e562f6c7a6fb072c0c0344de213',
      experimentId: '670544852312428682',
      name: 'a long name that goes on',
      user: 'ada',
      status: 'RUNNING',
      startTime: 1_700_000_000_000,
      endTime: null,
      artifactUri: 'file:///runs/1/2/artifacts',
      deleted: false,
    });
  });

  test('an id of digits that nobody quoted keeps all of them', () => {
    expect(parseMeta('tags: {}\nexperiment_id: 670544852312428682\n')).toMatchObject({ experiment_id: '670544852312428682' });
  });

  test.each(['', 'a: [', 'just words', '- a\n- b'])('refuses %j', (text) => expect(() => parseRunMeta(text)).toThrow());
});

describe('a metric file', () => {
  test.each([
    ['1 0.5 1\n2 0.25 2\n', [0.5, 0.25]],
    ['1 0.5 1\n2 0.25 2', [0.5]],
    ['1 0.5 1\n2 0.2', [0.5]],
    ['1 0.5 1\r\n2 nan 2\r\n', [0.5, NaN]],
    ['1 inf 1\n2 -Infinity 2\n', [Infinity, -Infinity]],
    ['1 0.5\n2 0.25 2\n\nnonsense\n3 x 3\n', [0.25]],
    ['', []],
  ])('%j', (text, values) => expect(parsePoints(text).map((point) => point.value)).toEqual(values));

  test('its latest point is the one of the largest step, time and value', () => {
    expect(latestPoint(parsePoints('1 5 1\n1 3 2\n2 4 2\n2 2 2\n3 9 1\n'))).toEqual({ value: 4, step: 2, timestamp: 2 });
    expect(latestPoint([])).toBeNull();
  });
});

test.each(['loss', 'train/loss', 'a:b é', 'test_16_bits/exact_match', 'x'.repeat(250)])('MLflow takes the key "%s"', (key) =>
  expect(keyProblem(key)).toBeNull(),
);

describe('git', () => {
  const head = '# branch.oid 47287f3aa\n# branch.head main\n# branch.upstream origin/main\n# branch.ab +1 -0\n';
  test.each([
    [head, { commit: '47287f3aa', branch: 'main', dirty: false, untracked: 0 }],
    [`${head}1 .M N... 100644 100644 100644 a b src/a.ts\n? new.ts\n`, { commit: '47287f3aa', branch: 'main', dirty: true, untracked: 1 }],
    ['# branch.oid (initial)\n# branch.head main\n? a\n', { commit: null, branch: 'main', dirty: false, untracked: 1 }],
    ['# branch.oid 47287f3aa\n# branch.head (detached)\n', { commit: '47287f3aa', branch: null, dirty: false, untracked: 0 }],
    ['', null],
    ['fatal: not a git repository', null],
  ])('%j', (text, facts) => expect(parseGitStatus(text)).toEqual(facts));
});

test('standard tags leave out what is unknown, and shorten a note before MLflow cuts it', () => {
  const facts = { user: 'ada', source: 'a.yaml', sourceType: 'LOCAL', git: null } as const;
  expect(standardTags(facts)).toEqual({ 'mlflow.user': 'ada', 'mlflow.source.name': 'a.yaml', 'mlflow.source.type': 'LOCAL' });
  const git = { commit: 'abc', branch: null, dirty: true, untracked: 0 };
  const tags = standardTags({ ...facts, git, note: 'x'.repeat(9000) });
  expect(tags).toMatchObject({ 'mlflow.source.git.commit': 'abc', 'mlflow.source.git.dirty': 'True' });
  expect(tags['mlflow.note.content']).toHaveLength(8000);
});

test('environment.json does not depend on the order in which packages were found', () => {
  const facts = {
    retable: '1',
    node: 'v20',
    platform: 'linux',
    architecture: 'x64',
    system: '6',
    host: 'h',
    processor: ' ',
    cores: 2,
    memoryBytes: 8.04e9,
  };
  const text = formatEnvironment({ ...facts, packages: { b: '2', a: '1' } });
  expect(text).toBe(formatEnvironment({ ...facts, packages: { a: '1', b: '2' } }));
  expect(JSON.parse(text)).toMatchObject({ processor: 'unknown', memory_gigabytes: 8, packages: { a: '1', b: '2' } });
});

test('a model description is YAML with both flavours and a signature', () => {
  const text = formatModelDescription({
    runId: 'ab'.repeat(16),
    created: 0,
    inputs: [{ name: 'input', dtype: 'float32', shape: [-1, 8, 2] }],
    outputs: [{ name: 'output', dtype: 'float32', shape: [-1, 8] }],
  });
  expect(parse(text)).toMatchObject({
    flavors: { onnx: { data: 'model.onnx' }, python_function: { data: 'model.onnx', loader_module: 'mlflow.onnx' } },
    run_id: 'ab'.repeat(16),
    signature: { inputs: '[{"type":"tensor","name":"input","tensor-spec":{"dtype":"float32","shape":[-1,8,2]}}]' },
    utc_time_created: '1970-01-01 00:00:00.000000',
  });
});
