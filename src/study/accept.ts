import { type Diagnostic, isError } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import type { Given } from '../language/load.js';
import { child, isList } from '../language/located.js';
import { diagnose, type SourceDoc } from '../language/source.js';
import type { Accepted } from '../validity/accept.js';
import { NOTHING_TO_ACCEPT, nothingToAccept } from '../validity/messages.js';

/**
 * What a study changes in an experiment, with what it accepts: each of its experiments accepts that, besides what it accepts itself. So whoever
 * trains one of them needs no more than what is changed.
 */
export function withAccepted(given: readonly Given[], study: SourceDoc, experiment: SourceDoc): readonly Given[] {
  const more = child(study.root, 'accept');
  if (!more || !isList(more.content)) return given;
  const own = given.find(({ path }) => path === 'accept')?.value ?? child(experiment.root, 'accept');
  const content = [...(own && isList(own.content) ? own.content : []), ...more.content];
  return [...given.filter(({ path }) => path !== 'accept'), { path: 'accept', value: { ...more, content, from: 'set' } }];
}

/**
 * Of what was found in a study and its experiments: what is told, without threats that the study accepts, and which of its own threats it accepts.
 * What it accepts need be there in one experiment only, and what a base accepts may be gone with what is changed in it. `accepted`: what its
 * experiments have and accept.
 */
export function acceptThreats(
  doc: SourceDoc,
  accept: NonNullable<ExperimentConfig['accept']>,
  found: readonly Diagnostic[],
  accepted: readonly Accepted[],
): { readonly told: readonly Diagnostic[]; readonly accepted: readonly Accepted[] } {
  const own = found.flatMap(({ code, message }) => accept.flatMap((each) => (each.threat === code ? [{ ...each, found: message }] : [])));
  const there = new Set([...own, ...accepted].map(({ threat }) => threat));
  const told = found.filter(({ code }) => code !== NOTHING_TO_ACCEPT && !own.some(({ threat }) => threat === code));
  const unused = told.some(isError)
    ? []
    : accept.flatMap(({ threat }, index) => (there.has(threat) ? [] : [diagnose(doc, nothingToAccept(index, threat))]));
  return { told: [...told, ...unused], accepted: own };
}
