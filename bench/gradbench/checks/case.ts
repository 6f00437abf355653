/** An input of an eval, made as the eval makes it, and what the functions of its module must give for it. */
export interface Case {
  readonly module: string;
  readonly input: unknown;
  readonly expected: Readonly<Record<string, unknown>>;
  /** Where answers are not exact; much less than the evals' own 1e-4 otherwise. */
  readonly tolerance?: number;
}

/** Of a function of numbers, by central differences. */
export function gradientOf(f: (x: number[]) => number, x: readonly number[]): number[] {
  return jacobianOf((at) => [f(at)], x)[0]!;
}

/** A row for each output. */
export function jacobianOf(f: (x: number[]) => number[], x: readonly number[]): number[][] {
  const columns = x.map((value, i) => {
    const step = 1e-5 * Math.max(1, Math.abs(value));
    const [above, below] = [f(x.with(i, value + step)), f(x.with(i, value - step))];
    return above.map((output, row) => (output - below[row]!) / (2 * step));
  });
  return columns[0]!.map((_, row) => columns.map((column) => column[row]!));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const product = (values: readonly number[]): number => values.reduce((total, value) => total * value, 1);

/** Takes rows of the given lengths from a flat array. */
export function rowsOf(flat: readonly number[], lengths: readonly number[]): number[][] {
  let start = 0;
  return lengths.map((length) => flat.slice(start, (start += length)));
}
