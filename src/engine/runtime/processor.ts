import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { flagIn, type Graph, type Node, operand, sizeOf } from '../graph/graph.js';
import { topological } from '../graph/make.js';

/** What ONNX Runtime's arithmetic looks for in a processor before it chooses its kernels: another set may give other digits. */
const DECIDING = new Set(
  'sse4_1 avx avx2 fma f16c avx_vnni avx512f avx512bw avx512vl avx512_vnni avx512_bf16 amx_tile amx_int8 amx_bf16 asimd asimddp asimdhp i8mm bf16 sve sve2'.split(
    ' ',
  ),
);

/** A processor by the features that decide digits; where the system doesn't tell them, by its name. */
export function processorFeatures(): string {
  const features = platform() === 'linux' ? listedFeatures() : [];
  return [arch(), ...(features.length > 0 ? features : [cpus()[0]?.model ?? 'unknown'])].join(' ');
}

function listedFeatures(): readonly string[] {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return line
      .trim()
      .split(/\s+/)
      .filter((feature) => DECIDING.has(feature))
      .toSorted();
  } catch {
    return [];
  }
}

/**
 * The most threads on which a program gives the digits that it gives on one.
 *
 * ONNX Runtime shares a product's columns among threads where there are more of them than rows, else its rows; how it cuts the inner dimension,
 * and so the order in which terms are added, follows from the columns that a thread has, and is another for a single row. A product whose left
 * factor is transposed is cut in the same places whatever is shared.
 *
 * Source: ONNX Runtime 1.30, onnxruntime/core/mlas/lib/sgemm.cpp; checked by `test/engine/threads.test.ts`.
 */
export function steadyThreads(graph: Graph): number {
  const order = topological(graph);
  const turned = new Set(order.flatMap((node) => (node.op === 'Transpose' ? node.inputs : [])));
  return order.reduce((most, node) => {
    const within = node.body ? steadyThreads(node.body) : MOST;
    return productsOf(node, turned.has(node)).reduce((least, each) => Math.min(least, threadsOf(each)), Math.min(most, within));
  }, MOST);
}

/** More than any machine of today has use for. */
const MOST = 256;

/** `[rows, inner]` times `[inner, columns]`. */
interface Product {
  readonly kind: 'product' | 'convolution';
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

function threadsOf(product: Product): number {
  // A product gets another thread for every so many multiplications.
  const useful = Math.min(MOST, Math.floor((product.rows * product.inner * product.columns) / 65536) + 1);
  const isSteady = { product: isSteadyProduct, convolution: isSteadyConvolution }[product.kind];
  for (let threads = 2; threads <= useful; threads++) if (!isSteady(product, threads)) return threads - 1;
  return MOST;
}

/** What an operation may be run as. ONNX Runtime draws a transposition behind a Gemm into it, by exchanging its factors. */
function productsOf(node: Node, isTurned: boolean): readonly Product[] {
  const [rows = 1, columns = 1] = node.shape.slice(-2);
  switch (node.op) {
    case 'Gemm': {
      const [left, right] = [flagIn(node.attributes, 'transposeA'), flagIn(node.attributes, 'transposeB')];
      const inner = operand(node).shape[left ? 0 : 1] ?? 1;
      return [
        ...(left ? [] : [{ kind: 'product', rows, inner, columns } as const]),
        ...(isTurned && right ? [{ kind: 'product', rows: columns, inner, columns: rows } as const] : []),
      ];
    }
    case 'MatMul':
      return [{ kind: 'product', rows, inner: operand(node).shape.at(-1) ?? 1, columns }];
    case 'Einsum':
      // Of products that it chooses itself: one that no two threads share well.
      return [{ kind: 'product', rows: 2, inner: node.inputs.reduce((size, { shape }) => size * sizeOf(shape), 1), columns: 1 }];
    case 'Conv': {
      const [filters = 1, ...window] = operand(node, 1).shape;
      return [{ kind: 'convolution', rows: filters, inner: sizeOf(window), columns: sizeOf(node.shape.slice(2)) }];
    }
    default:
      return [];
  }
}

function isSteadyProduct({ rows, inner, columns }: Product, threads: number): boolean {
  if (columns === 1) return rows === 1;
  if (columns <= rows) return Math.floor(rows / Math.min(threads, rows)) > 1;
  const blocks = Math.ceil(columns / BLOCK);
  const fewest = Math.floor(blocks / Math.min(threads, blocks));
  return cutOf(inner, BLOCK * fewest) === cutOf(inner, columns);
}

/** Columns, which are the pixels, are shared in equal parts; the last thread has the rest. */
function isSteadyConvolution({ inner, columns }: Product, threads: number): boolean {
  const part = BLOCK * Math.ceil(columns / threads / BLOCK);
  const rest = columns % part || part;
  return [part, rest].every((each) => cutOf(inner, each) === cutOf(inner, columns));
}

/** Columns are shared in blocks. */
const BLOCK = 16;

/** How long the pieces of the inner dimension are: the fewer columns, the longer. */
function cutOf(inner: number, columns: number): number {
  let [length, width] = [128, 128];
  while (width > BLOCK && width / 2 >= columns) [length, width] = [length * 2, width / 2];
  return Math.min(length, inner);
}
