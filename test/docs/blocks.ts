/** A fenced block of a Markdown page, and what an HTML comment right before it says of its test. */
export interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  /** Line of the page, from 1. */
  readonly line: number;
  readonly directive: Directive;
}

/**
 * `<!-- test: … -->` before a block:
 *
 *     skip (REASON)      not run
 *     full (REASON)      run in .ci/full only
 *     file NAME          written to the page's folder under this name
 *     part of FILE       YAML that is put into a document of the page's folder, key by key, and checked there
 *     status N           its last command ends with this status
 */
export type Directive =
  | { readonly kind: 'none' }
  | { readonly kind: 'skip' | 'full'; readonly reason: string }
  | { readonly kind: 'file' | 'part'; readonly file: string }
  | { readonly kind: 'status'; readonly status: number };

export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence, language = ''] = /^( *)(`{3,})(\w*)/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
    blocks.push({
      language,
      lines: lines.slice(at + 1, end).map((line) => line.slice(indent.length)),
      line: at + 1,
      directive: directiveOf(/^ *<!-- test: (.*?) -->$/.exec(before)?.[1]),
    });
    at = end;
  }
  return blocks;
}

function directiveOf(text: string | undefined): Directive {
  if (text === undefined) return { kind: 'none' };
  const [, kind, reason = ''] = /^(skip|full) \((.+)\)$/.exec(text) ?? [];
  if (kind === 'skip' || kind === 'full') return { kind, reason };
  const [, file] = /^file (\S+)$/.exec(text) ?? [];
  if (file !== undefined) return { kind: 'file', file };
  const [, part] = /^part of (\S+)$/.exec(text) ?? [];
  if (part !== undefined) return { kind: 'part', file: part };
  const [, status] = /^status (\d+)$/.exec(text) ?? [];
  if (status !== undefined) return { kind: 'status', status: Number(status) };
  throw new Error(`a test directive that nobody knows: ${text}`);
}

/** A command, and the output that the page shows below it. */
export interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** The commands of a block: after `$ ` with their output below, else every line is one. */
export function stepsOf({ lines }: Block): readonly Step[] {
  const isSession = lines.some((line) => line.startsWith('$ '));
  const steps: { command: string; shown: string[] }[] = [];
  for (const line of lines) {
    if (isSession ? line.startsWith('$ ') : line.trim() !== '' && !line.startsWith('#')) {
      steps.push({ command: line.replace(/^\$ /, ''), shown: [] });
    } else if (isSession) steps.at(-1)?.shown.push(line);
  }
  return steps;
}

/** What a page shows of an output, up to numbers, ids, charts and blanks; `…` on a line of its own stands for any lines. */
export function disagreement(shown: readonly string[], output: string): string | undefined {
  const real = output
    .split('\n')
    .map(masked)
    .filter((line) => line !== '' && !SOMETIMES.test(line));
  let from = 0;
  for (const part of partsOf(shown)) {
    const at = real.findIndex((_, index) => index >= from && part.every((line, offset) => real[index + offset] === line));
    if (at < 0) return part.join('\n');
    from = at + part.length;
  }
  return undefined;
}

/** Said on a slow machine, or where a program was never made before. */
const SOMETIMES = /^compiled in /;

function partsOf(shown: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const line of shown.map(masked)) {
    if (line === '…') parts.push([]);
    else if (line !== '') parts.at(-1)?.push(line);
  }
  return parts.filter((part) => part.length > 0);
}

const masked = (line: string): string =>
  line
    .replaceAll(/[\u2800-\u28ff]+/g, '~')
    .replaceAll(/\b[0-9a-f]{8,32}\b/g, 'ID')
    .replaceAll(/[-±]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/g, '#')
    .replaceAll(/# (?:ms|s|min|h)\b/g, '# s')
    .replaceAll(/\s+/g, ' ')
    .replace(/, logarithmic$/, '')
    .trim();
