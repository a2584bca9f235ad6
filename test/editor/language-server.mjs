// An editor without a window: starts yaml-language-server, shows it documents, and asks what a person would see there.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the cursor stands in a text. */
const CURSOR = '¦';

/**
 * What a person is offered at the cursor.
 *
 * @typedef {object} Offer
 * @property {string} label
 * @property {string} inserted What stands in the document afterwards, without the marks of places to fill in.
 * @property {string} about
 */

/** A snippet with what it begins with in each place, and of several values with the first one. */
const filledIn = (snippet) => snippet.replaceAll(/\$\{\d+[:|]([^},|]*)[^}]*\}|\$\{?\d+\}?/g, '$1');

/** @param {string} program Of yaml-language-server. */
export async function openEditor(program) {
  const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  /** @type {Map<number, (answer: any) => void>} */
  const asked = new Map();
  /** @type {Map<string, (diagnostics: readonly any[]) => void>} */
  const awaited = new Map();
  let last = 0;

  const send = (message) => {
    const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    server.stdin.write(`Content-Length: ${bytes.length}\r\n\r\n`);
    server.stdin.write(bytes);
  };
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      asked.set(id, ({ result, error }) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result)));
      send({ id, method, params });
    });

  let rest = Buffer.alloc(0);
  server.stdout.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = rest.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, Math.max(head, 0)).toString())?.[1]);
      if (head < 0 || rest.length < head + 4 + length) return;
      receive(JSON.parse(rest.subarray(head + 4, head + 4 + length).toString()));
      rest = rest.subarray(head + 4 + length);
    }
  });

  function receive({ id, method, params, ...answer }) {
    if (method === 'textDocument/publishDiagnostics') return awaited.get(params.uri)?.(params.diagnostics);
    if (method === undefined) return asked.get(id)?.(answer);
    // The server asks for settings; everything stays as it comes.
    if (id !== undefined) send({ id, result: method === 'workspace/configuration' ? params.items.map(() => null) : null });
  }

  const snippets = { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } };
  await ask('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { completion: snippets, hover: { contentFormat: ['markdown'] } } },
  });
  send({ method: 'initialized', params: {} });

  /** Opens a text as a file of a folder, where it need not be, and closes it again. */
  async function opened(folder, written, use) {
    const [before = '', ...after] = written.split(CURSOR);
    // The server remembers what it made of a file: each text is a file of its own.
    const uri = pathToFileURL(join(folder, `document-${++last}.yaml`)).href;
    const diagnostics = new Promise((resolve) => awaited.set(uri, resolve));
    const text = [before, ...after].join('');
    send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
    const lines = before.split('\n');
    const at = { textDocument: { uri }, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
    try {
      return await use({ at, diagnostics });
    } finally {
      send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
      awaited.delete(uri);
    }
  }

  return {
    /** @returns {Promise<readonly Offer[]>} */
    complete: (folder, text) =>
      opened(folder, text, async ({ at }) => {
        const found = await ask('textDocument/completion', at);
        return (Array.isArray(found) ? found : (found?.items ?? [])).map(({ label, insertText, textEdit, documentation }) => ({
          label,
          inserted: filledIn(textEdit?.newText ?? insertText ?? label),
          about: typeof documentation === 'string' ? documentation : (documentation?.value ?? ''),
        }));
      }),
    /** @returns {Promise<string>} */
    hover: (folder, text) =>
      opened(folder, text, async ({ at }) => {
        const found = await ask('textDocument/hover', at);
        return found?.contents?.value ?? '';
      }),
    /** What is underlined. @returns {Promise<readonly string[]>} */
    mistakes: (folder, text) =>
      opened(folder, text, async ({ diagnostics }) =>
        (await diagnostics).map(({ message, range }) => `${range.start.line + 1}: ${message}`),
      ),
    async close() {
      await ask('shutdown');
      send({ method: 'exit' });
      await ended;
    },
  };
}
