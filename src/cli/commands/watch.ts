import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, extname } from 'node:path';
import { codeOfError, InputError } from '../../diagnostics/diagnostic.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { keepHeapSmall } from '../../host/memory.js';
import { writeFile } from '../../host/output.js';
import { nameIn, readDocument } from '../../language/read.js';
import { fileFrom } from '../../language/resolve.js';
import { readSource } from '../../language/source.js';
import { isObject, readOnly } from '../../record/files.js';
import { openStore, rootProblem, type Store } from '../../record/layout.js';
import type { Changes } from '../../run/prepare.js';
import { theRun } from '../../run/find-runs.js';
import { sweepRunId, tableRunId } from '../../study/members.js';
import type { Followed } from '../../watch/follow.js';
import { watchPage } from '../../watch/page.js';
import { paintApart } from '../../watch/paint-apart.js';
import { paint } from '../../watch/painter.js';
import { serve, type TableDocument, type Watched, watchRecords, type WatchServer } from '../../watch/server.js';
import { type Subject, subjectText } from '../../watch/view.js';
import type { Options, Run } from '../command.js';
import { refuseIdle, type Subject as OptionSubject } from '../options-by-kind.js';
import { changesOf, portOf } from './requests.js';

/** A page of what trains now and of what is on record, until Ctrl-C; with `--once` as a file. */
export const run: Run = async (references, options, terminal) => {
  const store = openStore(runsFolder(options.runs), readOnly);
  const problem = rootProblem(store.root);
  if (problem) throw new Refusal(problem);
  const documents = references.filter((reference) => /\.ya?ml$/.test(reference)).map(readNamed);
  const [document, another] = documents;
  if (another || (document && references.length > 1))
    throw new Refusal('a page is opened with one document, or with runs', { help: 'all others are one click away' });
  const kind: OptionSubject = document?.kind ?? (references.length > 0 ? 'run' : 'all');
  refuseIdle('watch', kind, options);
  const output = options.output ?? 'watch.html';
  if (options.once && extname(output).toLowerCase() !== '.html')
    throw new Refusal(`the page is written as .html, and ${JSON.stringify(output)} is none`);

  const documentOf = (id: string, source: string | null): TableDocument | undefined => {
    if (document?.kind === 'table' && tableRunId(document.name) === id) return tableIn(document, changesOf(options));
    const named = source !== null && existsSync(source) ? namedIfReadable(source) : undefined;
    return named?.kind === 'table' && tableRunId(named.name) === id ? tableIn(named, {}) : undefined;
  };
  const subjectIn = (followed: Followed): Subject =>
    document ? subjectOfDocument(followed, document) : subjectOfNames(store, followed, references);

  if (options.once) {
    const watched = watchRecords({ store, machine: machineHere(), paint, documentOf });
    writeFile(output, await savedPage(watched, subjectIn(watched.followed)));
    terminal.out(shown(output));
    return EXIT.done;
  }
  const tidy = keepHeapSmall();
  const painter = paintApart();
  const watched = watchRecords({ store, machine: machineHere(), paint: painter.paint, documentOf });
  const subject = subjectText(subjectIn(watched.followed));
  const server = await serveAt(watched, options, tidy);
  const stopped = new Promise<number>((resolve) => {
    process.once('SIGINT', () => resolve(EXIT.interrupted)).once('SIGTERM', () => resolve(EXIT.terminated));
  });
  terminal.err(`watching ${shown(store.root)}; Ctrl-C ends it, and stops nothing that trains`);
  terminal.out(`http://127.0.0.1:${server.port}${server.path}${subject === '' ? '' : `#/${encodeURI(subject)}`}`);
  terminal.err(`from another machine, give  ssh -L ${server.port}:127.0.0.1:${server.port} ${hostname()}  there, and open this address`);
  const status = await stopped;
  painter.close();
  await server.close();
  return status;
};

async function serveAt(watched: Watched, { port }: Options, tidy: () => void): Promise<WatchServer> {
  try {
    return await serve(watched, port === undefined ? 0 : portOf(port), { tidy });
  } catch (error) {
    const code = codeOfError(error);
    if (code === 'EADDRINUSE') throw new Refusal(`port ${port} is taken`, { help: 'choose another with --port, or leave it out' });
    if (code === 'EACCES') throw new Refusal(`port ${port} is not for every user`, { help: 'choose one from 1024 on, or leave it out' });
    throw error;
  }
}

async function savedPage(watched: Watched, subject: Subject): Promise<string> {
  const snapshot = watched.open(subject, undefined).snapshot();
  const [only, another] = subject.kind === 'study' ? [subject.id] : subject.kind === 'runs' ? subject.ids : [];
  const report = only !== undefined && another === undefined ? await watched.report(only) : undefined;
  return watchPage(snapshot.title, { snapshot, at: Date.now(), report: report ?? '' });
}

interface Named {
  readonly file: string;
  readonly kind: 'experiment' | 'sweep' | 'table';
  readonly name: string;
  /** Of a sweep: the document that it varies. */
  readonly base: string;
  /** Of a table: what its first column shows. */
  readonly metric?: string;
}

const tableIn = ({ file, metric }: Named, changes: Changes): TableDocument => ({ file, changes, ...(metric !== undefined && { metric }) });

/** Only what it is called is read: what was trained may be of an earlier text of it. */
function readNamed(file: string): Named {
  const read = readDocument(file);
  const source = 'bytes' in read ? readSource(file, read.bytes) : read;
  if ('diagnostics' in source) throw new InputError(source.diagnostics);
  const { kind, value } = source.doc;
  const { [kind]: name, base, columns } = value;
  const [first] = Object.values(isObject(columns) ? columns : {});
  const metric = isObject(first) ? first['metric'] : undefined;
  if (typeof name !== 'string') throw new Refusal(`${file} does not say what it is called`, { help: `npx retable check ${file}` });
  return {
    file,
    kind,
    name,
    base: typeof base === 'string' ? fileFrom(dirname(file), base) : '',
    ...(typeof metric === 'string' && { metric }),
  };
}

/** Of a document that a record names: it may have become another since, or none. */
function namedIfReadable(file: string): Named | undefined {
  try {
    return readNamed(file);
  } catch (error) {
    if (error instanceof InputError || error instanceof Refusal) return undefined;
    throw error;
  }
}

/** What a page of a document shows. Of one that nobody has begun the page waits for its first run. */
function subjectOfDocument(followed: Followed, { kind, name, base }: Named): Subject {
  switch (kind) {
    case 'experiment':
      return { kind: 'experiment', name };
    case 'sweep':
      return { kind: 'study', id: newestStudy(followed, 'sweep', name) ?? sweepRunId(existsSync(base) ? nameIn(base) : '', name) };
    case 'table':
      return { kind: 'study', id: tableRunId(name) };
    default:
      return kind satisfies never;
  }
}

const newestStudy = (followed: Followed, kind: 'sweep' | 'table' | undefined, name: string): string | undefined =>
  followed.all().find(({ study }) => study?.name === name && (kind === undefined || study.kind === kind))?.run.id;

/** A sweep or a table by its name, an experiment by its name with all of its runs, or runs as everywhere. */
function subjectOfNames(store: Store, followed: Followed, references: readonly string[]): Subject {
  const [only, another] = references;
  if (only === undefined) return { kind: 'all' };
  if (another === undefined) {
    const study = newestStudy(followed, undefined, only);
    if (study !== undefined) return { kind: 'study', id: study };
    if (followed.all().some((seen) => !seen.study && seen.run.experiment === only)) return { kind: 'experiment', name: only };
  }
  const ids = references.map((reference) => theRun(store, reference).id);
  const [id = ''] = ids;
  return ids.length === 1 && followed.get(id)?.study ? { kind: 'study', id } : { kind: 'runs', ids };
}
