import { createEngine } from '../src/engine/create.js';

const CHAIN = 8;

/** GFLOP/s of large products on our engine: a chain of products of a matrix with one whose numbers keep its size: y B B B ... */
export async function sgemm(size: number, threads: number, seconds: number): Promise<number> {
  const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads, cache: null });
  const spec = { shape: [size, size], dtype: 'float32' } as const;
  const program = await engine.compile(
    {
      name: 'sgemm',
      identity: `sgemm ${size}`,
      state: { y: spec, B: spec },
      inputs: {},
      scalars: [],
      run(tf, { state: { y, B } }) {
        if (!y || !B) throw new Error('no matrices');
        let product = y;
        for (let i = 0; i < CHAIN; i++) product = tf.matMul(product, B);
        return { state: { y: product }, outputs: {} };
      },
    },
    1,
  );
  const spread = Float32Array.from({ length: size * size }, (_, i) => (2 * Math.sin(i * i)) / Math.sqrt(2 * size));
  let state = engine.state({ y: spec, B: spec }, { y: spread, B: spread });
  let [calls, began] = [-1, performance.now()];
  while (calls < 0 || performance.now() - began < 1000 * seconds) {
    const { state: next } = await program.run(state, {}, {});
    state.dispose();
    state = next;
    if (++calls === 0) began = performance.now();
  }
  const taken = (performance.now() - began) / 1000;
  state.dispose();
  await engine.dispose();
  return (calls * CHAIN * 2 * size ** 3) / taken / 1e9;
}
