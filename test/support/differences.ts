/** Derivatives by differences, for any mix of numbers, arrays, tuples and records. */

/** A deep copy of numeric data. */
export function copyOf<T>(value: T): T {
  return structuredClone(value);
}

export type Path = readonly (string | number)[];

/** Paths to every number that can carry a derivative. */
export function numberPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value === "number") return [path];
  if (value instanceof Float64Array || value instanceof Float32Array || Array.isArray(value))
    return Array.from(value as ArrayLike<unknown>).flatMap((item, k) => numberPaths(item, [...path, k]));
  if (ArrayBuffer.isView(value) || value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, item]) => numberPaths(item, [...path, name]));
}

export function read(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Record<string | number, unknown>)?.[key], value);
}

function withNumber<T>(value: T, path: Path, change: (number: number) => number): T {
  if (path.length === 0) return change(value as number) as T;
  const copy = copyOf(value);
  const last = path.at(-1)!;
  const owner = read(copy, path.slice(0, -1)) as Record<string | number, number>;
  owner[last] = change(owner[last]!);
  return copy;
}

/** One partial derivative by central differences, extrapolated (Richardson) over shrinking steps; the best row wins. */
export function partialByDifferences(
  f: (...args: unknown[]) => number,
  args: readonly unknown[],
  position: number,
  path: Path,
): { value: number; error: number } {
  const at = (h: number): number => {
    const shifted = (by: number): number =>
      f(...args.map((arg, k) => (k === position ? withNumber(arg, path, (x) => x + by) : copyOf(arg))));
    return (shifted(h) - shifted(-h)) / (2 * h);
  };
  const x = Math.abs(read(args[position], path) as number);
  const start = 1e-2 * Math.max(1, x);
  const ratio = 1.6;
  const table: number[][] = [];
  let best = { value: NaN, error: Infinity };
  for (let i = 0; i < 12; i++) {
    const row = [at(start / ratio ** i)];
    let factor = ratio * ratio;
    for (let j = 1; j <= i; j++, factor *= ratio * ratio) {
      row.push((factor * row[j - 1]! - table[i - 1]![j - 1]!) / (factor - 1));
      const error = Math.max(Math.abs(row[j]! - row[j - 1]!), Math.abs(row[j]! - table[i - 1]![j - 1]!));
      if (error < best.error) best = { value: row[j]!, error };
    }
    table.push(row);
  }
  return best;
}
