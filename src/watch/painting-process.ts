import { paint, type Painting } from './painter.js';

/** What is asked of a process that draws, and what it says. */
export interface Asked {
  readonly number: number;
  readonly painting: Painting;
}
export type Drawn = { readonly number: number } & ({ readonly html: string } | { readonly error: string });

process.on('message', ({ number, painting }: Asked) => {
  const say = (drawn: Drawn): void => void process.send?.(drawn);
  paint(painting).then(
    (html) => say({ number, html }),
    (error: unknown) => say({ number, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
