/**
 * What is seen from outside (console, random numbers, functions with a rule that print) happens in a derivative as often
 * as in the function, in its order, whatever becomes of the loops around it.
 */
import { describe, expect, test, vi } from "vitest";
import type { PipelineOptions } from "../compiler/passes.js";
import { compile } from "./support/compile.js";

const source = `
import { defineRule, stopGradient } from "adjoint";
export function noisy(x: number): number {
  console.log("noisy", x);
  return x * x;
}
defineRule(noisy, { partials: [(x: number) => 2 * x] });
export function careful(xs: number[]): number[] {
  if (xs.length === 0) throw new RangeError("no numbers");
  return xs.map((x) => x * x);
}
defineRule(careful, {
  pullback: (xs: number[], _value: number[], cotangent: number[]) => [cotangent.map((c, i) => 2 * c * xs[i])],
  pushforward: (xs: number[], _value: number[], [xsDot]: [number[]]) => xsDot.map((dot, i) => 2 * dot * xs[i]),
});
/** Iterations share nothing. @differentiable grad, valueAndGrad, jvp wrt x, w */
export function fused(x: number[], w: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const r = w * x[i] - 1;
    console.log("r", i, r);
    console.assert(r > -100, "r is small", r);
    sum += r * r;
  }
  return sum;
}
/** The iteration could be run again. @differentiable grad, valueAndGrad, jvp wrt x, w */
export function scratch(x: number[], w: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const t = new Float64Array(2);
    for (let k = 0; k < 2; k++) {
      console.warn("t", i, k);
      t[k] = Math.sin(w * x[i] * (k + 1));
    }
    sum += t[0] * t[1];
  }
  return sum;
}
/** A recurrence, branches, an early end. @differentiable grad, valueAndGrad, jvp wrt x, w */
export function recurrence(x: number[], w: number): number {
  let y = 1;
  for (let i = 0; i < x.length; i++) {
    if (x[i] > 1) console.log("large", y);
    else console.warn("small", y);
    y = Math.sin(y * w) + x[i];
    if (y > 2.5) return y;
  }
  console.log("end");
  return y * w;
}
/** @differentiable grad, valueAndGrad, jvp wrt x, w */
export function ruled(x: number[], w: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += noisy(x[i] * w);
  noisy(w);
  const held = stopGradient(noisy(sum));
  return sum + held * careful(x)[0];
}
/** @differentiable grad, valueAndGrad, jvp wrt x, w */
export function waiting(x: number[], w: number): number {
  let y = w + 5;
  while (noisy(y) > 4 && noisy(w) > 0) y = y * 0.6;
  return x.length > 0 && noisy(x[0]) > 1 ? noisy(y) : y;
}
function helper(x: number, w: number): number {
  console.log("helper", x);
  return Math.tanh(x * w);
}
/** @differentiable grad, valueAndGrad, jvp wrt x, w */
export function called(x: number[], w: number): number {
  let y = 0;
  for (let i = 0; i < x.length; i++) y = helper(y + x[i], w);
  return y;
}
/** Nobody needs its value, but it may throw. @differentiable grad, valueAndGrad, jvp wrt x, w */
export function unneeded(x: number[], w: number): number {
  careful(x);
  console.log("after");
  return w * w;
}
`;

const variants: Record<string, [PipelineOptions, boolean]> = {
  optimised: [{}, false],
  plain: [{ optimise: false }, false],
  "everything kept": [{ keepEverything: true }, false],
  "plain, everything kept": [{ optimise: false, keepEverything: true }, false],
  "calls split": [{}, true],
};

/** What is printed, and what is thrown. */
function heard(run: () => unknown): readonly unknown[] {
  const lines: unknown[] = [];
  const spies = (["log", "warn", "assert"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void lines.push([name, ...args])),
  );
  try {
    run();
  } catch (error) {
    lines.push(String(error));
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return lines;
}

type Plain = (...args: unknown[]) => unknown;

describe.each(Object.entries(variants))("%s", (_, [options, splitCalls]) => {
  test("everything is heard once, in order", async () => {
    const limits = splitCalls ? { limits: { callee: 0, calledOnce: 0, total: 0 } } : {};
    const { source: primal, derived, diagnostics } = await compile(source, options, limits);
    expect(diagnostics).toEqual([]);
    for (const name of ["fused", "scratch", "recurrence", "ruled", "waiting", "called", "unneeded"])
      for (const make of [() => [[0.5, 1.5, -0.3], 0.7], () => [[3, 2], 1.2], () => [[], 2]]) {
        const wanted = heard(() => (primal[name] as Plain)(...make()));
        const capitalised = name[0]!.toUpperCase() + name.slice(1);
        const grad = heard(() => (derived[`grad${capitalised}`] as Plain)(...make()));
        const both = heard(() => (derived[`valueAndGrad${capitalised}`] as Plain)(...make()));
        const [x, w] = make() as [number[], number];
        const jvp = heard(() => (derived[`jvp${capitalised}`] as Plain)([x, w], [x.map(() => 1), 1]));
        expect({ grad, both, jvp }, name).toEqual({ grad: wanted, both: wanted, jvp: wanted });
      }
  });
});
