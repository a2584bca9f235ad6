import { type Arrays, EngineError, type Specs, type State } from '../engine.js';
import { arrayOf, type DType, type Graph, nameOf, type Shape, sizeOf, type TypedArray } from '../graph/graph.js';
import { topological } from '../graph/make.js';
import { Tensor } from './ort.js';
import { steadyThreads } from './processor.js';

/**
 * State as blocks of memory that go into and come out of the runtime as they are. Blocks are shared between states; a block that no
 * living state holds is written again by a later step.
 */
export class HeldState implements State {
  readonly form: Form;
  readonly buffers: readonly Buffer[];
  readonly #pool: Buffers;
  #disposed = false;

  /** Takes a share in every buffer. */
  constructor(form: Form, buffers: readonly Buffer[], pool: Buffers) {
    this.form = form;
    this.buffers = buffers;
    this.#pool = pool;
    for (const buffer of buffers) buffer.holders++;
  }

  async read(name: string): Promise<TypedArray> {
    return this.view(name).slice();
  }

  /** The numbers of one tensor where they lie. */
  view(name: string): TypedArray {
    this.refuseDisposed();
    const place = this.form.places.get(name);
    const buffer = place && this.buffers[place.block];
    if (!buffer) throw new EngineError(`the state has no tensor "${name}"`);
    const { begin, size } = place.member;
    return buffer.data.subarray(begin, begin + size);
  }

