import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonText, visibleText } from '../../src/diagnostics/columns.js';
import { latexText } from '../../src/report/kit/latex.js';
import { markdownText } from '../../src/report/kit/tables.js';
import { toCsv } from '../../src/formats/csv.js';
import { html } from '../../src/report/kit/html.js';
import { renderSvg } from '../../src/report/kit/render.js';
import { workplace } from '../support/program.js';
import { BASE } from '../sweep/documents.js';

const EVIL = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u0008\u007f\u202egnp.exe';
const COMMANDS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const place = workplace();

describe('what commands a terminal is shown as marks', () => {
  it('in a text, whose line breaks and tabs stay', () => {
    expect(visibleText(`a\tb\r\nc${EVIL}`)).toBe('a\tb\r\nc␛[2J␛]0;owned␇␡31m␈␡\ufffdgnp.exe');
    expect(visibleText('over\rwritten')).toBe('over␍written');
    expect(visibleText('\u001b[1mours\u001b[22m\u001b[2J', /\u001b\[\d+m/g)).toBe('\u001b[1mours\u001b[22m␛[2J');
  });

  it('in JSON as escapes, so that a program reads what was there', () => {
    const text = jsonText({ [EVIL]: [EVIL, 'à漢'] });
    expect(text).not.toMatch(COMMANDS);
    expect(text).toContain('à漢');
    expect(JSON.parse(text)).toEqual({ [EVIL]: [EVIL, 'à漢'] });
  });

  it('in pages, LaTeX, Markdown and pictures', async () => {
    expect(html`<p>${EVIL}</p>`.html).not.toMatch(COMMANDS);
    expect(latexText(EVIL)).not.toMatch(COMMANDS);
    expect(markdownText(EVIL)).not.toMatch(COMMANDS);
    const svg = await renderSvg({
      data: { values: [{ x: EVIL, y: 1 }] },
      title: EVIL,
      description: EVIL,
      mark: 'bar',
      encoding: { x: { field: 'x' }, y: { field: 'y' } },
    });
    expect(svg).not.toMatch(COMMANDS);
  });

  it('on the command line: of a description, of a server, of a record from elsewhere', async () => {
    const server = createServer((_, response) => response.writeHead(400).end(`no ${EVIL}`));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const folder = join(place.folder, 'documents');
    mkdirSync(folder);
    const file = join(folder, 'tiny.yaml');
    writeFileSync(file, `${BASE}description: ${JSON.stringify(EVIL.replace(/[\u007f-\u009f\u202e]/g, ''))}\n`);
    const runs = join(place.folder, 'runs');
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const first = await place.call('run', file, '--runs', runs, '--track', uri);
    expect(first.status, first.stderr).toBe(0);
    const [experiment = ''] = readdirSync(runs).filter((name) => /^\d+$/.test(name));
    const [run = ''] = readdirSync(join(runs, experiment)).filter((name) => /^[0-9a-f]{32}$/.test(name));
    writeFileSync(join(runs, experiment, run, 'tags', 'retable.reason'), EVIL);
    writeFileSync(join(runs, experiment, run, 'params', 'model.kind'), EVIL);
    const page = join(place.folder, 'page.html');
    const said = [
      first,
      await place.call('show', '--runs', runs),
      await place.call('list', '--runs', runs),
      await place.call('list', '--csv', '--runs', runs),
    ];
    await place.call('report', '--runs', runs, '--output', page);
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toMatch(COMMANDS);
    expect(readFileSync(page, 'utf8')).not.toMatch(COMMANDS);
    server.close();
  });
});

describe('a cell of CSV that a spreadsheet would run', () => {
  it.each(['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', '=HYPERLINK("http://x")'])('%s begins with an apostrophe', (text) =>
    expect(toCsv([[text]]).replace(/^"/, '')[0]).toBe("'"),
  );

  it.each(['-0.5', '+1', '-1e-7', '-Infinity', '-.5', '1'])('but a number, %s, never does', (text) => {
    expect(toCsv([[text, Number(text)]])).toBe(`${text},${Number(text)}`);
  });
});
