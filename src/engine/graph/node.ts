import type { Attribute, DType, Node, Shape, TypedArray } from './graph.js';

export type Attributes = Readonly<Record<string, Attribute>>;

export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

export const sameList = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

export const sameShape = (a: Node, b: Node): boolean => sameList(a.shape, b.shape);

/** The one operand of an operation that has one, the first of others. */
export function operand(node: Node, index = 0): Node {
  const found = node.inputs[index];
  if (!found) throw new Error(`${node.op} has no operand ${index}`);
  return found;
}

export function numberIn(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw new Error(`attribute ${name} should be a number`);
  return value;
}

export function listIn(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (!Array.isArray(value)) throw new Error(`attribute ${name} should be a list of numbers`);
  return value as readonly number[];
}

/** True for an attribute that is 1 or true: flags may be left out. */
export const flagIn = (attributes: Attributes, name: string): boolean => attributes[name] === 1 || attributes[name] === true;

export const nameOf = (input: Node): string => String(input.attributes['name']);

export const isConstant = (node: Node): boolean => node.op === 'Constant';

/** The numbers of a constant, in row-major order. */
export function dataOf(constant: Node): TypedArray {
  const data = constant.attributes['data'];
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  throw new Error(`${constant.op} holds no data`);
}

/** The value that fills a constant; undefined for any other node, and for a constant of several values. */
export function fillOf(node: Node): number | undefined {
  if (!isConstant(node)) return undefined;
  const data = dataOf(node);
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined;
  return first;
}

/** The least number that a float32 holds. */
export const LEAST_FLOAT = -3.4028234663852886e38;

export const arrayOf = (dtype: DType, length: number): TypedArray =>
  dtype === 'float32' ? new Float32Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);

/** Items by key, keys in the order in which they first come. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
