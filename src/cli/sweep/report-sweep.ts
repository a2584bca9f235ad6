import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { openStore } from '../../record/layout.js';
import { renderSvg } from '../../report/render.js';
import { sweepChart } from '../../report/sweep-chart.js';
import { pictureOf, sweepMarkdown } from '../../sweep/report.js';
import { standingOf } from '../../sweep/prune.js';
import { summarize } from '../../sweep/results.js';
import type { Options } from '../command.js';
import { EXIT } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import type { Terminal } from '../terminal.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/** A sweep as Markdown with its picture beside it, from the records as they are. */
export async function reportSweep(file: string, options: Options, terminal: Terminal): Promise<number> {
  const sweep = prepareSweep(file, options, terminal);
  const results = summarize(sweep, standingOf(sweep, readStates(openStore(runsFolder(options.runs)), sweep)).results);
  const page = options.output ?? `${sweep.sweep.config.sweep}.md`;
  const picture = `${page.replace(/\.md$/, '')}.svg`;
  writeFileSync(picture, await renderSvg(sweepChart(pictureOf(sweep, results))));
  writeFileSync(page, sweepMarkdown(sweep, results, basename(picture)));
  terminal.out(shown(page));
  return EXIT.done;
}
