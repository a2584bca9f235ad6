import { machineHere } from '../host/is-running.js';
import { EXIT, Refusal } from '../host/exit.js';
import { forShell } from '../diagnostics/words.js';
import type { Store } from '../record/layout.js';
import type { ProtocolFacts, Registered } from './claims/facts.js';
import { tableStanding, standingOf, worksOf } from './claims/plan-table.js';
import { type LookLog, LOOKS, logText, readAllLooks, readLog } from './looks.js';
import { openOwnRun } from './own-run.js';
import type { PreparedTable } from './prepare-study.js';
import { digestOfText, PROTOCOL, protocolFacts, protocolFile, protocolOf, protocolText } from './protocol.js';
import { contentsOf, identifyClaim } from './question.js';
import { readSettled } from './settled.js';
import { ownRunOf } from './verdicts.js';
import { worksSoFar } from './works.js';

/** What a table declares, as it was kept before anybody looked at its verdicts. */
export interface Registration {
  /** `registered`: now. `again`: before. `late`: verdicts were printed first, and what the table claimed then stands. */
  readonly kind: 'registered' | 'again' | 'late';
  /** SHA-256 of the protocol. */
  readonly digest: string;
  /** ISO 8601: when it was kept. */
  readonly at: string;
  /** The command that kept it. */
  readonly by: string;
  /** How the records stood then; left out where it came too late. */
  readonly registered?: Registered;
  /** In what the table is another one since. */
  readonly changes: readonly string[];
  /** Where the protocol lies. */
  readonly file: string;
}

/** Keeps what a table declares, or says what was kept of it before. Nothing is trained, and no verdict is seen. */
export async function registerTable(store: Store, prepared: PreparedTable): Promise<Registration> {
  const { table, claims, file } = prepared;
  const name = table.config.table;
  if (claims.length === 0)
    throw new Refusal('the table claims nothing, so there is nothing to register', { help: 'write its claims first' });
  const protocol = protocolOf(prepared, contentsOf(prepared));
  const before = readLog(store, name);
  if (before.protocol) return registrationOf(before.protocol, protocolFacts(store, before.protocol, protocol));

  const text = protocolText(protocol);
  const when = { digest: digestOfText(text), at: new Date().toISOString(), by: 'register' };
  const isLate = before.looks.length > 0 || before.before !== undefined;
  const frozen: NonNullable<LookLog['protocol']> = { ...when, ...(!isLate && { registered: standingNow(store, prepared) }) };
  const own = await openOwnRun(store, ownRunOf(prepared), machineHere());
  if (!own) {
    const help = `npx retable status ${forShell(file)} says how far it is`;
    throw new Refusal('another process runs this table, so it cannot be registered now', { status: EXIT.failed, help });
  }
  own.keepMembers(worksSoFar(store, prepared).works.map(({ name: configuration, ...work }) => ({ configuration, ...work })));
  own.keep(PROTOCOL, text);
  own.keep(LOOKS, logText({ ...before, protocol: frozen }));
  own.finish('FINISHED');
  return { ...registrationOf(frozen, protocolFacts(store, frozen, protocol)), kind: isLate ? 'late' : 'registered' };

  function registrationOf({ digest, at, by }: NonNullable<LookLog['protocol']>, { registered, changes }: ProtocolFacts): Registration {
    const kind = registered ? 'again' : 'late';
    const texts = changes.map((change) => change.text);
    return { kind, digest, at, by, ...(registered && { registered }), changes: texts, file: protocolFile(store, name) };
  }
}

/** What was known already: its trials on record, and its claims that other tables looked at. */
function standingNow(store: Store, prepared: PreparedTable): Omit<Registered, 'digest' | 'at'> {
  const standing = standingOf(readSettled(store, prepared));
  const { runs: trials, done } = tableStanding(worksOf(prepared.table.config).map(standing));
  const looked = readAllLooks(store);
  const contentOf = contentsOf(prepared);
  return { trials, done, seen: prepared.claims.filter((claim) => looked.has(identifyClaim(claim, contentOf))).length };
}
