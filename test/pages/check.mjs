/**
 * Opens HTML pages in a real Chromium as a reader would: at a desk, by night, on a tablet, on a phone and on paper, with a mouse, with the keyboard
 * alone, and with axe. Says what is wrong with them.
 *
 *     node test/pages/check.mjs CHROMIUM PICTURES AXE PAGE...
 *
 * A PNG of each view and a PDF are left in the folder PICTURES, to be looked at.
 */

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openBrowser } from './browser.mjs';

const VIEWS = {
  desk: { width: 1280 },
  wide: { width: 1600 },
  tablet: { width: 768 },
  phone: { width: 390 },
  night: { width: 1280, scheme: 'dark' },
  'phone-night': { width: 390, scheme: 'dark' },
  paper: { width: 794, media: 'print' },
};

/** What axe looks at is the same in the others. */
const WITH_AXE = new Set(['desk', 'phone', 'night']);

/** Runs inside of the page. What scrolls by itself may be wider than the page. */
function findings(media) {
  const found = [];
  const scrolls = (element) => element.closest('.wide, pre, figure.drawn') !== null && media !== 'print';
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
    if (
      isText &&
      element.closest('svg, sup, script') === null &&
      parseFloat(getComputedStyle(element).fontSize) < (media === 'print' ? 9 : 10)
    )
      found.push(`${name} is set in ${getComputedStyle(element).fontSize}`);
    if (media === 'print' && element.parentElement?.tagName === 'DETAILS' && height === 0) found.push(`${name} is folded away on paper`);
    if (element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(element).overflowX)) {
      const isReached = element.tabIndex >= 0 || element.querySelector('[tabindex="0"], a, button') !== null;
      if (!isReached) found.push(`${name} is moved sideways, and the keyboard does not reach it`);
    }
    if (element.tagName === 'TH' && element.textContent.trim() === '') found.push('a heading of a table is empty');
  }
  for (const word of ['undefined', 'NaN', '[object']) if (document.body.innerText.includes(word)) found.push(`it says "${word}"`);
  if (document.title === '') found.push('it has no title');
  return found.slice(0, 8);
}

/** Runs inside of the page: pictures say what they show, their words are large enough and can be told from what lies behind them. */
function picturesOf(media) {
  const found = [];
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const over = (front, back, alpha) => front.slice(0, 3).map((part, at) => alpha * part + (1 - alpha) * back[at]);
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a, b) => {
    const [one, other] = [luminance(a), luminance(b)];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const paper = media === 'print' ? [255, 255, 255] : parse(getComputedStyle(document.body).backgroundColor);
  const opacityOf = (element, svg) => {
    let opacity = 1;
    for (let each = element; each && each !== svg; each = each.parentElement) opacity *= Number(getComputedStyle(each).opacity);
    return opacity;
  };
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.parentElement.closest('svg') || svg.getClientRects().length === 0) continue;
    const label = svg.getAttribute('aria-label') ?? '';
    if (svg.getAttribute('role') !== 'img' && svg.getAttribute('aria-hidden') !== 'true')
      found.push('a picture is neither an image nor hidden');
    if (svg.getAttribute('role') === 'img' && (label.length < 20 || !/\d|no run/.test(label))) found.push(`a picture says "${label}"`);
    if (/"|undefined|NaN|\[object/.test(label)) found.push(`a picture says "${label}"`);
    const whole = svg.getBoundingClientRect();
    const shapes = [...svg.querySelectorAll('path, rect')].flatMap((shape) => {
      const { fill, fillOpacity } = getComputedStyle(shape);
      const box = shape.getBoundingClientRect();
      if (fill === 'none' || box.width === 0) return [];
      if (box.width * box.height > 0.8 * whole.width * whole.height && !svg.classList.contains('strip'))
        found.push(`a picture has a ground of its own, ${fill}: "${label.slice(0, 40)}"`);
      return [{ shape, box, colour: parse(fill), alpha: Number(fillOpacity) * opacityOf(shape, svg) }];
    });
    const { a: zoom } = svg.getScreenCTM();
    for (const words of svg.querySelectorAll('text')) {
      if (words.textContent.trim() === '' || Number(getComputedStyle(words).opacity) === 0) continue;
      const size = parseFloat(getComputedStyle(words).fontSize) * zoom;
      if (size < 9.95) found.push(`"${words.textContent}" in a picture is ${size.toFixed(1)} px high: "${label.slice(0, 40)}"`);
      const { left, right, top, bottom } = words.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const behind = shapes
        .filter(({ shape, box }) => {
          const isBefore = (shape.compareDocumentPosition(words) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
          return isBefore && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
        })
        .reduce((ground, { colour, alpha }) => over(colour, ground, alpha), paper);
      const ratio = contrast(over(parse(getComputedStyle(words).fill), behind, opacityOf(words, svg)), behind);
      if (ratio < 4.5) found.push(`"${words.textContent}" has a contrast of ${ratio.toFixed(2)}: "${label.slice(0, 40)}"`);
    }
  }
  return found.slice(0, 8);
}

