/**
 * The page of `retable watch` in a real Chromium, as a reader would use it:
 *
 *     node test/watch/page.mjs CHROMIUM PICTURES AXE FOLDER TRIALS RUNS
 *
 * A sweep of TRIALS trials trains in FOLDER (test/watch/many.mjs) beside RUNS other runs. Says what is wrong, and how long things took; leaves
 * pictures by day and by night, wide and narrow, in PICTURES. AXE is the file of axe-core.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { openBrowser } from '../pages/browser.mjs';

const [executable, pictures, axe, folder, trials, runs] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
let faults = 0;
const fault = (words) => {
  faults += 1;
  console.log(`fault: ${words}`);
};
const holds = (is, words) => is || fault(words);

const start = (args, more = {}) => spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], ...more });
const linesOf = (child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const next = async (lines) => (await lines.next()).value ?? '';

const writer = start(['test/watch/many.mjs', folder, trials, runs]);
const written = linesOf(writer);
const [, sweep] = (await next(written)).split(' ');
const served = start(['bin/retable.js', 'watch', 'many', '--runs', folder], { stdio: ['pipe', 'pipe', 'ignore'] });
const began = Date.now();
const address = await next(linesOf(served));
console.log(`with ${runs} other runs, its address after ${Date.now() - began} ms`);
holds(address.includes(sweep), `it opens ${address}, and the sweep is ${sweep}`);

// The way there leads through another port, as through `ssh -L`, and can be cut.
const ways = new Set();
const tunnel = createServer((near) => {
  const far = connect(Number(new URL(address).port), '127.0.0.1');
  for (const [way, other] of [
    [near, far],
    [far, near],
  ]) {
    ways.add(way);
    way.pipe(other);
    way.on('error', () => other.destroy()).on('close', () => ways.delete(way));
  }
}).listen(0, '127.0.0.1');
await once(tunnel, 'listening');
const url = address.replace(/:\d+/, `:${tunnel.address().port}`);
const home = url.slice(0, url.indexOf('#'));

/** Memory in MB, and seconds of processor time so far, as Linux tells them. */
function costs({ pid }) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { memory: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1000, seconds: (Number(fields[11]) + Number(fields[12])) / 100 };
}

