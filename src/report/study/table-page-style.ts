import { STRIP_STYLE } from './strip.js';

/** What the page of a table has besides the common styles. Verdicts have their colours in text, in cells and in pictures. */
export const TABLE_PAGE_STYLE = `
.chips { margin-top: 1rem; display: flex; flex-wrap: wrap; gap: 0.4rem; }
.small { font-size: 0.85em; }
.verdicts { width: 100%; font-size: 0.95em; }
.verdicts th[scope="row"] { font-weight: 600; }
.verdicts .value { border-left: 4px solid var(--line); padding-left: 0.9rem; }
.verdicts thead .value { border-left-color: transparent; }
.verdicts .number { white-space: nowrap; }
.verdicts .n { font-size: 0.85em; color: var(--faint); margin-left: 0.3em; }
.verdicts .value.reproduced { border-left-color: var(--good); }
.verdicts .value.differs { border-left-color: var(--bad); }
.verdicts .value.inconclusive { border-left-color: var(--open); }
.verdicts.one th[scope="row"], .verdicts.one .value { width: 1%; }
.verdicts.one th[scope="row"] { white-space: nowrap; }
.verdicts.several .claims { margin-top: 0.4rem; font-size: 0.92em; }
.verdicts.several .claims > div { flex-wrap: wrap; gap: 0.1rem 0.5rem; }
.claims > div, .between, .against > p:first-child { display: flex; gap: 0.5rem; align-items: baseline; margin-bottom: 0.3rem; }
.claims .status, .between .status, .against .status { font-size: 0.82em; flex: none; }
.between { margin: 0.8rem 0; }
.notes { margin: 1.2rem 0 0.6rem; padding-left: 1.4rem; font-size: 0.85em; color: var(--faint); max-width: 50rem; }
sup { color: var(--faint); font-size: 0.7em; line-height: 0; margin-left: 0.15em; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 2.5rem 3rem; margin-top: 1.2rem; }
figure.cell { min-width: 0; }
figure.cell figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; justify-content: space-between; padding-bottom: 0.35rem; border-bottom: 2px solid var(--line); }
figcaption .n { color: var(--faint); }
.against { padding-top: 0.55rem; }
.against p { margin: 0.15rem 0; max-width: none; }
figure svg.strip { height: revert-layer; overflow: visible; }
${STRIP_STYLE}
.key { display: inline-block; width: 0.6rem; height: 0.6rem; border-radius: 50%; border: 2px solid var(--accent); }
.key.ours { background: var(--accent); } .key.other { margin-left: 0.6rem; }
@media (max-width: 40rem) {
  .verdicts thead { display: none; }
  .verdicts, .verdicts tbody, .verdicts tr, .verdicts th, .verdicts td { display: block; }
  .verdicts tr { padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
  .verdicts th, .verdicts td { border-bottom: 0; padding: 0.15rem 0; }
  .verdicts.one th[scope="row"], .verdicts.one .value { width: auto; white-space: normal; }
  .verdicts .value { padding-left: 0.7rem; margin: 0.3rem 0; }
  .verdicts .value::before { content: attr(data-column); display: block; font-size: 0.8em; color: var(--faint); }
}
@media print {
  .figures { grid-template-columns: 1fr 1fr; gap: 1.2rem 2rem; }
  figure.cell { break-inside: avoid; }
  .verdicts .value, .status, .strip, .strip * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`.trim();
