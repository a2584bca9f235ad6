/** Functions of five numbers in [0, 1) whose least value is 0, as the literature on global optimisation has them. */
export const FUNCTIONS: Readonly<
  Record<string, { readonly low: number; readonly high: number; readonly value: (x: readonly number[]) => number }>
> = {
  sphere: { low: -5, high: 5, value: (x) => sum(x.map((each) => each * each)) },
  rosenbrock: {
    low: -5,
    high: 10,
    value: (x) => sum(x.slice(1).map((next, index) => 100 * (next - (x[index] ?? 0) ** 2) ** 2 + (1 - (x[index] ?? 0)) ** 2)),
  },
  ackley: {
    low: -32.768,
    high: 32.768,
    value: (x) =>
      20 +
      Math.E -
      20 * Math.exp(-0.2 * Math.sqrt(sum(x.map((each) => each * each)) / x.length)) -
      Math.exp(sum(x.map((each) => Math.cos(2 * Math.PI * each))) / x.length),
  },
  rastrigin: {
    low: -5.12,
    high: 5.12,
    value: (x) => 10 * x.length + sum(x.map((each) => each * each - 10 * Math.cos(2 * Math.PI * each))),
  },
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
