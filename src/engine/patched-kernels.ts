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

/** A kernel of the JavaScript backend for the WebAssembly one: it computes on copies of the numbers. */
function inJavaScript(tf: TF, kernel: KernelFunc): KernelFunc {
  const copy = (from: Backend, to: Backend, { dataId, shape, dtype }: TensorInfo): TensorInfo => {
    const values = arrayOf(dtype, from.readSync(dataId));
    return { dataId: to.write(values, shape, dtype), shape, dtype };
  };
  return ({ inputs, attrs, backend }) => {
    const [wasm, js] = [backend as Backend, tf.findBackend('cpu') as Backend];
    // Some kernels ask for the rank as well.
    const given = Object.entries(inputs).flatMap(([name, tensor]) =>
      tensor ? [[name, { ...copy(wasm, js, tensor), rank: tensor.shape.length }] as const] : [],
    );
    const operands = Array.isArray(inputs) ? given.map(([, tensor]) => tensor) : Object.fromEntries(given);
    const made = kernel({ inputs: operands as NamedTensorInfoMap, backend: js, ...(attrs && { attrs }) });
    const outputs = [made].flat();
    const copies = outputs.map((tensor) => copy(js, wasm, tensor));
    for (const { dataId } of [...outputs, ...given.map(([, tensor]) => tensor)]) js.disposeData(dataId);
    const [only] = copies;
    return Array.isArray(made) || !only ? copies : only;
  };
}

/** The JavaScript backend may keep whole numbers in an array of floats. */
const arrayOf = (dtype: DataType, values: TypedArray): TypedArray =>
  dtype === 'int32' ? Int32Array.from(values) : dtype === 'bool' ? Uint8Array.from(values) : Float32Array.from(values);
