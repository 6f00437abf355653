/** Inequalities without a solution, and reads that no later write meets. */
import { describe, expect, test } from "vitest";
import { aliasClasses } from "../compiler/3-analyse/aliases.js";
import { finality } from "../compiler/3-analyse/finality.js";
import { type Inequality, isInfeasible } from "../compiler/3-analyse/inequalities.js";
import type { Statement } from "../compiler/ir/ir.js";
import { visitStatements } from "../compiler/ir/walk.js";
import { lowerSnippet } from "./support/lowerSnippet.js";

const atLeast = (terms: Record<string, number>, constant: number, isStrict = false): Inequality => ({
  terms: new Map(Object.entries(terms)),
  constant,
  isStrict,
});

describe("inequalities", () => {
  test("x < y < z < x has no solution", () => {
    const less = (a: string, b: string): Inequality => atLeast({ [a]: -1, [b]: 1 }, 0, true);
    expect(isInfeasible([less("x", "y"), less("y", "z"), less("z", "x")])).toBe(true);
    expect(isInfeasible([less("x", "y"), less("y", "z")])).toBe(false);
  });

  test("4 i + k is another number for each i and each k below 4", () => {
    const digits = ["k", "m"].flatMap((name) => [atLeast({ [name]: 1 }, 0), atLeast({ [name]: -1 }, 3)]);
    const same = [atLeast({ i: 4, k: 1, j: -4, m: -1 }, 0), atLeast({ i: -4, k: -1, j: 4, m: 1 }, 0)];
    expect(isInfeasible([...digits, ...same, atLeast({ j: 1, i: -1 }, -1)])).toBe(true);
    expect(isInfeasible([...digits, ...same])).toBe(false);
  });
});

/** Of every read of `a` in a loop whether it is final, in the order of the text. */
function finalReads(body: string): readonly boolean[] {
  const fn = lowerSnippet(
    `/** @differentiable */\nexport function f(x: number, n: number, at: Int32Array): number {\n const a = new Float64Array(n * n + n); let s = 0;\n${body}\nreturn s * x;\n}`,
  );
  const facts = finality(fn, aliasClasses(fn));
  const reads: (Statement & { kind: "load" })[] = [];
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "load" && statement.object.name === "a") reads.push(statement);
  });
  return reads.map((read) => facts.isFinal(read));
}

describe("reads that no later write meets", () => {
  test("the triangle of a Cholesky factor", () => {
    expect(
      finalReads(`for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) {
        for (let k = 0; k < j; k++) s -= a[i * n + k] * a[j * n + k];
        a[i * n + j] = s; }`),
    ).toEqual([true, true]);
  });

  test("what is overwritten in the same row, in another, or may be", () => {
    const written = (at: string): readonly boolean[] =>
      finalReads(`for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { s += a[i * n + j]; a[${at}] = s; }`);
    expect(written("i * n + j")).toEqual([false]);
    expect(written("(i + 1) * n + j")).toEqual([true]);
    expect(written("j * n + i")).toEqual([false]);
    expect(written("at[i]")).toEqual([false]);
    expect(written("i * n + j - 1")).toEqual([false]);
    expect(written("i * n + j + 1")).toEqual([false]);
  });

  test("a row before, in either direction", () => {
    const read = (loops: string, at: string): readonly boolean[] => finalReads(`${loops} { s += a[${at}]; a[i] = s; }`);
    expect(read("for (let i = 1; i < n; i++)", "i - 1")).toEqual([true]);
    expect(read("for (let i = 1; i < n; i++)", "i + 1")).toEqual([false]);
    expect(read("for (let i = n - 1; i >= 0; i--)", "i + 1")).toEqual([true]);
    expect(read("for (let i = n - 1; i >= 1; i--)", "i - 1")).toEqual([false]);
    expect(read("for (let i = 0; i < n; i += 2)", "i + 1")).toEqual([true]);
    expect(read("for (let i = 0; i < n; i += 2)", "i + 2")).toEqual([false]);
    expect(read("for (let t = 0; t < 3; t++) for (let i = 1; i < n; i++)", "i - 1")).toEqual([false]);
  });

  test("a column that is not proved to stay below its stride", () => {
    expect(
      finalReads(
        "for (let i = 0; i < n; i++) for (let j = 0; j < x; j++) { s += a[i * n + j]; a[i * n + j + 1] = s; }",
      ),
    ).toEqual([false]);
  });
});
