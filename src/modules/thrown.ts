import { describe } from './check-spec.js';

/** What a person's code threw, as an error that can be read: anything may be thrown, also what throws again when it is looked at. */
export function asError(thrown: unknown): Error {
  try {
    if (!(thrown instanceof Error)) return new Error(typeof thrown === 'string' ? thrown : `it throws ${describe(thrown)}`);
    const { message: text, stack = '' }: { readonly message: unknown; readonly stack?: unknown } = thrown;
    return typeof text === 'string' && typeof stack === 'string' ? thrown : new Error('it throws an error without words');
  } catch {
    return new Error('it throws something that nobody can read');
  }
}

/** The first line of what it says. */
export const reasonOf = ({ message }: Error): string => message.split('\n')[0]?.trim() || 'it throws an error without words';
