/** Rules for functions of one's own, or of a library: what their derivatives are. The compiler reads them as source. */
import type { Gradient } from "./gradientType.js";

/** Any function; what it takes and gives is read off its own type. */
export type AnyFunction = (...args: never[]) => unknown;

/** The derivative with respect to one argument, of full shape; undefined for what carries none, a number where one may be. */
type Part<T> = [T] extends [number | null | undefined] ? number : Gradient<T>;
type Parts<A extends readonly unknown[]> = { -readonly [K in keyof A]-?: Part<A[K]> };

type PartialsOf<A extends readonly unknown[], R> = {
  readonly [K in keyof A]-?: [A[K]] extends [number | null | undefined]
    ? ((...args: [...args: A, value: R]) => number) | null
    : null;
};

/** The partial derivative with respect to each argument, from the arguments and the value; null where it is zero. */
export type Partials<F extends AnyFunction> = PartialsOf<Parameters<F>, ReturnType<F>>;

/**
 * From the arguments, the value and the cotangent of the value to the cotangents of all arguments, as a tuple. Reads what
 * it is given and writes none of it.
 */
export type Pullback<F extends AnyFunction> = (
  ...args: [...args: Parameters<F>, value: ReturnType<F>, cotangent: Gradient<ReturnType<F>>]
) => Parts<Parameters<F>>;

/**
 * From the arguments, the value and the tangents of all arguments, as a tuple, to the tangent of the value. Reads what it
 * is given and writes none of it; an array that it gives is a new one.
 */
export type Pushforward<F extends AnyFunction> = (
  ...args: [...args: Parameters<F>, value: ReturnType<F>, tangents: Parts<Parameters<F>>]
) => Gradient<ReturnType<F>>;

export interface PartialsRule<F extends AnyFunction> {
  readonly partials: Partials<F>;
  readonly pullback?: never;
  readonly pushforward?: never;
}

export interface PullbackRule<F extends AnyFunction> {
  readonly pullback: Pullback<F>;
  /** For forward mode. */
  readonly pushforward?: Pushforward<F>;
  readonly partials?: never;
}

/** What is known of the derivative of F. */
export type Rule<F extends AnyFunction> =
  ReturnType<F> extends number ? PartialsRule<F> | PullbackRule<F> : PullbackRule<F>;

/**
 * Says what the derivative of `f` is, for the compiler, which finds the call at the top of any module of the project. It
 * does nothing when it runs. `f` must be a function that neither writes its arguments nor keeps or gives them back.
 */
export function defineRule<const F extends AnyFunction>(_f: F, _rule: Rule<F>): void {}
