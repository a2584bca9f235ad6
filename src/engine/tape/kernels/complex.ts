import type { CastAttrs, ComplexInputs, ConcatAttrs, ConcatInputs, FFTInputs, NamedTensorInfoMap, RealInputs } from '@tensorflow/tfjs-core';
import { type Node, sizeOf } from '../../graph/graph.js';
import { type Complex, type Kernel, kernel, type Kernels, type Operations } from '../operations.js';

type One = Pick<NamedTensorInfoMap, 'x'>;
type Two = Pick<NamedTensorInfoMap, 'a' | 'b'>;

/** Kernels that take complex numbers, each operand as `[..., 2]`. Of those that take real ones as well, `record.ts` has the other half. */
export const complex: Kernels = {
  Real: kernel<RealInputs>(({ input }, _, o) => apart(input, o).real),
  Imag: kernel<RealInputs>(({ input }, _, o) => apart(input, o).imaginary),
  ComplexAbs: kernel<One>(({ x }, _, o) => {
    const { real, imaginary } = apart(x, o);
    return o.shaped('Hypot', [real, imaginary], {}, real.shape);
  }),
  Cast: kernel<One, CastAttrs>(({ x }, { dtype }, o) => {
    if (dtype === 'complex64') return { parts: x };
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(`cast to ${dtype} isn't known`);
    return o.cast(apart(x, o).real, dtype);
  }),
  Concat: kernel<ConcatInputs, ConcatAttrs>((parts, { axis }, o) => {
    const rank = (parts[0]?.shape.length ?? 1) - 1;
    return { parts: o.concat(parts, axis < 0 ? axis + rank : axis) };
  }),
  ZerosLike: kernel<One>(({ x }, _, o) => ({ parts: o.filled(0, x.shape, 'float32') })),
  OnesLike: kernel<One>(({ x }, _, o) => {
    const shape = x.shape.slice(0, -1);
    return together(o.filled(1, shape, 'float32'), o.filled(0, shape, 'float32'), o);
  }),

  Add: kernel<Two>(({ a, b }, _, o) => ({ parts: o.add(a, b) })),
  Sub: kernel<Two>(({ a, b }, _, o) => ({ parts: o.apply('Sub', a, b) })),
  /** `(a + bi)(c + di) = (ac - bd) + (ad + bc)i` */
  Multiply: kernel<Two>((given, _, o) => {
    const { real: a, imaginary: b } = apart(given.a, o);
    const { real: c, imaginary: d } = apart(given.b, o);
    const times = (x: Node, y: Node): Node => o.apply('Mul', x, y);
    return together(o.apply('Sub', times(a, c), times(b, d)), o.add(times(a, d), times(b, c)), o);
  }),

  FFT: fourier(-1, () => 1),
  IFFT: fourier(1, (length) => 1 / length),
};

/** Kernels that make complex numbers of real ones. */
export const toComplex: Kernels = {
  Complex: kernel<ComplexInputs>(({ real, imag }, _, o) => together(real, imag, o)),
  Cast: kernel<One>(({ x }, _, o) => together(o.cast(x, 'float32'), o.filled(0, x.shape, 'float32'), o)),
};

/** The sum over k of `x[k] exp(sign 2 pi i k n / length)` along the last axis, as a product with the matrix of these: for short signals. */
function fourier(sign: 1 | -1, scale: (length: number) => number): Kernel {
  return kernel<FFTInputs>(({ input }, _, o) => {
    const length = input.shape.at(-2) ?? 1;
    const rows = [sizeOf(input.shape) / 2 / length, length];
    const waves = (wave: (angle: number) => number): Node => o.constant(matrix(length, sign, scale(length), wave), [length, length]);
    const [cosines, sines] = [waves(Math.cos), waves(Math.sin)];
    const { real, imaginary } = apart(o.reshape(input, [...rows, 2]), o);
    const made = together(
      o.apply('Sub', o.product(real, cosines), o.product(imaginary, sines)),
      o.add(o.product(real, sines), o.product(imaginary, cosines)),
      o,
    );
    return { parts: o.reshape(made.parts, input.shape) };
  });
}

/** The angle's whole turns are taken off in whole numbers, so that long signals lose no digits. */
const matrix = (length: number, sign: number, scale: number, wave: (angle: number) => number): Float32Array =>
  Float32Array.from({ length: length ** 2 }, (_, i) => {
    const turn = ((i % length) * Math.floor(i / length)) % length;
    return scale * wave((sign * 2 * Math.PI * turn) / length);
  });

function apart(x: Node, o: Operations): { readonly real: Node; readonly imaginary: Node } {
  const shape = x.shape.slice(0, -1);
  const part = (k: number): Node =>
    o.reshape(
      o.slice(
        x,
        x.shape.map((_, axis) => (axis === shape.length ? k : 0)),
        [...shape, 1],
      ),
      shape,
    );
  return { real: part(0), imaginary: part(1) };
}

function together(real: Node, imaginary: Node, o: Operations): Complex {
  const parts = [real, imaginary].map((part) => o.reshape(part, [...part.shape, 1]));
  return { parts: o.concat(parts, real.shape.length) };
}
