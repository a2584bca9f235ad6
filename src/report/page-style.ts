/** The style sheet of pages: readable lines on any screen, black on white on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light; --ink: #222; --faint: #666; --line: #e2e2e2; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; color: var(--ink); background: #fff;
  font: 16px/1.5 "DejaVu Sans", Verdana, system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); font-size: 1.1rem; }
p { margin: 0.4rem 0; max-width: 48rem; }
code { font-family: "DejaVu Sans Mono", ui-monospace, Menlo, Consolas, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.status { padding: 0.1rem 0.5rem; border-radius: 0.25rem; background: #eee; color: var(--ink); }
.status.finished { background: #d9efe6; color: #00513b; }
.status.failed, .status.diverged { background: #fbe3d4; color: #7d3300; }
.note { padding: 0.5rem 0.9rem; border-left: 3px solid var(--accent); background: #f4f8fb; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 1.5rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
thead th { color: var(--faint); }
.numbers td { white-space: nowrap; }
.gallery { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.commands dt { margin-top: 0.5rem; }
.commands dd { margin: 0; color: var(--faint); }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  section { break-inside: avoid-page; }
  figure, tr { break-inside: avoid; }
  .gallery { grid-template-columns: 1fr 1fr; }
}
`.trim();
