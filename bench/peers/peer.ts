/** What a peer brings: for each problem that it can express, a way to the gradient. */

/** A list of numbers per parameter, in the order of the problem's `wrt`. */
export type Blocks = readonly ArrayLike<number>[];

/** A call of it is what is timed: everything that can be done once was done before. */
export type Gradient = () => Blocks;

export interface Peer {
  readonly name: string;
  /** Of a number, in short. */
  readonly numbers: "float64" | "float32";
  /** How far the gradient may be from the generated one, relative to the largest number of a parameter. */
  readonly tolerance: number;
  /** By the problem's name. */
  readonly prepare: Readonly<Record<string, () => Gradient | Promise<Gradient>>>;
  /** Why problems are left out, crash or come out wrong. */
  readonly reasons: Readonly<Record<string, string>>;
  /** The timed call does only this part of the gradient's work. */
  readonly sample?: (problem: string) => { readonly gradient: Gradient; readonly share: number };
}
