import type { BackendTimingInfo, BackendValues, DataId, DataType } from '@tensorflow/tfjs-core';
import { dataOf, type Graph, isConstant, type Node, type TypedArray } from '../../../src/engine/graph/graph.js';
import { outputName } from '../../../src/engine/onnx/model.js';
import { writeModel } from '../../../src/engine/onnx/write.js';
import { openSession } from '../../../src/engine/runtime/program.js';
import { Recorder } from '../../../src/engine/tape/recorder.js';

/**
 * The tape as a backend for everyday use: operations are recorded, and reading a tensor compiles and runs what it depends on. Slower than
 * any other engine; it is there so that TensorFlow.js's own tests can judge the tape.
 */
export class LazyBackend extends Recorder {
  override timerAvailable = (): boolean => true;

  override async time(body: () => void): Promise<BackendTimingInfo> {
    const start = performance.now();
    body();
    return { kernelMs: performance.now() - start };
  }

  /** Text can be held and read, but not computed with. */
  readonly #texts = new WeakMap<DataId, BackendValues>();

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    if (dtype !== 'string') return super.move(dataId, values, shape, dtype, references);
    this.#texts.set(dataId, values);
    super.move(dataId, new Uint8Array(), [0], 'bool', references);
  }

  override readSync(dataId: DataId): BackendValues {
    return this.#texts.get(dataId) ?? super.readSync(dataId);
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const text = this.#texts.get(dataId);
    if (text) return text;
    const node = this.madeBy(dataId);
    if (isConstant(node)) return dataOf(node).slice();
    const values = await valueOf(node);
    this.settle(dataId, this.make.constant(values, node.shape, node.dtype));
    return values;
  }
}

async function valueOf(node: Node): Promise<TypedArray> {
  const graph: Graph = { inputs: [], outputs: new Map([['value', node]]), packed: new Map() };
  const session = await openSession(writeModel('lazy', graph), { device: 'cpu', threads: 1 });
  try {
    const { [outputName('value')]: made } = await session.run({});
    const data = made?.data;
    if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data.slice();
    throw new Error(`the value of ${node.op} came back as ${made?.type}`);
  } finally {
    await session.release();
  }
}
