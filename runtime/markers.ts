/**
 * The marker functions: typed calls that the build plugin replaces by generated code. Called as they stand they throw
 * at once, since nothing has been generated.
 */
import type { GradientFor, Wrt } from "./gradientFor.js";
import type { Gradient } from "./gradientType.js";

export interface MarkerOptions<W extends Wrt> {
  /**
   * Positions of the parameters to differentiate with respect to: a number gives a bare gradient, a list of numbers a
   * tuple of gradients in that order. Default 0.
   */
  readonly wrt?: W;
}

/** The structure of an output with each number replaced by a gradient; a plain array for an array or typed array. */
export type Rows<Output, Row> = Output extends number
  ? Row
  : Output extends Float64Array | Float32Array
    ? Row[]
    : Output extends readonly unknown[]
      ? number extends Output["length"]
        ? Rows<Output[number], Row>[]
        : { -readonly [K in keyof Output]: Rows<Output[K], Row> }
      : Output extends object
        ? { -readonly [K in keyof Output]: Rows<Output[K], Row> }
        : Output;

export class NotConfiguredError extends Error {
  override readonly name = "NotConfiguredError";
}

function notConfigured(marker: string, f: unknown): never {
  const name = typeof f === "function" && f.name !== "" ? f.name : "…";
  throw new NotConfiguredError(
    [
      `${marker}(${name}) was called, but Adjoint's build plugin did not replace this call by generated code.`,
      "A derivative is written when the program is built. Either add the plugin to the tool that builds or runs it:",
      '  Vite, Vitest  vite.config.ts     import adjoint from "adjoint/vite";     plugins: [adjoint()]',
      '  Rollup        rollup.config.js   import adjoint from "adjoint/rollup";   plugins: [adjoint()]',
      '  webpack       webpack.config.js  import adjoint from "adjoint/webpack";  plugins: [adjoint()]',
      '  esbuild       build script       import adjoint from "adjoint/esbuild";  plugins: [adjoint()]',
      "  Node          command line       node --import adjoint/register program.ts",
      "or write `/** @differentiable */` above the function, run `npx adjoint generate`, and import the derivative",
      "from the file that it writes (`loss.adjoint.ts` beside `loss.ts`). `npx adjoint doctor` says what is missing.",
    ].join("\n"),
  );
}

/** The gradient of a function that gives a number: `grad(f)(...args)`. */
export function grad<A extends readonly unknown[], const W extends Wrt = 0>(
  f: (...args: A) => number,
  _options?: MarkerOptions<W>,
): (...args: A) => GradientFor<A, W> {
  return notConfigured("grad", f);
}

/** Value and gradient of a function that gives a number: `valueAndGrad(f)(...args)` is `{ value, grad }`. */
export function valueAndGrad<A extends readonly unknown[], const W extends Wrt = 0>(
  f: (...args: A) => number,
  _options?: MarkerOptions<W>,
): (...args: A) => { value: number; grad: GradientFor<A, W> } {
  return notConfigured("valueAndGrad", f);
}

/**
 * The vector-Jacobian product: `vjp(f)(...args)` is `{ value, pullback }`, and `pullback(seed)` is the gradient of
 * ⟨seed, f⟩, as often as wanted. The seed has the shape of the output's numbers.
 */
export function vjp<A extends readonly unknown[], R, const W extends Wrt = 0>(
  f: (...args: A) => R,
  _options?: MarkerOptions<W>,
): (...args: A) => { value: R; pullback: (seed: Gradient<R>) => GradientFor<A, W> } {
  return notConfigured("vjp", f);
}

/** The Jacobian-vector product: `jvp(f)(args, tangents)` is `{ value, tangent }`; tangents are shaped like gradients. */
export function jvp<A extends readonly unknown[], R, const W extends Wrt = 0>(
  f: (...args: A) => R,
  _options?: MarkerOptions<W>,
): (args: Readonly<A>, tangents: GradientFor<A, W>) => { value: R; tangent: Gradient<R> } {
  return notConfigured("jvp", f);
}

/** All first derivatives: `jacobian(f)(...args)` is the output's structure with a gradient for each number. */
export function jacobian<A extends readonly unknown[], R, const W extends Wrt = 0>(
  f: (...args: A) => R,
  _options?: MarkerOptions<W>,
): (...args: A) => Rows<Gradient<R>, GradientFor<A, W>> {
  return notConfigured("jacobian", f);
}

/** All second derivatives: `hessian(f)(...args)` is the gradient's structure with a gradient for each number. */
export function hessian<A extends readonly unknown[], const W extends Wrt = 0>(
  f: (...args: A) => number,
  _options?: MarkerOptions<W>,
): (...args: A) => Rows<GradientFor<A, W>, GradientFor<A, W>> {
  return notConfigured("hessian", f);
}

/** The Hessian times a vector: `hvp(f)(args, vector)` is `{ grad, hvp }`; the vector is shaped like the gradient. */
export function hvp<A extends readonly unknown[], const W extends Wrt = 0>(
  f: (...args: A) => number,
  _options?: MarkerOptions<W>,
): (args: Readonly<A>, vector: GradientFor<A, W>) => { grad: GradientFor<A, W>; hvp: GradientFor<A, W> } {
  return notConfigured("hvp", f);
}

/**
 * x itself, through which no derivative flows in generated code. An array or a record stays the same object there, too;
 * the compiler refuses writes to it afterwards.
 */
export function stopGradient<T>(x: T): T {
  return x;
}
