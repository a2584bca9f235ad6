import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A headless Chromium that is spoken to through its pipe (DevTools protocol: JSON texts, each ended by a zero byte): no package is needed.
 * One page; `folder` is where its profile lies.
 */
export async function openBrowser(program, folder) {
  const options = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
    '--force-color-profile=srgb',
  ];
  const child = spawn(program, [...options, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  let last = 0;
  let text = '';
  output.setEncoding('utf8').on('data', (chunk) => {
    const messages = (text + chunk).split('\0');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    }
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });

  const { targetInfos } = await send('Target.getTargets');
  const { targetId } = targetInfos.find(({ type }) => type === 'page');
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => send(method, params, sessionId);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await page('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const words = () => evaluate('document.body.innerText');

  const until = async (what, expression, seconds = 40) => {
    const end = Date.now() + 1000 * seconds;
    while (!(await evaluate(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > end) throw new Error(`${what} did not appear within ${seconds} s; the page says: ${(await words()).slice(0, 2000)}`);
      await wait(200);
    }
  };

  return {
    evaluate,
    words,
    open: (address) => page('Page.navigate', { url: address }),
    size: (width, height) => page('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false }),
    /** Waits until `expression` holds on the page. */
    until,
    /** Waits for an element, and clicks it. */
    async click(what, expression) {
      await until(what, expression);
      await evaluate(`(${expression}).click()`);
    },
    async picture() {
      const { data } = await page('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await Promise.race([send('Browser.close').catch(() => undefined), wait(3000)]);
      await Promise.race([ended, wait(3000)]);
      child.kill('SIGKILL');
    },
  };
}