  refuseDisposed(): void {
    if (this.#disposed) throw new EngineError('the state was disposed of');
  }

  /** Another hold on the same blocks. */
  share(): HeldState {
    return this.renew(this.buffers);
  }

  renew(buffers: readonly Buffer[]): HeldState {
    return new HeldState(this.form, buffers, this.#pool);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const buffer of this.buffers) if (--buffer.holders === 0) this.#pool.give(buffer);
  }
}

/** What the blocks of a state mean. */
interface Form {
  /** The program whose blocks come first, as they are. */
  readonly layout?: Layout;
  /** Which run's part of them, where they hold several runs. */
  readonly row?: Row;
  readonly blocks: readonly Block[];
  readonly places: ReadonlyMap<string, { readonly block: number; readonly member: Member }>;
}

interface Row {
  readonly runs: number;
  readonly run: number;
}

function formOf(blocks: readonly Block[], layout?: Layout, row?: Row): Form {
  const places = blocks.flatMap(({ members }, block) => members.map((member) => [member.name, { block, member }] as const));
  return { blocks, places: new Map(places), ...(layout && { layout }), ...(row && { row }) };
}

/** A first state, from numbers by name; each tensor is a block of its own. */
export function createState(specs: Specs, values: Arrays, pool: Buffers): HeldState {
  const blocks = Object.entries(specs).map(([name, { shape, dtype }]): Block => {
    const size = sizeOf(shape);
    return { name, shape, dtype, members: [{ name, shape, begin: 0, size }], renewed: false };
  });
  const buffers = blocks.map(({ name, shape, dtype }) => {
    const data = values[name];
    if (!data) throw new EngineError(`the state "${name}" was given no numbers`);
    if (data.length !== sizeOf(shape)) throw new EngineError(`the state "${name}" [${shape.join(', ')}] was given ${data.length} numbers`);
    const buffer = pool.take(dtype, shape);
    buffer.data.set(data);
    return buffer;
  });
  return new HeldState(formOf(blocks), buffers, pool);
}

/** A state as a program's blocks, and behind them the tensors that the program doesn't know. To be disposed of by the caller. */
export function arrange(state: HeldState, layout: Layout, pool: Buffers): HeldState {
  state.refuseDisposed();
  if (state.form.layout === layout && !state.form.row) return state.share();
  const own = layout.state.map((block) => {
    const whole = block.members.length === 1 ? wholeBuffer(state, block) : undefined;
    if (whole) return whole;
    const buffer = pool.take(block.dtype, block.shape);
    fill(buffer, 0, block, state);
    return buffer;
  });
  return placedIn(arrangementOf(state.form, layout), own, state, pool);
}

/** How the blocks of a state come to lie for a program: the form, and which blocks stand behind those of the program, as they are. */
interface Arrangement {
  readonly form: Form;
  readonly rest: readonly number[];
}

/** By the form before, then by the row of the program's. A training comes from one and the same form to one and the same layout all the time. */
const arrangements = new WeakMap<Layout, WeakMap<Form, Map<string, Arrangement>>>();

function arrangementOf(form: Form, layout: Layout, row?: Row): Arrangement {
  const byForm = arrangements.get(layout) ?? new WeakMap<Form, Map<string, Arrangement>>();
  arrangements.set(layout, byForm);
  const byRow = byForm.get(form) ?? new Map<string, Arrangement>();
  byForm.set(form, byRow);
  const key = row ? `${row.run} of ${row.runs}` : '';
  const known = byRow.get(key) ?? arrangement(form, layout, row);
  byRow.set(key, known);
  return known;
}

function arrangement(form: Form, layout: Layout, row?: Row): Arrangement {
  const wanted = new Set(layout.state.flatMap(({ members }) => members.map(({ name }) => name)));
  const rest = form.blocks.flatMap((block, i) => {
    const members = block.members.filter(({ name }) => !wanted.has(name));
    return members.length > 0 ? [{ i, block: { ...block, members } }] : [];
  });
  const own = layout.state.map((block) => {
    const before = (row?.run ?? 0) * sizeOf(block.shape);
    return { ...block, members: block.members.map((member) => ({ ...member, begin: before + member.begin })) };
  });
  return { form: formOf([...own, ...rest.map(({ block }) => block)], layout, row), rest: rest.map(({ i }) => i) };
}

/** The program's blocks in these buffers, behind them what the state holds besides. */
const placedIn = ({ form, rest }: Arrangement, own: readonly Buffer[], state: HeldState, pool: Buffers): HeldState =>
  new HeldState(form, [...own, ...rest.flatMap((i) => state.buffers[i] ?? [])], pool);

/** Copies a state's tensors to where a block has them, `begin` numbers further. */
function fill(buffer: Buffer, begin: number, block: Block, state: HeldState): void {
  for (const member of block.members) {
    const numbers = state.view(member.name);
    if (numbers.length !== member.size)
      throw new EngineError(`the state "${member.name}" has ${numbers.length} numbers; the program takes ${member.size}`);
    buffer.data.set(numbers, begin + member.begin);
  }
}

/**
 * The states of several runs as rows of the blocks of a program for `runs` of them, `[runs, ...]` each; rows without a state are zeros. Nothing is copied
 * where they are these rows already. To be disposed of by the caller.
 */
export function arrangeRows(states: readonly HeldState[], layout: Layout, runs: number, pool: Buffers): readonly HeldState[] {
  for (const state of states) state.refuseDisposed();
  const [first] = states;
  const stands = ({ form, buffers }: HeldState, run: number): boolean =>
    form.layout === layout &&
    form.row?.runs === runs &&
    form.row.run === run &&
    layout.state.every((_, block) => buffers[block] === first?.buffers[block]);
  if (states.every(stands)) return states.map((state) => state.share());
  const own = layout.state.map((block) => {
    const buffer = pool.take(block.dtype, [runs, ...block.shape]);
    const size = sizeOf(block.shape);
    for (const [run, state] of states.entries()) fill(buffer, run * size, block, state);
    buffer.data.fill(0, states.length * size);
    return buffer;
  });
  return states.map((state, run) => placedIn(arrangementOf(state.form, layout, { runs, run }), own, state, pool));
}

/** A buffer that holds just this tensor, in this shape. */
function wholeBuffer(state: HeldState, block: Block): Buffer | undefined {
  const [member] = block.members;
  const place = member && state.form.places.get(member.name);
  const buffer = place && state.buffers[place.block];
  return buffer && sameDimensions(buffer.tensor, block) ? buffer : undefined;
}

const sameDimensions = (tensor: Tensor, { shape, dtype }: Block): boolean =>
  tensor.type === dtype && tensor.dims.length === shape.length && tensor.dims.every((length, i) => length === shape[i]);

/** One tensor of the state and where it lies in its block. */
interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly size: number;
}

/** An input of the runtime that holds state: one tensor, or several packed one after another. */
interface Block {
  /** As in the graph. */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly members: readonly Member[];
  /** False where it comes out as it went in. */
  readonly renewed: boolean;
}

/** A tensor that goes in or comes out, by its name in the step. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** How a program's tensors go in and come out: all that is needed beside the model's bytes to run it. Plain data. */
export interface Layout {
  readonly steps: number;
  /** More threads than these would change digits. */
  readonly mostThreads: number;
  /** Sequences are read by loops. */
  readonly loops: boolean;
  readonly state: readonly Block[];
  readonly inputs: readonly Port[];
  readonly scalars: readonly Port[];
  readonly outputs: readonly Port[];
}

export function layoutOf(graph: Graph, steps: number): Layout {
  const state: Block[] = [];
  const ports = { input: [] as Port[], scalar: [] as Port[] };
  for (const input of graph.inputs) {
    const name = nameOf(input);
    const { shape, dtype } = input;
    const kind = name.slice(0, name.indexOf('/'));
    if (kind === 'input' || kind === 'scalar') ports[kind].push({ name: plain(name), shape, dtype });
    else {
      const members = placed(graph.packed.get(name) ?? [{ name, shape }]);
      state.push({ name, shape, dtype, members, renewed: graph.outputs.has(name) });
    }
  }
  const outputs = [...graph.outputs].flatMap(([name, { shape, dtype }]): Port[] =>
    name.startsWith('output/') ? [{ name: plain(name), shape, dtype }] : [],
  );
  const loops = topological(graph).some(({ body }) => body !== undefined);
  return { steps, mostThreads: steadyThreads(graph), loops, state, inputs: ports.input, scalars: ports.scalar, outputs };
}

function placed(tensors: readonly { readonly name: string; readonly shape: Shape }[]): readonly Member[] {
  let begin = 0;
  return tensors.map(({ name, shape }) => {
    const size = sizeOf(shape);
    begin += size;
    return { name: plain(name), shape, begin: begin - size, size };
  });
}

/** `state/parameters/W` in the graph is `parameters/W` in the step. */
const plain = (name: string): string => name.slice(name.indexOf('/') + 1);

/** Memory that the runtime reads and writes in place. */
export interface Buffer {
  readonly data: TypedArray;
  readonly tensor: Tensor;
  readonly key: string;
  /** Living states that hold it. */
  holders: number;
}

/** Buffers that nobody holds are kept for the next who needs one of that kind: a training loop alternates between two sets. */
export interface Buffers {
  take(dtype: DType, shape: Shape): Buffer;
  give(buffer: Buffer): void;
}

/** More than this many free buffers of one kind are left to the garbage collector. */
const KEPT = 4;

export function createBuffers(): Buffers {
  const free = new Map<string, Buffer[]>();
  return {
    take(dtype, shape) {
      const key = `${dtype} ${shape.join()}`;
      const known = free.get(key)?.pop();
      if (known) return known;
      const data = arrayOf(dtype, sizeOf(shape));
      return { data, tensor: new Tensor(dtype, data, shape), key, holders: 0 };
    },
    give(buffer) {
      const kept = free.get(buffer.key);
      if (!kept) free.set(buffer.key, [buffer]);
      else if (kept.length < KEPT) kept.push(buffer);
    },
  };
}
