// MLflow's own page on a sweep, as a person sees it: the list with its nested runs, the charts, a run, the pictures and the model it keeps.
// Fails where words or pictures don't appear; one run must stand beside the sweep. Pictures go to FOLDER.
//
//     node mlflow_page.mjs URI EXPERIMENT SWEEP FOLDER [CHROMIUM]

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';

const [uri, experiment, sweep, folder, chromium = 'chromium'] = process.argv.slice(2);
const PAGE = 'workflowType=machine_learning';

const ask = async (call, body) => {
  const sent = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await fetch(`${uri}/api/2.0/mlflow/${call}`, sent)).json();
};
const { experiment: found } = await ask(`experiments/get-by-name?${new URLSearchParams({ experiment_name: experiment })}`);
const id = found.experiment_id;
const { runs } = await ask('runs/search', { experiment_ids: [id] });
const parent = runs.find(({ info }) => info.run_name === sweep);
const children = runs.filter(({ data }) =>
  data.tags.some(({ key, value }) => key === 'mlflow.parentRunId' && value === parent.info.run_id),
);
const [child] = children;
const alone = runs.find((run) => run !== parent && !children.includes(run));

const unfinished = runs.filter(({ info }) => info.status !== 'FINISHED').map(({ info }) => info.run_name);
if (unfinished.length > 0) throw new Error(`not at their end on the server: ${unfinished.join(', ')}`);

const button = (label) => `[...document.querySelectorAll('button')].find((each) => each.getAttribute('aria-label') === '${label}')`;
const says = (text) => `document.body.innerText.includes(${JSON.stringify(text)})`;
const expander = `[...document.querySelectorAll('[role=row] a')].find((link) => link.innerText === '${sweep}')?.closest('[role=gridcell], td')?.querySelector('button')`;
const all = (texts) => texts.map(says).join(' && ');

mkdirSync(folder, { recursive: true });
const browser = await openBrowser(chromium, join(folder, 'profile'));
const keep = async (name) => {
  await browser.evaluate(`${button('Close')}?.click()`); // the assistant, which a fresh browser opens
  await wait(1500); // charts are drawn with an animation
  writeFileSync(join(folder, `${name}.png`), await browser.picture());
  console.log(`seen: ${name}`);
};
/** The page draws its rows anew while it loads, and forgets a click. */
const openSweep = async () => {
  const isOpen = all(children.map(({ info }) => info.run_name));
  for (let tries = 0; tries < 8; tries++) {
    await browser.evaluate(`${expander}?.click()`);
    if (
      await browser.until('', isOpen, 4).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  await browser.until('the trials of the sweep', isOpen, 1);
};
try {
  await browser.size(1400, 900);

  await browser.open(`${uri}/#/experiments/${id}/runs?${PAGE}`);
  await browser.until('the sweep', says(sweep));
  await openSweep();
  await keep('mlflow-runs');

  await browser.open(`${uri}/#/experiments/${id}/runs?compareRunsMode=CHART&${PAGE}`);
  await browser.until('the sweep beside the charts', says(sweep));
  await openSweep();
  await browser.until('a chart', `document.querySelectorAll('.js-plotly-plot, .plot-container').length > 2`);
  await keep('mlflow-charts');

  await browser.open(`${uri}/#/experiments/${id}/runs/${child.info.run_id}?${PAGE}`);
  await browser.until('the run', all([child.info.run_name, 'test/exact_match', 'model.hidden_size', 'Finished', 'Parent run', 'lstm']));
  await keep('mlflow-run');

  await browser.open(`${uri}/#/experiments/${id}/runs/${child.info.run_id}/artifacts/plan.txt?${PAGE}`);
  await browser.until('a text among the artifacts', all(['plan.txt', 'config.resolved.yaml']));
  await keep('mlflow-artifacts');

  await browser.open(`${uri}/#/experiments/${id}/runs/${alone.info.run_id}/artifacts/plots/loss.svg?${PAGE}`);
  await browser.until(
    'a picture among the artifacts',
    `${says('loss.svg')} && [...document.querySelectorAll('img')].some((image) => image.naturalWidth > 100)`,
  );
  await keep('mlflow-picture');

  await browser.open(`${uri}/#/experiments/${id}/models?${PAGE}`);
  await browser.until('the model', says('Ready'));
  await keep('mlflow-models');
} finally {
  await browser.close();
}
