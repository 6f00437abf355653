/** Hooks of cotangents: what they change arrives, they are called as often as their place was passed, names do not clash. */
import { describe, expect, test } from "vitest";
import { hookCotangent } from "../../runtime/index.js";
import { compile } from "../support/compile.js";

const source = `
import { hookCotangent } from "adjoint";
export const seen: number[] = [];
/** @differentiable grad, jvp, vjp, jacobian */
export function clipped(x: number): number {
  return hookCotangent(x * x, (bar) => Math.min(1, bar)) * 3;
}
/** @differentiable grad wrt w */
export function clippedNorm(w: number[], most: number): number {
  const v = hookCotangent(w, (bar) => {
    const norm = Math.hypot(...bar);
    return norm > most ? bar.map((b) => (b * most) / norm) : undefined;
  });
  return v[0] * v[0] + v[1] * v[1] + w[0];
}
/** @differentiable grad */
export function watched(x: number, steps: number): number {
  let state = x;
  for (let k = 0; k < steps; k++) {
    if (k === 1) continue;
    state = hookCotangent(state * state, (bar) => { seen.push(k, bar); });
  }
  return state;
}
function soft(v: number, k: number): number {
  return hookCotangent(v, (bar) => bar * k);
}
/** What fills the hole is called as the hook's own parameter. @differentiable grad */
export function clashing(x: number, bar: number): number {
  return soft(x, bar) + soft(2 * x, bar + 1);
}
/** The trace is the caller's. @differentiable grad */
export function traced(x: number, trace: number[]): number {
  const y = hookCotangent(x * x, (bar) => void trace.push(bar));
  return Math.sin(y);
}
/** @differentiable grad, vjp wrt xs */
export function logged(xs: number[], log: number[], gains: number[]): number {
  function twice(bar: number): number { return bar > 8 ? bar : twice(2 * bar); }
  const sum = xs.reduce((s, x, i) => s + hookCotangent(x * x, (bar) => { log.push(i); return bar * gains[i]; }), 0);
  return sum + hookCotangent(xs[0], twice) + hookCotangent(xs[0], Math.abs);
}
/** @differentiable jacobian */
export function rows(x: number): [number, number] {
  const y = hookCotangent(x * x, (bar) => 2 * bar);
  return [y, 3 * y];
}
/** @differentiable grad */
export function inPlace(xs: Float32Array): number {
  const ys = hookCotangent(xs, (bar) => bar.fill(0, 0, 1));
  ys[1] *= 2;
  return ys[0] * ys[1] + xs[0];
}
`;

describe("hooks", async () => {
  const { derived, source: primal } = await compile(source);
  const run = (name: string, ...args: unknown[]): unknown => (derived[name] as (...all: unknown[]) => unknown)(...args);

  test("a cotangent is clipped in reverse mode, and in no other", () => {
    expect(run("gradClipped", 2)).toBe(4);
    expect(run("gradClipped", 2)).not.toBe(12);
    expect(run("jvpClipped", [2], 1)).toEqual({ value: 12, tangent: 12 });
    expect((run("vjpClipped", 2) as { pullback: (seed: number) => number }).pullback(0.1)).toBeCloseTo(1.2, 14);
    expect(run("jacobianClipped", 2)).toBe(4);
    expect(run("jacobianRows", 2)).toEqual([8, 24]);
  });

  test("an array may be replaced, or kept by giving nothing", () => {
    expect(run("gradClippedNorm", [3, 4], 5)).toEqual([4, 4]);
    expect(run("gradClippedNorm", [3, 4], 50)).toEqual([7, 8]);
    expect(run("gradInPlace", Float32Array.of(2, 3))).toEqual(Float32Array.of(1, 4));
  });

  test("the reverse sweep passes every place, backwards", () => {
    expect(run("gradWatched", 1.5, 3)).toBeCloseTo(4 * 1.5 ** 3, 12);
    expect(primal["seen"]).toEqual([2, 1, 0, 2 * 1.5 ** 2]);
  });

  test("what fills holes keeps its value and its identity", () => {
    expect(run("gradClashing", 1, 5)).toBe(5 + 2 * 6);
    const trace: number[] = [];
    expect(run("gradTraced", 2, trace)).toBe(4 * Math.cos(4));
    expect(trace).toEqual([Math.cos(4)]);
  });

  test("arrays are the caller's own, also behind a pullback, and places are passed backwards", () => {
    const log: number[] = [];
    expect(run("gradLogged", [1, 2, 3], log, [1, 10, 100])).toEqual([2 + 16 + 1, 40, 600]);
    expect(log).toEqual([2, 1, 0]);
    const { pullback } = run("vjpLogged", [1, 2, 3], log, [1, 10, 100]) as { pullback: (seed: number) => number[] };
    expect(pullback(2)).toEqual([4 + 16 + 2, 80, 1200]);
    pullback(1);
    expect(log).toEqual([2, 1, 0, 2, 1, 0, 2, 1, 0]);
  });

  test("outside of generated code it gives the value, or a copy", () => {
    const xs = [1, 2];
    expect(hookCotangent(3, () => 0)).toBe(3);
    expect(hookCotangent(xs, () => {})).toEqual(xs);
    expect(hookCotangent(xs, () => {})).not.toBe(xs);
  });
});
