import type { DataType, KernelBackend, KernelConfig, KernelFunc, NamedTensorInfoMap, TensorInfo, TypedArray } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';

type TF = typeof TensorFlow;

/** Kernels of TensorFlow.js's WebAssembly backend that give other numbers than its JavaScript backend, and what is wrong with them. */
export const WRONG_IN_WASM: Readonly<Record<string, string>> = {
  OneHot: 'writes whole numbers into what it says are floats',
  StridedSlice: 'says that whole numbers are floats',
  Cast: 'keeps the lowest byte where a truth value is wanted',
  IsNan: 'reads whole numbers as floats',
  Sign: 'takes numbers below 1.2e-7 for 0',
  Sum: 'adds in single precision: of a quarter of a million numbers the fifth digit is off',
  Mean: 'adds in single precision: of a quarter of a million numbers the fifth digit is off',
  Cos: 'is off by a twentieth for large numbers',
  Sin: 'is off by a twentieth for large numbers',
  FloorDiv: 'rounds what is divided by zero to the least number',
  Mod: 'stops at a division by zero',
  Relu6: 'turns NaN into a number',
  ClipByValue: 'turns NaN into a number',
  Maximum: 'turns NaN into a number',
  Minimum: 'turns NaN into a number',
  _FusedMatMul: 'turns NaN into a number where it ends in relu',
  Cumprod: 'knows no axis that is counted from the end',
  Cumsum: 'knows no axis that is counted from the end',
  Conv2D: 'leaves strides of 3 out, and writes outside of its memory where padding is given in numbers',
  FusedConv2D: 'is made of Conv2D',
  DepthwiseConv2dNative: 'leaves strides of 3 out, and writes outside of its memory where padding is given in numbers',
  FusedDepthwiseConv2D: 'is made of DepthwiseConv2dNative',
  Conv3DBackpropFilterV2: 'is off where windows overlap or leave gaps',
  Conv3DBackpropInputV2: 'is off where windows overlap or leave gaps',
  Dilation2D: 'is off for several channels',
  Dilation2DBackpropFilter: 'is off for several channels',
  Dilation2DBackpropInput: 'is off for several channels',
  MaxPool: 'passes infinities and NaN by',
  MaxPoolGrad: 'sends gradients to other places',
  MaxPoolWithArgmax: 'is off at the edge',
  AvgPool: 'turns NaN into an infinity',
  RotateWithOffset: 'fills with whole numbers alone, and makes opaque what it fills',
  Transform: 'takes other pixels for those before the first, where it reflects',
};

/** Kernels of the JavaScript backend that take no axis counted from the end: they give nothing at all, in silence. */
const AXIS_FROM_THE_FRONT = ['Cumprod', 'Cumsum'];

/** The JavaScript backend, patched. Asked again, it does nothing. */
export function patchJs(tf: TF): void {
  if (isPatched('cpu')) return;
  for (const name of AXIS_FROM_THE_FRONT) {
    const theirs = tf.getKernel(name, 'cpu');
    if (!theirs) continue;
    replace(tf, {
      ...theirs,
      kernelFunc(call) {
        const { axis } = call.attrs as { readonly axis: number };
        const [front] = tf.util.parseAxisParam(axis, call.inputs['x']?.shape ?? []);
        return theirs.kernelFunc({ ...call, attrs: { ...call.attrs, axis: front ?? axis } });
      },
    });
  }
  const transform = tf.getKernel('Transform', 'cpu');
  if (transform) replace(tf, { ...transform, kernelFunc: imageByImage(transform.kernelFunc) });
}

/** The JavaScript backend transforms the first image of a batch and leaves the others empty, in silence: here each comes alone. */
function imageByImage(transform: KernelFunc): KernelFunc {
  return (call) => {
    const js = call.backend as Backend;
    const { image, transforms } = call.inputs as Readonly<Record<'image' | 'transforms', TensorInfo>>;
    const cut = ({ dataId, shape, dtype }: TensorInfo, k: number): TensorInfo => {
      const [count = 1, ...rest] = shape;
      const size = rest.reduce((product, length) => product * length, 1);
      const begin = count === 1 ? 0 : k * size;
      const one = [1, ...rest];
      return { dataId: js.write(js.readSync(dataId).slice(begin, begin + size), one, dtype), shape: one, dtype };
    };
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
    const { outputShape } = call.attrs as { readonly outputShape?: readonly [number, number] };
    const one = [...(outputShape ?? [height, width]), channels];
    const size = one.reduce((product, length) => product * length, 1);
    const values = new Float32Array(batch * size);
    for (let k = 0; k < batch; k++) {
      const inputs = { image: cut(image, k), transforms: cut(transforms, k) };
      const { dataId } = transform({ ...call, inputs }) as TensorInfo;
      values.set(js.readSync(dataId), k * size);
      for (const used of [inputs.image.dataId, inputs.transforms.dataId, dataId]) js.disposeData(used);
    }
    const shape = [batch, ...one];
    return { dataId: js.write(values, shape, image.dtype), shape, dtype: image.dtype };
  };
}

