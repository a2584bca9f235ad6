import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { batchesOf, pace, prepared, type Wanted } from './pace.js';
import { sgemm } from './sgemm.js';

/**
 * Our side of a comparison, asked as contender.ts says:
 *
 *     {document, set, engine, threads, seconds}   {"steps/s", "tokens/s"} of training steps that go on for about so long
 *     {document, set, batches: FILE}              writes an epoch's batches, for the peers
 *     {sgemm: N, threads, seconds}                {"GFLOP/s"} of products of two matrices of N x N on our engine
 */
type Request =
  | { readonly sgemm: number; readonly threads: number; readonly seconds: number }
  | (Wanted & { readonly batches: string })
  | (Wanted & { readonly seconds: number });

async function main(): Promise<void> {
  console.log(JSON.stringify({}));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line) as Request)));
  }
}

async function answer(request: Request): Promise<Readonly<Record<string, number>>> {
  if ('sgemm' in request) return { 'GFLOP/s': await sgemm(request.sgemm, request.threads, request.seconds) };
  const experiment = prepared(request);
  if ('seconds' in request) return pace(experiment, request.seconds);
  writeFileSync(request.batches, JSON.stringify(batchesOf(experiment)));
  return {};
}

await main();
