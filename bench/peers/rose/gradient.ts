/** From a function of parameters and data, written for Rose, to its gradient. */
import { compile, fn, Real, struct, type Symbolic, vjp } from "rose";
import type { Blocks, Gradient } from "../peer.js";

/** As Rose takes and returns values of a type that has no names for them. */
type Plain = number | readonly Plain[] | { readonly [name: string]: Plain };

interface Description<Parameters, Data> {
  /** Types of Rose, by name. */
  readonly parameters: Parameters;
  readonly data: Data;
  readonly primal: (parameters: Symbolic<Parameters>, data: Symbolic<Data>) => Real;
  readonly at: { readonly [Name in keyof Parameters]: Plain };
  readonly given: { readonly [Name in keyof Data]: Plain };
}

/** Both are arguments: literals of so many numbers are more than WebAssembly lets a function hold. */
export async function gradientOf<const Parameters extends object, const Data extends object>(
  description: Description<Parameters, Data>,
  blocksOf: (gradient: { readonly [Name in keyof Parameters]: Plain }) => Blocks = Object.values as (
    of: object,
  ) => Blocks,
): Promise<Gradient> {
  const { parameters, data, primal, at, given } = description;
  const both = struct({ parameters, data });
  type Both = { parameters: Symbolic<Parameters>; data: Symbolic<Data> };
  const f = fn([both], Real, (all) => primal((all as Both).parameters, (all as Both).data));
  const gradient = fn([both], parameters, (all) => {
    const { parameters: change } = vjp(f)(all).grad(1) as Both;
    return change as never;
  });
  const compiled = (await compile(gradient)) as unknown as (all: object) => {
    readonly [Name in keyof Parameters]: Plain;
  };
  const all = { parameters: at, data: given };
  return () => blocksOf(compiled(all));
}

export const rowsOf = (numbers: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: numbers.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => numbers[row * columns + column]!),
  );

export const flat = (rows: Plain): number[] => (rows as number[][]).flat();
