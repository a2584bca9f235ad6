// Writes docs/validity.md from the list of threats; with --check it writes nothing and exits with 1 when the page would change.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { ACCEPTABLE } from '../dist/language/threats.js';
import { THREATS } from '../dist/validity/threats.js';

const introduction = `# Threats to validity

<!-- Written by npm run docs:validity from src/validity/threats.ts; change the list or docs/write-validity.mjs, not this file. -->

A number can be computed correctly and still mean less than it seems to. \`check\`, \`plan\` and \`run\` look for the known reasons, and report them at their
place in the document. An **error** means that the result could not be read honestly: the experiment doesn't run. For a healthy experiment nothing is reported.

Some of them are there on purpose, as in a table that repeats what others have done. Then say so, with the reason, at the top level of the document:

<!-- test: part of experiments/bilstm_time_machine.yaml -->

\`\`\`yaml
accept:
  - threat: sees-the-answer
    because: the book shows how two directions are not to be used
\`\`\`

That changes no result. A sweep or a table accepts for all of its experiments, besides what these accept themselves. What is accepted is no
longer an error: \`plan\`, the page of the run and every table that uses it print it with the reason. You also get a warning when you accept something that is not
there. What only a finished run can show can't be accepted beforehand.`;

const PHASES = {
  check: ['In the document', 'Known from what is written and from the sizes of the data.'],
  plan: ['In the data', 'Found by looking at the values, before anything is trained.'],
  run: ['In a run', 'Printed after its results.'],
  study: ['In a sweep or a table', 'Known from how the runs are compared.'],
};

const HOW = { error: 'An error, until it is accepted.', warning: 'A warning.', sentence: 'A sentence with the results.' };

const sections = Object.entries(PHASES).flatMap(([phase, [title, about]]) => {
  const threats = THREATS.filter((threat) => threat.phase === phase);
  if (threats.length === 0) return [];
  return [
    `## ${title}`,
    about,
    ...threats.flatMap(({ code, title: truth, why, severity, source }) => [
      `### ${code}`,
      `**${truth}.** ${why} ${severity === 'error' && !ACCEPTABLE.includes(code) ? 'An error.' : HOW[severity]}`,
      `_Source: ${source}._`,
    ]),
  ];
});

const SOURCES = [
  'Berrar and Lozano 2013: Significance tests or confidence intervals: which are preferable for the comparison of classifiers? Journal of Experimental & Theoretical Artificial Intelligence 25.',
  'Bouthillier et al. 2021: Accounting for variance in machine learning benchmarks. MLSys.',
  'Chicco and Jurman 2020: The advantages of the Matthews correlation coefficient (MCC) over F1 score and accuracy in binary classification evaluation. BMC Genomics 21.',
  'Dietterich 1998: Approximate statistical tests for comparing supervised classification learning algorithms. Neural Computation 10.',
  'Dodge et al. 2019: Show your work: improved reporting of experimental results. EMNLP.',
  'He and Garcia 2009: Learning from imbalanced data. IEEE Transactions on Knowledge and Data Engineering 21.',
  'Henderson et al. 2018: Deep reinforcement learning that matters. AAAI.',
  'Hewamalage, Ackermann and Bergmeir 2022: Forecast evaluation for data scientists: common pitfalls and best practices. Data Mining and Knowledge Discovery 37.',
  'Hyndman and Koehler 2006: Another look at measures of forecast accuracy. International Journal of Forecasting 22.',
  'Kapoor and Narayanan 2023: Leakage and the reproducibility crisis in machine-learning-based science. Patterns 4. Of 17 fields, 294 papers are affected.',
  'Korn and Graubard 1998: Confidence intervals for proportions with small expected number of positive counts estimated from survey data. Survey Methodology 24.',
  'Lakens 2017: Equivalence tests: a practical primer for t tests, correlations, and meta-analyses. Social Psychological and Personality Science 8.',
  'Lipton and Steinhardt 2019: Troubling trends in machine learning scholarship. ACM Queue 17.',
  'Makridakis, Spiliotis and Assimakopoulos 2018: Statistical and machine learning forecasting methods: concerns and ways forward. PLoS ONE 13.',
  'Melis, Dyer and Blunsom 2018: On the state of the art of evaluation in neural language models. ICLR.',
  'Pascanu, Mikolov and Bengio 2013: On the difficulty of training recurrent neural networks. ICML.',
  'Qiu et al. 2024: TFB: towards comprehensive and fair benchmarking of time series forecasting methods. PVLDB 17.',
  'Wang and Manning 2012: Baselines and bigrams: simple, good sentiment and topic classification. ACL.',
];

const page = new URL('validity.md', import.meta.url);
const markdown = [introduction, ...sections, '## Sources', SOURCES.map((source) => `- ${source}`).join('\n')].join('\n\n');
const text = await format(markdown, { ...(await resolveConfig(page)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/validity.md is out of date: write it with npm run docs:validity\n');
  process.exitCode = 1;
}