/** Runs inside of the page: values are told to the mouse and to the arrow keys, and headings sort. */
function uses() {
  const found = [];
  const told = (svg) => {
    const words = svg.parentElement.querySelector('.pointed');
    return words && !words.hidden ? words.textContent : '';
  };
  for (const svg of document.querySelectorAll('figure.drawn > svg')) {
    const name = svg.getAttribute('aria-label').slice(0, 40);
    const { left, top, width, height } = svg.getBoundingClientRect();
    svg.dispatchEvent(new PointerEvent('pointermove', { clientX: left + width / 2, clientY: top + height / 2 }));
    if (!/\d/.test(told(svg))) found.push(`nothing is told where the mouse is: "${name}"`);
    svg.dispatchEvent(new PointerEvent('pointerleave'));
    if (told(svg) !== '') found.push(`what was told stays: "${name}"`);
    svg.focus();
    if (document.activeElement !== svg) found.push(`the keyboard does not reach "${name}"`);
    const said = ['ArrowRight', 'ArrowRight'].map((key) => {
      svg.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      return told(svg);
    });
    if (!/\d/.test(said[0])) found.push(`the arrows tell nothing: "${name}"`);
    svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    if (told(svg) !== '') found.push(`Escape does not end what is told: "${name}"`);
  }
  for (const head of document.querySelectorAll('table.numbers thead th')) {
    const table = head.closest('table');
    const [body] = table.tBodies;
    if (body.rows.length < 3) continue;
    const before = body.rows.length;
    const column = () => [...body.rows].map((row) => row.cells[head.cellIndex].textContent.trim()).filter((text) => text !== '');
    const button = head.querySelector('button');
    if (!button) {
      found.push(`the heading "${head.textContent}" sorts nothing`);
      continue;
    }
    button.click();
    const rising = column();
    if (head.getAttribute('aria-sort') !== 'ascending') found.push(`"${head.textContent}" does not say that it sorts`);
    button.click();
    const falling = column();
    const numbers = rising.map(Number);
    if (numbers.every(Number.isFinite) && numbers.some((number, at) => at > 0 && number < numbers[at - 1]))
      found.push(`"${head.textContent}" is sorted as ${rising.slice(0, 5).join(', ')}`);
    if (new Set(rising).size > 1 && rising[0] === falling[0]) found.push(`"${head.textContent}" sorts one way only`);
    if (body.rows.length !== before) found.push(`sorting by "${head.textContent}" changed the number of rows`);
  }
  return found.slice(0, 8);
}

const [executable, pictures, axe, ...pages] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const browser = await openBrowser(executable);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What axe finds, however serious it calls that. */
async function foundByAxe(tab) {
  await tab.evaluate(`${readFileSync(axe, 'utf8')}; void axe.run().then((found) => (globalThis.found = found.violations))`);
  for (let times = 0; times < 600; times++) {
    const found = await tab.evaluate(
      `globalThis.found && JSON.stringify(found.map(({ id, impact, nodes }) => [impact, id, nodes[0].html.slice(0, 120)]))`,
    );
    if (found) return JSON.parse(found).map(([impact, id, html]) => `axe, ${impact}: ${id}: ${html}`);
    await wait(100);
  }
  return ['axe comes to no end'];
}

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
      const media = JSON.stringify(how.media ?? 'screen');
      const tab = await browser.openTab();
      await tab.look(how);
      await tab.go(url);
      tell(view, await tab.evaluate(`(${findings})(${media})`));
      tell(view, await tab.evaluate(`(${picturesOf})(${media})`));
      writeFileSync(join(pictures, `${name}-${view}.png`), Buffer.from(await tab.picture(), 'base64'));
      if (view === 'paper') writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(await tab.paper(), 'base64'));
      if (WITH_AXE.has(view)) tell(view, await foundByAxe(tab));
      if (view === 'desk' || view === 'phone') tell(view, await tab.evaluate(`(${uses})()`));
      tell(view, tab.complaints);
      tell(
        view,
        tab.requests.filter((request) => request !== url).map((request) => `it asks for ${request}`),
      );
      await tab.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${pages.length} pages looked at in ${Object.keys(VIEWS).length} views each: ${wrong} faults`);
process.exitCode = wrong > 0 ? 1 : 0;