/** Complex numbers and text have no room in WebAssembly. */
const NO_NUMBERS = /^(Complex|ComplexAbs|Real|Imag|FFT|IFFT|String.*|StaticRegexReplace)$/;

/** Kernels that only name the numbers anew. */
const ALIASES: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'ExpandDims']);

/**
 * The WebAssembly backend, patched: JavaScript runs the kernels that WebAssembly lacks and those that it has wrong. Of the others it runs calls
 * with truth values, which WebAssembly takes for four bytes each in places, and with nothing at all, for which it reads memory that isn't its
 * own. Both backends must be registered; asked again, it does nothing.
 */
export function patchWasm(tf: TF): void {
  if (isPatched('wasm')) return;
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    if (NO_NUMBERS.test(kernelName) || ALIASES.has(kernelName)) continue;
    const theirs = WRONG_IN_WASM[kernelName] ? undefined : tf.getKernel(kernelName, 'wasm');
    const ours = inJavaScript(tf, kernelFunc);
    if (!theirs) inJavaScriptAlone.add(kernelName);
    replace(tf, {
      ...theirs,
      kernelName,
      backendName: 'wasm',
      kernelFunc: (call) => (theirs && !isHard(call.inputs) ? theirs.kernelFunc(call) : ours(call)),
    });
  }
}

/** What `eager-wasm` has JavaScript run, once its backend is patched. */
export const inJavaScriptAlone = new Set<string>();

const patched = new Set<string>();

function isPatched(backend: string): boolean {
  const before = patched.has(backend);
  patched.add(backend);
  return before;
}

function replace(tf: TF, kernel: KernelConfig): void {
  if (tf.getKernel(kernel.kernelName, kernel.backendName)) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}

const isHard = (inputs: NamedTensorInfoMap): boolean =>
  Object.values(inputs).some((tensor) => tensor && (tensor.dtype === 'bool' || tensor.shape.includes(0)));

/** What both backends have, and `KernelBackend` doesn't declare. */
interface Backend extends KernelBackend {
  readSync(dataId: object): TypedArray;
  write(values: TypedArray, shape: readonly number[], dtype: DataType): object;
}

/** A kernel of the JavaScript backend for another one that can be read at once: it computes on copies of the numbers. */
export function inJavaScript(tf: TF, kernel: KernelFunc): KernelFunc {
  const copy = (from: Backend, to: Backend, { dataId, shape, dtype }: TensorInfo): TensorInfo => {
    const values = arrayOf(dtype, from.readSync(dataId));
    return { dataId: to.write(values, shape, dtype), shape, dtype };
  };
  return ({ inputs, attrs, backend }) => {
    const [own, js] = [backend as Backend, tf.findBackend('cpu') as Backend];
    const used: TensorInfo[] = [];
    // Some kernels ask for the rank as well.
    const given = (tensor: TensorInfo): TensorInfo => {
      const operand = { ...copy(own, js, tensor), rank: tensor.shape.length };
      used.push(operand);
      return operand;
    };
    // Ragged tensors come with lists of tensors among their operands.
    const operands = Object.entries(inputs as Readonly<Record<string, TensorInfo | readonly TensorInfo[] | undefined>>).flatMap(
      ([name, tensor]) => (tensor ? [[name, isList(tensor) ? tensor.map(given) : given(tensor)] as const] : []),
    );
    const all = Array.isArray(inputs) ? operands.map(([, tensor]) => tensor) : Object.fromEntries(operands);
    const made = kernel({ inputs: all as NamedTensorInfoMap, backend: js, ...(attrs && { attrs }) });
    const outputs = [made].flat();
    const copies = outputs.map((tensor) => copy(js, own, tensor));
    for (const { dataId } of [...outputs, ...used]) js.disposeData(dataId);
    const [only] = copies;
    return Array.isArray(made) || !only ? copies : only;
  };
}

const isList = (tensor: TensorInfo | readonly TensorInfo[]): tensor is readonly TensorInfo[] => Array.isArray(tensor);

/** The JavaScript backend may keep whole numbers in an array of floats. */
const arrayOf = (dtype: DataType, values: TypedArray): TypedArray =>
  dtype === 'int32' ? Int32Array.from(values) : dtype === 'bool' ? Uint8Array.from(values) : Float32Array.from(values);
