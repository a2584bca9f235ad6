import { Type } from '../language/type.js';

/** Replicates, of a sweep's configurations or a table's rows: a number, or a list of seeds. */
export const seedsSchema = (usual: number, most: number, of: 'configuration' | 'row') =>
  Type.Either([Type.Integer({ minimum: 1, maximum: most }), Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, uniqueItems: true })], {
    default: usual,
    description: `Replicates of every ${of}: 5 stands for the seeds 1 to 5; or a list.`,
  });

export const seedsOf = ({ seeds }: { readonly seeds: number | readonly number[] }): readonly number[] =>
  typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds;
