/**
 * Opens HTML pages in a real Chromium as a reader would, at a desk, by night, on a phone and on paper, and says what is wrong with them.
 *
 *     node test/pages/check.mjs CHROMIUM PICTURES PAGE...
 *
 * A PNG of each view and a PDF are left in the folder PICTURES, to be looked at.
 */

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBrowser } from './browser.mjs';

const VIEWS = {
  desk: { width: 1280 },
  night: { width: 1280, scheme: 'dark' },
  phone: { width: 390 },
  paper: { width: 794, media: 'print' },
};

/** Runs inside of the page. What scrolls by itself may be wider than the page. */
function findings(media) {
  const found = [];
  const scrolls = (element) => element.closest('.wide, pre') !== null && media !== 'print';
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`it is ${scrollWidth} px wide where ${clientWidth} are`);
  for (const element of document.querySelectorAll('body *')) {
    const { left, right, width, height } = element.getBoundingClientRect();
    const name = `${element.tagName.toLowerCase()} "${(element.textContent ?? '').trim().slice(0, 30)}"`;
    if (width > 0 && height > 0 && !scrolls(element) && element.closest('svg') === null && (right > clientWidth + 1 || left < -1))
      found.push(`${name} reaches from ${Math.round(left)} to ${Math.round(right)} px`);
    if (element.tagName === 'svg' && element.parentElement.closest('svg') === null && (width < 40 || height < 10))
      found.push(`a picture is ${Math.round(width)} x ${Math.round(height)} px`);
    const isText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (isText && element.closest('svg, sup') === null && parseFloat(getComputedStyle(element).fontSize) < (media === 'print' ? 9 : 10))
      found.push(`${name} is set in ${getComputedStyle(element).fontSize}`);
    if (media === 'print' && element.parentElement?.tagName === 'DETAILS' && height === 0) found.push(`${name} is folded away on paper`);
  }
  for (const word of ['undefined', 'NaN', '[object']) if (document.body.innerText.includes(word)) found.push(`it says "${word}"`);
  if (document.title === '') found.push('it has no title');
  return found.slice(0, 8);
}

const [executable, pictures, ...pages] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const browser = await openBrowser(executable);
let wrong = 0;
try {
  for (const page of pages) {
    const url = pathToFileURL(resolve(page)).href;
    const name = basename(page, '.html');
    const tell = (view, found) => {
      for (const each of found) console.log(`${page}, ${view}: ${each}`);
      wrong += found.length;
    };
    const bytes = statSync(page).size;
    tell('file', bytes < 900_000 ? [] : [`${bytes} bytes, and 900,000 are allowed`]);
    tell('file', /<script[^>]|\b(src|href)="(?!#)/.test(readFileSync(page, 'utf8')) ? ['it names another file'] : []);
    for (const [view, how] of Object.entries(VIEWS)) {
      const tab = await browser.openTab();
      await tab.look(how);
      await tab.go(url);
      tell(view, await tab.evaluate(`(${findings})(${JSON.stringify(how.media ?? 'screen')})`));
      tell(view, tab.complaints);
      tell(
        view,
        tab.requests.filter((request) => request !== url).map((request) => `it asks for ${request}`),
      );
      writeFileSync(join(pictures, `${name}-${view}.png`), Buffer.from(await tab.picture(), 'base64'));
      if (view === 'paper') writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(await tab.paper(), 'base64'));
      await tab.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${pages.length} pages looked at in ${Object.keys(VIEWS).length} views each: ${wrong} faults`);
process.exitCode = wrong > 0 ? 1 : 0;