const browser = await openBrowser(executable);
const watch = async (tab, expression, most = 15_000) => {
  const from = Date.now();
  while (Date.now() - from < most) {
    const value = await tab.evaluate(`(() => { try { return ${expression}; } catch { return null; } })()`);
    if (value) return value;
    await wait(20);
  }
  throw new Error(`never: ${expression}`);
};
try {
  const tab = await browser.openTab();
  await tab.look({ width: 1280 });
  const opened = Date.now();
  await tab.go(url);
  await watch(tab, `document.querySelector('#results tbody tr')`);
  console.log(`a sweep of ${trials} trials is shown after ${Date.now() - opened} ms`);

  // An epoch is seen on the page, of the page's own accord.
  const delays = [];
  for (let times = 0; times < 5; times++) {
    writer.stdin.write('\n');
    const [, epoch, at] = (await next(written)).split(' ');
    await watch(tab, `document.querySelector('#now').textContent.includes('${epoch}/50')`);
    delays.push(Date.now() - Number(at));
  }
  console.log(`an epoch is seen after ${delays.join(', ')} ms`);
  holds(Math.max(...delays) < 2000, 'an epoch took 2 s or more');

  // With the keyboard alone.
  await tab.evaluate(`document.querySelector('canvas').focus()`);
  const key = (name) => tab.evaluate(`document.querySelector('canvas').dispatchEvent(new KeyboardEvent('keydown', { key: '${name}' }))`);
  await key('ArrowLeft');
  await watch(tab, `/epoch \\d+, test\\/loss/.test(document.querySelector('#readout').textContent)`);
  const before = await tab.evaluate(`document.querySelector('#readout').textContent`);
  await key('ArrowDown');
  await watch(tab, `document.querySelector('#readout').textContent !== ${JSON.stringify(before)}`);
  await key('Enter');
  await watch(tab, `document.querySelectorAll('.pinned button').length === 1`);
  await key('Escape');
  await watch(tab, `document.querySelectorAll('.pinned button').length === 0`);

  // With the mouse: what lies under it is named, and a click pins it.
  await tab.evaluate(`{
    const canvas = document.querySelector('canvas');
    const { left, top, width, height } = canvas.getBoundingClientRect();
    globalThis.mouse = (name, y) => canvas.dispatchEvent(new PointerEvent(name, { clientX: left + width / 2, clientY: top + y }));
    globalThis.lowest = height - 50;
  }`);
  await tab.evaluate(`mouse('pointermove', lowest)`);
  await watch(tab, `document.querySelector('#readout').textContent.includes('epoch')`);
  await tab.evaluate(`mouse('click', lowest)`);
  await watch(tab, `document.querySelectorAll('.pinned button').length === 1`);
  await tab.evaluate(`document.querySelector('.pinned button').click()`);
  await watch(tab, `document.querySelectorAll('.pinned button').length === 0`);

  // The connection is cut, as by a computer that slept: the page says so, and comes back by itself.
  for (const way of ways) way.destroy();
  await watch(tab, `document.querySelector('.connection').textContent.startsWith('no connection')`);
  writer.stdin.write('\n');
  const [, missed] = (await next(written)).split(' ');
  await watch(
    tab,
    `document.querySelector('.connection').textContent === 'live' && document.querySelector('#now').textContent.includes('${missed}/50')`,
  );

  // Another metric, a logarithmic scale, sorting, another page and back.
  await tab.evaluate(`{ const m = document.querySelector('#metric'); m.value = 'test/accuracy'; m.dispatchEvent(new Event('change')); }`);
  await watch(tab, `document.querySelector('#results thead').textContent.includes('test/accuracy')`);
  await tab.evaluate(`document.querySelector('#curves input[type=checkbox]').click()`);
  await tab.evaluate(`document.querySelector('#results [data-focus="seeds"]').click()`);
  await watch(tab, `document.querySelector('#results [aria-sort]').textContent === 'seeds'`);
  await tab.evaluate(`document.querySelector('nav a').click()`);
  await watch(tab, `document.querySelector('h1').textContent === 'All runs' && document.querySelector('#results tbody tr')`);
  await tab.evaluate(`history.back()`);
  await watch(tab, `document.querySelector('h1').textContent === 'many' && document.querySelector('#map td')`);

  // What axe calls serious, by day and by night, at a desk and on a phone.
  for (const [name, how] of Object.entries({
    'wide-day': { width: 1600 },
    'wide-night': { width: 1600, scheme: 'dark' },
    'phone-day': { width: 390 },
    'phone-night': { width: 390, scheme: 'dark' },
  })) {
    for (const [page, address] of Object.entries({ sweep: url, all: home })) {
      const view = await browser.openTab();
      await view.look(how);
      await view.go(address);
      await watch(view, `document.querySelector('#results tbody tr')`);
      await wait(300);
      const { wide, there } = await view.evaluate(`({ wide: document.documentElement.scrollWidth, there: innerWidth })`);
      holds(
        await view.evaluate(`[...document.querySelectorAll('[hidden]')].every((each) => each.getClientRects().length === 0)`),
        `${page}, ${name}: what is hidden is seen`,
      );
      holds(wide <= there, `${page}, ${name}: it is ${wide} px wide where ${there} are`);
      writeFileSync(join(pictures, `watch-${page}-${name}.png`), Buffer.from(await view.picture(), 'base64'));
      await view.evaluate(readFileSync(axe, 'utf8') + '; undefined');
      await view.evaluate(`void axe.run().then((found) => (globalThis.found = found.violations))`);
      const found = await watch(
        view,
        `globalThis.found && JSON.stringify(found.map(({ id, impact, nodes }) => [impact, id, nodes[0].html.slice(0, 120)]))`,
      );
      for (const [impact, id, html] of JSON.parse(found)) {
        if (impact === 'serious' || impact === 'critical') fault(`${page}, ${name}: ${id}: ${html}`);
        else console.log(`${page}, ${name}, ${impact}: ${id}`);
      }
      for (const each of view.complaints) fault(`${page}, ${name}: ${each}`);
      for (const each of view.requests.filter((request) => !request.startsWith(home))) fault(`${page}, ${name}: it asks for ${each}`);
      await view.close();
    }
  }

  // Nothing happens: one page is open, and looks.
  await wait(3000);
  const from = costs(served);
  await wait(10_000);
  const to = costs(served);
  const share = (100 * (to.seconds - from.seconds)) / 10;
  console.log(`with a trial at work that records nothing: ${share.toFixed(1)} % of a core, ${to.memory.toFixed(0)} MB`);

  // Its server goes and comes: the page says so, and goes on by itself.
  for (const each of tab.complaints.filter((words) => !words.includes('ERR_'))) fault(each);
  served.kill('SIGINT');
  const [status] = await once(served, 'exit');
  holds(status === 130, `Ctrl-C ends it with ${status}`);
  await watch(tab, `document.querySelector('.connection').textContent.startsWith('no connection')`);

  // As a file: nothing is asked of anybody.
  const file = resolve(folder, '..', 'watch.html');
  const saved = start(['bin/retable.js', 'watch', 'many', '--runs', folder, '--once', '--output', file]);
  await once(saved, 'exit');
  console.log(
    `the page itself has ${readFileSync(file, 'utf8').replace(/id="saved">.*/, '').length} bytes, with a sweep of ${trials} trials ${statSync(file).size}`,
  );
  const still = await browser.openTab();
  await still.look({ width: 1280 });
  await still.go(`file://${file}`);
  await watch(still, `document.querySelector('#map td') && document.querySelector('#curves canvas').getAttribute('aria-label')`);
  holds(still.requests.length === 1 && still.complaints.length === 0, `the file: ${[...still.requests, ...still.complaints].join(' ')}`);
} finally {
  await browser.close();
  served.kill();
  writer.kill();
  tunnel.close();
  for (const way of ways) way.destroy();
}
console.log(`${faults} faults`);
process.exit(faults > 0 ? 1 : 0);
