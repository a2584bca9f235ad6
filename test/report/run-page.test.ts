import { describe, expect, it } from 'vitest';
import { html, trusted } from '../../src/report/kit/html.js';
import { renderSvg } from '../../src/report/kit/render.js';
import { runCharts, wholeChart } from '../../src/report/run/run-charts.js';
import { runPage } from '../../src/report/run/run-page.js';
import { VIEWS } from '../views/views.js';
import { points, RUN, withoutScript } from './fixture.js';

describe('html', () => {
  it('escapes texts, and takes pieces of HTML and lists as they are', () => {
    const item = (text: string) => html`<b title="${text}">${text}</b>`;
    expect(html`<i>${['<b>', `"&'`].map(item)}</i>${trusted('<hr>')}${3}`.html).toBe(
      '<i><b title="&lt;b&gt;">&lt;b&gt;</b><b title="&quot;&amp;&#39;">&quot;&amp;&#39;</b></i><hr>3',
    );
  });
});

describe('runPage', () => {
  const draw = async (run = RUN) =>
    runPage(run, await Promise.all(runCharts(run).map(async ({ name, spec }) => ({ name, svg: await renderSvg(spec) }))));

  it('holds the result, the curves, the configuration with origins, the commands and the environment', async () => {
    const page = await draw();
    for (const part of [
      'lstm_addition',
      '0.9710',
      'they test memory',
      'experiments/lstm_addition.yaml:13:16',
      'npx retable show 3f2a',
      '20.20.2',
    ]) {
      expect(page).toContain(part);
    }
    expect(page.match(/<svg/g)).toHaveLength(2);
  });

  it('draws what metrics show, whatever kind it is of, and writes what they say', async () => {
    const views = VIEWS.map((view) => ({ key: `test/own_${view.kind}`, epoch: 20, view }));
    const page = await draw({ ...RUN, views });
    expect(page.match(/<svg/g)).toHaveLength(8);
    for (const words of [
      'own matrix of test',
      'after epoch 20',
      'right class',
      'answer',
      'cat',
      '1960-01',
      'recall',
      'false positives',
      '1 step ahead',
      'mean 0.1',
    ])
      expect(page).toContain(words);
    expect(page).toMatch(/<pre[^>]*>\s*<span style="padding-left:0ch">cat for dog: 1<\/span><span [^>]*>dog for cat: 0<\/span><\/pre>/);
    expect(page).toContain('Own tokens of test, after epoch 20</h2>');
    expect(page).toContain('<p><span style="--share:17%">it</span> <span style="--share:100%">barked</span> twice</p>');
    expect(page).toContain('Most: barked 0.750, it 0.125');
    const whole = wholeChart({ ...RUN, views });
    expect(whole && (await renderSvg(whole))).toContain('right class');
  });

  it('needs nothing from elsewhere', async () => {
    const page = withoutScript(await draw()).replaceAll(/xmlns(:\w+)?="[^"]*"/g, '');
    expect(page).not.toMatch(/https?:|src=|<link|<script|@import|url\((?!#)/);
  });

  it('closes every element that it opens', async () => {
    const empty = new Set(['meta', '!doctype']);
    const open: string[] = [];
    for (const [, slash, name = '', rest] of withoutScript(await draw()).matchAll(/<(\/?)(!?[\w-]+)([^>]*)>/g)) {
      if (empty.has(name) || rest?.endsWith('/')) continue;
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('does not let a name or a note write HTML', async () => {
    const page = await draw({ ...RUN, experiment: '<script>alert(1)</script>', notes: ['<img src=x>'] });
    expect(withoutScript(page)).not.toMatch(/<script|<img/);
  });

  it('is a page for a run without a number, too', () => {
    expect(runPage({ ...RUN, metrics: new Map() }, [])).toContain('No metric was recorded.');
    expect(runPage({ ...RUN, metrics: new Map([['train/loss', points(Number.NaN)]]) }, [])).toContain('NaN');
  });
});
