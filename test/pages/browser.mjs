/** A real Chromium, spoken to over the DevTools protocol through a pipe: no port, no package. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function openBrowser(executable) {
  const profile = mkdtempSync(join(tmpdir(), 'retable-chromium-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(executable, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , toBrowser, fromBrowser] = child.stdio;
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  let rest = '';
  fromBrowser.setEncoding('utf8').on('data', (chunk) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      const { id, error, result } = message;
      if (id === undefined) for (const listener of listeners) listener(message);
      else if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then(() => waiting.forEach(({ reject }) => reject(new Error('the browser ended'))));

  function send(method, params = {}, sessionId = undefined) {
    const id = ++last;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      toBrowser.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
  }

  async function close() {
    await send('Browser.close').catch(() => child.kill('SIGKILL'));
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A tab that is told what it shows, with everything that a page did besides: requests, and messages of its console. */
  async function openTab() {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const tell = (method, params) => send(method, params, sessionId);
    const requests = [];
    const complaints = [];
    let loaded = () => undefined;
    listeners.add(({ method, params, sessionId: of }) => {
      if (of !== sessionId) return;
      if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
      if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.text);
      if (method === 'Log.entryAdded') complaints.push(params.entry.text);
      if (method === 'Runtime.consoleAPICalled') complaints.push(params.args.map(({ value }) => value).join(' '));
      if (method === 'Page.loadEventFired') loaded();
    });
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await tell(`${domain}.enable`);
    return {
      requests,
      complaints,
      close: () => send('Target.closeTarget', { targetId }),
      async look({ width, media = 'screen', scheme = 'light' }) {
        await tell('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
        await tell('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
      },
      async go(url) {
        const done = new Promise((resolve) => (loaded = resolve));
        await tell('Page.navigate', { url });
        await done;
      },
      async evaluate(expression) {
        const { result, exceptionDetails } = await tell('Runtime.evaluate', { expression, returnByValue: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
      },
      /** All of the page, or a part of it, as PNG in base64. */
      picture: async (clip) => (await tell('Page.captureScreenshot', { captureBeyondViewport: true, ...(clip && { clip }) })).data,
      /** On A4, as a printer would have it, in base64. */
      paper: async () =>
        (await tell('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69, preferCSSPageSize: true, printBackground: true })).data,
    };
  }
  return { openTab, close };
}
