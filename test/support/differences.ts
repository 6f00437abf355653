/** Derivatives by differences, for any mix of numbers, arrays, tuples and records. */
import { copyOf } from "./copies.js";
import { derivativeAtZero, type Estimate } from "./extrapolate.js";

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

/** One partial derivative, by extrapolated central differences. */
export function partialByDifferences(
  f: (...args: unknown[]) => number,
  args: readonly unknown[],
  position: number,
  path: Path,
): Estimate {
  const shifted = (by: number): number =>
    f(...args.map((arg, k) => (k === position ? withNumber(arg, path, (x) => x + by) : copyOf(arg))));
  const x = Math.abs(read(args[position], path) as number);
  return derivativeAtZero(shifted, 1e-2 * Math.max(1, x));
}
