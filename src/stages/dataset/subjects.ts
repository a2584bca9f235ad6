import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount } from '../../diagnostics/numbers.js';
import { quote } from '../../diagnostics/words.js';
import { isMuch } from './duplicates.js';
import type { Item, Parts } from './split.js';

/** A column of the file that the document does not name. */
interface Other<T> {
  readonly name: string;
  /** What an item has there; undefined where it has not one value. */
  readonly valueOf: (item: T) => string | undefined;
}

/** Whose the items are, as far as a column says it. */
interface Subjects<T> {
  readonly column: string;
  readonly of: ReadonlyMap<T, string>;
}

/** Words for whose data it is, in several languages, what is nearest to a person first. */
const WORDS = [
  /^(subjects?|subj|patients?|pat|persons?|users?|participants?|speakers?|drivers?|students?|customers?|authors?|writers?|reviewers?|senders?|kund(?:e|en|in)|autor(?:en|in|a|e)?|auteurs?|clients?|clientes?|clienti|автор|клиент|animals?|mouse|volunteers?|individuals?|proband(en|in)?|versuchsperson|teilnehmer|nutzer|fahrer|sujets?|patiente?s?|personne|utilisateur|sujeto|paciente|persona|usuario|participante|soggetto|paziente|utente|usuário|пациент|субъект|испытуемый)$/u,
  /^(machines?|engines?|units?|devices?|bearings?|vehicles?|cars?|houses?|households?|maschine|gerät|anlage|haus|haushalt|fahrzeug|appareil|moteur|máquina|motor|dispositivo|macchina|машина|устройство)$/u,
  /^(sessions?|recordings?|visits?|sitzung|aufnahme|séance|sesión|sessione|сессия)$/u,
];

/** Without blanks between their words. */
const SIGNS = [/受试者|被试|患者|病人|用户|作者|顾客|客户|被験者|参加者|사용자|환자|피험자/u, /设备|机器|機械|装置|장치/u];

/** How near a name is to a person, from 0; undefined where it names nobody: `subject_id`, `PatientNr`. */
function nearness(name: string): number | undefined {
  const words = name
    .normalize('NFC')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const found = WORDS.findIndex((word) => words.some((each) => word.test(each)));
  const sign = SIGNS.findIndex((word) => word.test(name));
  return found >= 0 ? found : sign >= 0 ? sign : undefined;
}

/** Whether a column is called like one of subjects. */
export const isSubjectName = (name: string): boolean => nearness(name) !== undefined;

/** A value that nearly all items share tells nobody apart. */
const NEARLY_ALL = 0.9;

/**
 * The column that says whose an item is: its name does (`subject`), or the names of items begin with it (`p07` of `p07_walk3`). Each item has one value,
 * and values have several items. Where the answer is just that value, telling the subjects apart is the task. Of several columns the one that is
 * nearest to a person, then the one of fewer values.
 */
export function findSubjects<T extends Item & { readonly name?: string }>(
  items: readonly T[],
  others: readonly Other<T>[],
): Subjects<T> | undefined {
  const found = others.flatMap(({ name, valueOf }) => {
    const near = nearness(name);
    if (near === undefined && !items.slice(0, 3).every((item) => begins(item.name, valueOf(item)))) return [];
    const of = new Map<T, string>();
    const counts = new Map<string, number>();
    for (const item of items) {
      const value = valueOf(item);
      if (value === undefined || value === '' || (near === undefined && !begins(item.name, value))) return [];
      of.set(item, value);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
    const tells = counts.size > 1 && counts.size * 2 <= items.length && most <= NEARLY_ALL * items.length;
    return tells && !isAnswer(of) ? [{ column: name, of, near: near ?? 0, values: counts.size }] : [];
  });
  return found.toSorted((a, b) => a.near - b.near || a.values - b.values)[0];
}

const begins = (name: string | undefined, value: string | undefined): boolean =>
  name !== undefined && value !== undefined && value !== '' && name.startsWith(value) && /^[^\p{L}\p{N}]/u.test(name.slice(value.length));

function isAnswer<T extends Item>(of: ReadonlyMap<T, string>): boolean {
  const pairs = new Set([...of].map(([{ targets }, value]) => JSON.stringify([String(targets[0]), value])));
  const answers = new Set([...of.keys()].map(({ targets }) => String(targets[0])));
  return pairs.size === answers.size && pairs.size === new Set(of.values()).size;
}

/** A subject that trains stands in another split too: what is learnt of it there is no use with others. */
export function reportSameSubjects<T extends Item>(
  parts: Parts<T>,
  { column, of }: Subjects<T>,
  said: { readonly noun: string; readonly called: (item: T) => string; readonly path: Problem['path']; readonly help: string },
  report: (problem: Problem) => void,
): void {
  const trained = new Map<string | undefined, T>();
  for (const item of parts.get('train') ?? []) if (!trained.has(of.get(item))) trained.set(of.get(item), item);
  for (const [split, items] of parts) {
    if (split === 'train') continue;
    const known = items.filter((item) => trained.has(of.get(item)));
    const [first] = known;
    const twin = trained.get(first && of.get(first));
    if (!first || !twin || !isMuch({ count: known.length, of: items.length })) continue;
    report({
      code: SAME_SUBJECT,
      severity: 'warning',
      path: said.path,
      message: `${formatCount(known.length)} of ${formatCount(items.length)} ${said.noun}s of ${split} are of a ${quote(column)} that trains too: ${said.called(first)} and ${said.called(twin)} of train are both of ${quote(of.get(first) ?? '')}`,
      help: said.help,
    });
  }
}

/** The threat by its code. */
const SAME_SUBJECT = 'same-subject-twice';
