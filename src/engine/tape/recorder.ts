import type { BackendValues, DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError } from '../engine.js';
import { createMaker, type Make } from '../graph/make.js';
import { dataOf, type DType, isConstant, type Node, sameList, sizeOf } from '../graph/graph.js';
import { tf } from '../tf.js';
import { type Complex, type Kernel, type Made, operations, type Operations } from './operations.js';

export const RECORDER = 'retable-recorder';

/**
 * A backend of TensorFlow.js that computes nothing: a tensor's data is the node that would compute it. Everything above the backend, gradients,
 * optimizers and layers included, runs on it unchanged. What is known while recording (constants, shapes) can be read; the rest can't.
 */
export class Recorder extends tf.KernelBackend {
  readonly make: Make = createMaker();
  readonly operations: Operations = operations(this.make);
  #unread: unknown;
  readonly #entries = new Map<DataId, { node: Node; references: number }>();
  /** For messages: whose step is recorded. */
  readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  /** A tensor's node, in the tensor's own shape: a reshaped tensor shares its data with the one that it was made of. */
  nodeOf(tensor: TensorInfo): Node {
    const { node } = this.#entry(tensor.dataId);
    if (tensor.dtype === 'string') throw new EngineError(`${this.what} computes with text, which can't be compiled`);
    const shape = tensor.dtype === 'complex64' ? [...tensor.shape, 2] : tensor.shape;
    return sameList(node.shape, shape) ? node : this.make('Reshape', [node], { shape });
  }

  infoOf(made: Node | Complex): TensorInfo {
    const dataId = {};
    const node = this.#known('parts' in made ? made.parts : made);
    this.#entries.set(dataId, { node, references: 1 });
    return 'parts' in made
      ? { dataId, shape: node.shape.slice(0, -1), dtype: 'complex64' }
      : { dataId, shape: [...node.shape], dtype: node.dtype };
  }

  run(kernel: Kernel, inputs: Readonly<Record<string, TensorInfo>> | readonly TensorInfo[], attributes: object): TensorInfo | TensorInfo[] {
    this.refuseUnread();
    const nodes = Array.isArray(inputs)
      ? inputs.map((tensor: TensorInfo) => this.nodeOf(tensor))
      : Object.fromEntries(Object.entries(inputs).flatMap(([name, tensor]) => (tensor ? [[name, this.nodeOf(tensor)]] : [])));
    const made = kernel(nodes, attributes, this.operations);
    return isList(made) ? made.map((node) => this.infoOf(node)) : this.infoOf(made);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    if (!isDType(dtype)) {
      throw new EngineError(`${this.what} uses a ${dtype} tensor; the engines know float32, int32 and bool`, {
        help: 'a program computes with numbers: turn text into them before, in the dataset',
      });
    }
    this.#entries.set(dataId, { node: this.make.constant(copy(values, dtype), shape, dtype), references });
  }

  override readSync(dataId: DataId): BackendValues {
    const { node } = this.#entry(dataId);
    if (isConstant(node)) return dataOf(node).slice();
    throw new EngineError(`${this.what} reads the value of a tensor while it is compiled, when no value is known yet`, {
      operation: 'dataSync',
      help: 'compute with tensors instead of dataSync, arraySync or data; a step that must look at values runs on engine.kind: eager-js or eager-wasm',
    });
  }

  /** Who doesn't wait for the value would never see that it can't be read, so the next operation says it. */
  override read(dataId: DataId): Promise<BackendValues> {
    try {
      return Promise.resolve(this.readSync(dataId));
    } catch (error) {
      this.#unread ??= error;
      return new Promise(() => {});
    }
  }

  /** Throws what a read that nobody waits for came to. */
  refuseUnread(): void {
    if (this.#unread) throw this.#unread;
  }

  override incRef(dataId: DataId): void {
    this.#entry(dataId).references++;
  }

  override refCount(dataId: DataId): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (!entry) return true;
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override numDataIds = (): number => this.#entries.size;
  override floatPrecision = (): 32 => 32;
  override epsilon = (): number => 1e-7;
  override memory = (): { unreliable: boolean } => ({ unreliable: true });
  override dispose(): void {}

  /** What holds no element needs no operation. */
  #known(node: Node): Node {
    return sizeOf(node.shape) === 0 ? this.make.filled(0, node.shape, node.dtype) : node;
  }

  /** The node of some data, in the shape in which it was made. */
  protected madeBy(dataId: DataId): Node {
    return this.#entry(dataId).node;
  }

  /** Puts a known value in place of what would compute it: what is recorded from here on starts there. */
  protected settle(dataId: DataId, value: Node): void {
    this.#entry(dataId).node = value;
  }

  #entry(dataId: DataId): { node: Node; references: number } {
    const entry = this.#entries.get(dataId);
    if (!entry) throw new EngineError(`${this.what} uses a tensor that was disposed of, or that another program recorded`);
    return entry;
  }
}

const isList = (made: Made): made is readonly Node[] => Array.isArray(made);

const isDType = (dtype: DataType): dtype is DType => dtype === 'float32' || dtype === 'int32' || dtype === 'bool';

function copy(values: BackendValues, dtype: DType): Float32Array | Int32Array | Uint8Array {
  const numbers = values as ArrayLike<number>;
  return dtype === 'float32' ? Float32Array.from(numbers) : dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}
