/** The types of what the derivative functions give for a list of parameters. */
import type { Gradient } from "./gradientType.js";

/** Positions of parameters: one for a bare gradient, a list for a tuple of gradients. */
export type Wrt = number | readonly number[];

/** The parameters from position I on; labels are kept. */
type Drop<A extends readonly unknown[], I, Done extends readonly unknown[] = []> = Done["length"] extends I
  ? A
  : A extends readonly [unknown, ...infer Rest]
    ? Drop<Rest, I, [...Done, unknown]>
    : A;

/** The parameter at position I as a tuple of one, so that its label is kept; all of a rest parameter. */
type Single<A extends readonly unknown[], I> =
  Drop<A, I> extends infer D extends readonly unknown[]
    ? D extends readonly [infer First, ...infer Rest]
      ? number extends Rest["length"]
        ? [First]
        : D extends readonly [...infer Head, ...Rest]
          ? Head
          : never
      : [D]
    : never;

type GradientOfSingle<T> = T extends readonly unknown[] ? { -readonly [K in keyof T]: Gradient<T[K]> } : never;

/** Parameters that may be omitted have a gradient all the same. */
type Present<A extends readonly unknown[]> = { [K in keyof A]-?: Exclude<A[K], undefined> };

type GradientTuple<A extends readonly unknown[], W extends readonly unknown[]> = W extends readonly [
  infer First extends number,
  ...infer Rest,
]
  ? [...GradientOfSingle<Single<A, First>>, ...GradientTuple<A, Rest>]
  : W extends readonly []
    ? []
    : Gradient<A[number]>[];

/** The gradient of a function with parameters A: bare for one position, a labelled tuple for a list of them. */
export type GradientFor<A extends readonly unknown[], W extends Wrt> = W extends readonly number[]
  ? GradientTuple<Present<A>, W>
  : number extends W
    ? Gradient<A[number]>
    : GradientOfSingle<Single<Present<A>, W>>[0];
