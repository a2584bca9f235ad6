import { Tensor } from './ort.js';
import { directly, EngineError, type Arrays, type Natively, type Program } from '../engine.js';
import { arrayOf, sizeOf } from '../graph/node.js';
import { outputName } from '../onnx/write.js';
import type { Layout, Port } from './layout.js';
import type { Session } from './session.js';
import { arrange, HeldState } from './state.js';
import type { Buffer, Buffers } from './buffers.js';

/** Milliseconds: a call that is longer than this is called as what takes long. */
const LONG = 2000;

/** A program on a session of ONNX Runtime. State goes in and comes out in place; inputs are not copied either. */
export function createProgram(what: string, session: Session, layout: Layout, pool: Buffers, natively: Natively = directly): Program {
  const renewed = layout.state.flatMap((block, i) => (block.renewed ? [{ ...block, block: i, name: outputName(block.name) }] : []));
  const outputs = layout.outputs.map((port) => ({ port, name: outputName(`output/${port.name}`) }));
  let disposed = false;
  let took = 0;

  return {
    steps: layout.steps,
    outputs: Object.fromEntries(layout.outputs.map(({ name, shape, dtype }) => [name, { shape, dtype }])),
    async run(state, inputs, scalars) {
      if (disposed) throw new EngineError(`${what} was disposed of`);
      if (!(state instanceof HeldState)) throw new EngineError(`${what} was given the state of another engine`);
      const given = arrange(state, layout, pool);
      const feeds: Record<string, Tensor> = {};
      for (const [block, { name }] of layout.state.entries()) feeds[name] = bufferAt(given, block).tensor;
      for (const port of layout.inputs) feeds[`input/${port.name}`] = tensorOf(what, port, inputs);
      for (const port of layout.scalars) feeds[`scalar/${port.name}`] = tensorOf(what, port, scalars);

      const next = given.buffers.slice();
      const fetches: Record<string, Tensor> = {};
      for (const { block, name, dtype, shape } of renewed) {
        const buffer = pool.take(dtype, shape);
        next[block] = buffer;
        fetches[name] = buffer.tensor;
      }
      const collected: Record<string, Arrays[string]> = {};
      for (const { port, name } of outputs) {
        const data = arrayOf(port.dtype, sizeOf(port.shape));
        collected[port.name] = data;
        fetches[name] = new Tensor(port.dtype, data, port.shape);
      }

      try {
        const began = performance.now();
        await (took < LONG ? directly : natively)(() => session.run(feeds, fetches));
        took = performance.now() - began;
        return { state: given.renew(next), outputs: collected };
      } finally {
        given.dispose();
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      void session.release();
    },
  };
}

function bufferAt(state: HeldState, block: number): Buffer {
  const buffer = state.buffers[block];
  if (!buffer) throw new EngineError(`the state has no block ${block}`);
  return buffer;
}

function tensorOf(what: string, { name, shape, dtype }: Port, values: Arrays): Tensor {
  const data = values[name];
  if (!data) throw new EngineError(`${what} was given no "${name}"`);
  if (data.length !== sizeOf(shape)) {
    throw new EngineError(`${what} takes "${name}" as [${shape.join(', ')}], ${sizeOf(shape)} numbers; it was given ${data.length}`);
  }
  return new Tensor(dtype, data, shape);
}
