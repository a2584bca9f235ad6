/** The style sheet of pages: readable lines on any screen, light or dark as the reader's system is, black on white on paper. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d2329; --faint: #626b75; --line: #e1e5e9; --shade: #f4f6f8; --accent: #0067a3;
  --good: #00694c; --good-shade: #dcf1e8; --bad: #a8320a; --bad-shade: #fce4d8; --open: #7a5a00; --open-shade: #fbf0cf;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e3e7ea; --faint: #98a2ac; --line: #2c343b; --shade: #1d2329; --accent: #5cb6ee;
    --good: #52cda3; --good-shade: #12352a; --bad: #ff9a70; --bad-shade: #43210f; --open: #e6c157; --open-shade: #3a2f0c;
  }
  figure.drawn svg { filter: invert(0.93) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 0.9rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); font-size: 1.15rem; }
h3 { margin: 1.75rem 0 0.4rem; font-size: 1rem; }
p { margin: 0.4rem 0; max-width: 46rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
code { overflow-wrap: anywhere; }
pre { margin: 0.5rem 0; padding: 0.8rem 1rem; overflow-x: auto; background: var(--shade); border-radius: 0.35rem; line-height: 1.45; }
.faint { color: var(--faint); }
.status { padding: 0.1rem 0.5rem; border-radius: 0.25rem; background: var(--shade); color: var(--ink); white-space: nowrap; }
.status.finished, .status.reproduced { background: var(--good-shade); color: var(--good); }
.status.failed, .status.diverged, .status.differs { background: var(--bad-shade); color: var(--bad); }
.status.inconclusive { background: var(--open-shade); color: var(--open); }
.note { padding: 0.5rem 0.9rem; border-left: 3px solid var(--accent); background: var(--shade); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 1.5rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
th:last-child, td:last-child { padding-right: 0; }
th.right, td.right { text-align: right; }
thead th { color: var(--faint); }
.numbers td { white-space: nowrap; }
.gallery { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.commands dt { margin-top: 0.5rem; }
.commands dd { margin: 0; color: var(--faint); }
details { margin: 0.4rem 0; border-bottom: 1px solid var(--line); }
summary { padding: 0.4rem 0; cursor: pointer; }
details > .wide { margin: 0.2rem 0 1rem; }
@media print {
  @page { margin: 16mm 14mm; }
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  h2 { margin-top: 1.6rem; break-after: avoid; }
  h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  pre { white-space: pre-wrap; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 0.8rem; overflow-wrap: anywhere; }
  .numbers td { white-space: normal; }
  .gallery { grid-template-columns: 1fr 1fr; }
  .status { border: 1px solid currentcolor; }
  details::details-content { content-visibility: visible; display: block; }
  summary { list-style: none; }
}
`.trim();

/** A style sheet with the colours of a bright page in place of their names, for pictures: few programs that draw know variables. */
export function inLight(style: string): string {
  const light = new Map(
    Array.from(PAGE_STYLE.slice(0, PAGE_STYLE.indexOf('@media')).matchAll(/--([a-z-]+): (#[0-9a-f]+)/g), ([, name = '', colour = '']) => [
      name,
      colour,
    ]),
  );
  return style.replace(/var\(--([a-z-]+)\)/g, (variable, name: string) => light.get(name) ?? variable);
}
