/** The passes, each on the smallest function that shows what it does; the verifier; the names. */
import { describe, expect, test } from "vitest";
import { fuseProducers } from "../compiler/5-optimise/fuseProducers.js";
import { hoistInvariants } from "../compiler/5-optimise/hoistInvariants.js";
import { joinBranches } from "../compiler/5-optimise/joinBranches.js";
import { recogniseAddTo } from "../compiler/5-optimise/recogniseAddTo.js";
import { removeDeadCode } from "../compiler/5-optimise/deadCode.js";
import { scalarReplace } from "../compiler/5-optimise/scalarReplace.js";
import { shareExpressions } from "../compiler/5-optimise/shareExpressions.js";
import { simplify } from "../compiler/5-optimise/simplify.js";
import { sinkScratch } from "../compiler/5-optimise/sinkScratch.js";
import { splitArrays } from "../compiler/5-optimise/splitArrays.js";
import { newValue, numberType } from "../compiler/ir/build.js";
import type { IrFunction, Statement } from "../compiler/ir/ir.js";
import { verify } from "../compiler/ir/verify.js";
import { passNames } from "../compiler/passes.js";
import { bodyOf, lowerSnippet, passTexts } from "./support/lowerSnippet.js";

const snippet = (signature: string, body: string): string =>
  `/** @differentiable valueAndGrad wrt 0 */\nexport function f(${signature}): number {\n${body}\n}`;

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

/** Lowered, with what nobody reads removed. */
const primal = (signature: string, body: string): IrFunction => removeDeadCode(lowerSnippet(snippet(signature, body)));

describe("passes on the primal", () => {
  test("dead code: what nobody reads goes, throws and writes stay", () => {
    const fn = lowerSnippet(
      snippet(
        "x: number, xs: number[]",
        "const a = Math.sin(x); const b = Math.cos(x); xs[0] = 2; const c = xs[1]; return a;",
      ),
    );
    expect(bodyOf(removeDeadCode(fn))).toMatchInlineSnapshot(`
      "  %2 a = sin %0 x
        %3 = 0
        %4 = 2
        store %1 xs[%3], %4
        yield %2 a"
    `);
  });

  test("scalar replacement: a record that is only built and read", () => {
    const fn = primal("x: number", "const q = { a: x * x, b: x + 1 }; const [u, v] = [q.a, q.b]; return u * v;");
    expect(bodyOf(fn)).toContain("literal");
    expect(bodyOf(removeDeadCode(scalarReplace(fn)))).toMatchInlineSnapshot(`
      "  %1 = multiply %0 x, %0 x
        %2 = 1
        %3 = add %0 x, %2
        %4 = multiply %1, %3
        yield %4"
    `);
  });

  test("scalar replacement: a record that a loop carries", () => {
    const fn = primal(
      "x: number, n: number",
      "let q = { a: x, b: 1 }; for (let i = 0; i < n; i++) q = { a: q.b, b: q.a * x }; return q.a;",
    );
    expect(bodyOf(removeDeadCode(scalarReplace(fn)))).not.toContain("literal");
  });

  test("scalar replacement: a record that a branch and a loop write", () => {
    const fn = primal(
      "x: number, n: number",
      "const q = { a: x, b: 1 }; for (let i = 0; i < n; i++) if (q.a < 5) q.a *= x; return q.a + q.b;",
    );
    expect(bodyOf(removeDeadCode(scalarReplace(fn)))).toMatchInlineSnapshot(`
      "  %2 = 1
        %3 = 0
        %6 qA = loop %5 i from %3 < %1 n step 1 (%4 qA = %0 x)
        do:
          %7 = 5
          %8 = less %4 qA, %7
          %9 qA = if %8
          then:
            %10 qA = multiply %4 qA, %0 x
            yield %10 qA
          else:
            yield %4 qA
          yield %9 qA
        %11 = add %6 qA, %2
        yield %11"
    `);
  });

  test("scalar replacement: a small array that is read and written at known places", () => {
    const fn = primal(
      "x: number",
      "const m = new Float64Array(3); m[1] = x; m[2] += m[1] * x; return m[2] + m.length;",
    );
    expect(bodyOf(removeDeadCode(scalarReplace(fn)))).toMatchInlineSnapshot(`
      "  %1 = 0
        %2 = multiply %0 x, %0 x
        %3 m2 = add %1, %2
        %4 = 3
        %5 = add %3 m2, %4
        yield %5"
    `);
  });

  test.each([
    ["a branch may choose another", "const r = x > 0 ? q : p; r.a = 3; return q.a + p.a;"],
    [
      "a loop has another name for it",
      "let r = q; for (let i = 0; i < x; i++) { r = i > 1 ? q : p; q.a += x; } return r.a;",
    ],
    [
      "it is handed on and written again",
      "let r = p; for (let i = 0; i < x; i++) { r = q; r.a += x; } return q.a + r.a;",
    ],
  ])("scalar replacement: a written object with two names stays one: %s", (_, body) => {
    const fn = primal("x: number", `const p = { a: x }; const q = { a: 1 }; ${body}`);
    expect(bodyOf(scalarReplace(fn))).toContain("literal");
  });

  test("scalar replacement: an object that others see stays one", () => {
    const fn = primal("x: { a: number }", "const q = x; q.a = 3; return x.a;");
    expect(bodyOf(scalarReplace(fn))).toBe(bodyOf(fn));
  });

  test("fusion of producers: a mapped array that is summed", () => {
    const fn = primal("xs: number[], c: number", "return xs.map((x) => x * c).reduce((sum, y) => sum + y * y, 0);");
    expect(bodyOf(removeDeadCode(fuseProducers(fn)))).toMatchInlineSnapshot(`
      "  %2 = length %0 xs
        %3 = 0
        %4 = 0
        %7 sum = loop %6 from %4 < %2 step 1 (%5 sum = %3)
        do:
          %8 x = load %0 xs[%6]
          %9 y = multiply %8 x, %1 c
          %10 = multiply %9 y, %9 y
          %11 = add %5 sum, %10
          yield %11
        yield %7 sum"
    `);
  });

  test.each([
    ["a neighbour is read", "for (let i = 1; i < ys.length; i++) s += ys[i - 1];"],
    ["two loops read it", "for (const y of ys) s += y; for (const y of ys) s += y * y;"],
    ["its source is written", "for (let i = 0; i < ys.length; i++) { xs[i] = s; s += ys[i]; }"],
    ["something else reads it", "for (const y of ys) s += y * ys[0];"],
    ["the reader runs longer", "for (let i = 0; i < xs.length + 1; i++) s += ys[i];"],
  ])("fusion of producers: the array stays where %s", (_, loop) => {
    const fn = primal("xs: number[]", `const ys = xs.map((x) => x * 2); let s = 0; ${loop} return s;`);
    expect(fuseProducers(fn)).toBe(fn);
  });

  test("fusion of producers: what may throw or is not pure stays where it is", () => {
    for (const made of ["Math.random() * x", "check(x)"]) {
      const fn = primal(
        "xs: number[]",
        `const check = (x: number) => { if (x < 0) throw new Error("no"); return x; };
         const ys = xs.map((x) => ${made}); let s = 0; for (const y of ys) s += y; return s;`,
      );
      expect(fuseProducers(fn)).toBe(fn);
    }
  });

  const records = "const items = xs.map((x) => ({ a: x * 2, b: 1 }));";

  test("splitting: an array of records that is read twice", () => {
    const body = `${records} let s = 0; for (const i of items) s += i.a; for (const i of items) s += i.a * i.b; return s;`;
    expect(bodyOf(removeDeadCode(splitArrays(shareExpressions(primal("xs: number[]", body)))))).toMatchInlineSnapshot(`
      "  %1 = length %0 xs
        %2 itemsA = allocate Float64Array %1
        %3 itemsB = allocate Float64Array %1
        %4 = 0
        loop %5 from %4 < %1 step 1 ()
        do:
          %6 x = load %0 xs[%5]
          %7 = 2
          %8 = multiply %6 x, %7
          %9 = 1
          store %2 itemsA[%5], %8
          store %3 itemsB[%5], %9
        %10 = length %2 itemsA
        %13 s = loop %12 from %4 < %10 step 1 (%11 s = %4)
        do:
          %14 = load %2 itemsA[%12]
          %15 s = add %11 s, %14
          yield %15 s
        %18 s = loop %17 from %4 < %10 step 1 (%16 s = %13 s)
        do:
          %19 = load %2 itemsA[%17]
          %20 = load %3 itemsB[%17]
          %21 = multiply %19, %20
          %22 s = add %16 s, %21
          yield %22 s
        yield %18 s"
    `);
  });

  test.each([
    ["an object in it is written", "for (const i of items) i.a *= 2; return items.reduce((s, i) => s + i.a, 0);"],
    ["a place may be missing", "return items[3].a;"],
    ["an object moves", "let l = items[0]; for (const i of items) if (i.a > l.a) l = i; return l.b;"],
    ["it is handed to the runtime", "items.sort((p, q) => p.a - q.a); return items.reduce((s, i) => s + i.a, 0);"],
    ["it may have holes", "const t = new Array<{ a: number }>(9); for (const x of xs) t[x] = { a: x }; return t[0].a;"],
  ])("splitting: the array stays where %s", (_, body) => {
    const fn = shareExpressions(primal("xs: number[]", `${records} ${body}`));
    expect(splitArrays(fn)).toBe(fn);
  });

  test("simplification: constant branches", () => {
    const fn = primal("x: number", "const debug = false; return debug ? x : x * x;");
    expect(bodyOf(removeDeadCode(simplify(fn)))).not.toContain("if");
  });

  test("sharing: one value for one expression, in the same block or a deeper one", () => {
    const fn = primal("x: number", "const a = Math.exp(x); return x > 0 ? Math.exp(x) * a : a * Math.exp(x);");
    expect(count(bodyOf(fn), /exp/g)).toBe(3);
    expect(count(bodyOf(shareExpressions(fn)), /exp/g)).toBe(1);
  });

  test("sharing: reads of memory, but not over a write that may reach them", () => {
    const reading = primal("xs: number[]", "return xs[0] * xs[0];");
    expect(count(bodyOf(shareExpressions(reading)), /load/g)).toBe(1);
    const writing = primal("xs: number[], i: number", "const a = xs[0]; xs[i] = 3; return a * xs[0];");
    expect(count(bodyOf(shareExpressions(writing)), /load/g)).toBe(2);
    const aliased = primal("xs: number[], ys: number[]", "const a = xs[0]; ys[0] = 3; return a * xs[0];");
    expect(count(bodyOf(shareExpressions(aliased)), /load/g)).toBe(2);
  });

  test("add-to: a sum into memory", () => {
    const fn = primal("xs: number[], i: number", "xs[i] += xs[0] * 2; return xs[0];");
    expect(bodyOf(removeDeadCode(recogniseAddTo(fn)))).toMatchInlineSnapshot(`
      "  %2 = 0
        %3 = load %0 xs[%2]
        %4 = 2
        %5 = multiply %3, %4
        addTo %0 xs[%1 i], %5
        %6 = 0
        %7 = load %0 xs[%6]
        yield %7"
    `);
  });

  test("hoisting: the bound of an inner loop", () => {
    const fn = primal(
      "x: number, n: number",
      "let s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < n - 1; j++) s += x * j; return s;",
    );
    const lines = bodyOf(hoistInvariants(fn)).split("\n");
    const outer = lines.findIndex((line) => line.includes("loop"));
    expect(lines.slice(0, outer).join("\n")).toContain("subtract");
  });

  test("scratch arrays sink into the loop that fills them", () => {
    const fn = primal(
      "xs: number[], n: number",
      `const t = new Float64Array(n); let s = 0;
       for (let i = 0; i < n; i++) {
         for (let k = 0; k < n; k++) t[k] = xs[i] * k;
         for (let k = 0; k < n; k++) s += t[k] * t[n - 1 - k];
       }
       return s;`,
    );
    const lines = (text: string): string[] => text.split("\n");
    const depth = (text: string): number =>
      lines(text)
        .find((line) => line.includes("allocate"))!
        .search(/\S/);
    expect(depth(bodyOf(sinkScratch(fn)))).toBeGreaterThan(depth(bodyOf(fn)));
  });

  test.each([
    ["scalarReplace", scalarReplace],
    ["fuseProducers", fuseProducers],
    ["splitArrays", splitArrays],
    ["simplify", simplify],
    ["shareExpressions", shareExpressions],
    ["recogniseAddTo", recogniseAddTo],
    ["hoistInvariants", hoistInvariants],
    ["sinkScratch", sinkScratch],
    ["removeDeadCode", removeDeadCode],
  ])("%s gives the same object back when there is nothing to do", (_, pass) => {
    const fn = removeDeadCode(lowerSnippet(snippet("x: number", "return Math.sin(x) * x;")));
    expect(pass(fn)).toBe(fn);
  });
});

const sum = snippet(
  "w: number, xs: Float64Array",
  "let s = 0; for (let i = 0; i < xs.length; i++) { const r = w * xs[i] - 1; s += r * r; } return s;",
);
const recurrence = snippet("x: number, n: number", "let y = x; for (let k = 0; k < n; k++) y = Math.sin(y); return y;");

describe("passes on the adjoint", () => {
  const branches = (between: string): readonly number[] => {
    const fn = primal(
      "x: number, c: boolean",
      `let [a, b, s] = [x, x * 2, 0];
       if (c) { a = Math.sin(x); b = a * a; }
       const between = ${between};
       if (c) { s = between * a; b = s + 1; }
       const small = c ? x : 2;
       return a + b + s + small;`,
    );
    const joined = joinBranches(fn);
    expect(verify(joined)).toEqual([]);
    return [fn, joined].map((one) => count(bodyOf(one), /\bif %/g));
  };

  test("joined branches: two on one condition, but for those that are expressions", () => {
    expect(branches("x * 3")).toEqual([3, 2]);
  });

  test("joined branches: not where the second needs what is made of the first in between", () => {
    expect(branches("a * 3")).toEqual([3, 3]);
  });

  test("differentiate: a forward and a reverse sweep, joined by recalls", () => {
    const text = passTexts(recurrence).get("differentiate")!;
    expect(count(text, /\bloop\b/g)).toBe(2);
    expect(text).toContain("// forward sweep");
    expect(text).toContain("// reverse sweep");
    expect(text).toContain("recall");
  });

  test("fusion: an independent loop and its mirror are one loop", () => {
    const texts = passTexts(sum);
    expect(count(texts.get("dead-code-adjoint")!, /\bloop\b/g)).toBe(2);
    expect(count(texts.get("fuse")!, /\bloop\b/g)).toBe(1);
    expect(texts.get("keep")).not.toContain("allocate");
  });

  const loopsAfter = (pass: string, body: string): number =>
    count(passTexts(snippet("xs: number[], ys: number[]", body)).get(pass)!, /\bloop\b/g);

  test("sharing: a loop that computes what one before it has computed", () => {
    const mean = "xs.reduce((a, x) => a + x, 0)";
    expect(loopsAfter("share-primal", `return ${mean} * Math.sin(${mean});`)).toBe(1);
    expect(loopsAfter("share-primal", `const m = ${mean}; xs[0] = 1; return m * ${mean};`)).toBe(2);
    expect(loopsAfter("share-primal", `return ${mean} * xs.reduce((a, x) => a + x * x, 0);`)).toBe(2);
  });

  test("neighbours: loops over one range that touch the same memory", () => {
    const twoSums = (second: string): string =>
      `const n = xs.length; let a = 0; let b = 0; const c = xs[0]! * 2;
       for (let i = 0; i < n; i++) a += Math.sin(xs[i]!);
       for (let i = 0; i < n; i++) ${second}
       return a + b;`;
    expect(loopsAfter("fuse-neighbours", twoSums("b += Math.cos(xs[i]!) * c;"))).toBe(1);
    // What the first has summed up, the second needs.
    expect(loopsAfter("fuse-neighbours", twoSums("b += xs[i]! * a;"))).toBeGreaterThan(1);
    // Elements of other iterations are written.
    expect(loopsAfter("fuse-neighbours", twoSums("{ b += xs[i]!; xs[n - 1 - i] = 0; }"))).toBeGreaterThan(1);
  });

  test("fusion leaves a recurrence alone", () => {
    expect(count(passTexts(recurrence).get("fuse")!, /\bloop\b/g)).toBe(2);
  });

  test("keeping: storage sized once where the trip count is known", () => {
    const text = passTexts(recurrence).get("keep")!;
    expect(text).not.toContain("recall");
    expect(count(text, /allocate/g)).toBe(1);
    expect(text).not.toContain("ensure");
  });

  test("keeping: storage that grows where it is not", () => {
    const text = passTexts(snippet("x: number", "let y = x; while (y > 1) y = Math.sqrt(y) * 0.9; return y;")).get(
      "keep",
    )!;
    expect(text).toContain("ensure");
  });

  test("keeping: nothing for a straight line", () => {
    const text = passTexts(snippet("x: number", "return Math.sin(x) * Math.cos(x);")).get("keep")!;
    expect(text).not.toMatch(/allocate|ensure|recall/);
  });

  test("keeping: room is made once before an inner loop whose trips are known when it begins", () => {
    const body =
      "let y = x; let k = 1; while (k < n) { for (let j = 0; j < k; j++) y = Math.sin(y * x); k *= 2; } return y;";
    const lines = passTexts(snippet("x: number, n: number", body)).get("keep")!.split("\n");
    const room = lines.findIndex((line) => line.includes("ensure"));
    const inner = lines.findIndex((line) => /\bloop %\d+ j\b/.test(line));
    expect(room).toBeGreaterThan(0);
    expect(room).toBeLessThan(inner);
  });

  test("re-read: what is stored for good is neither kept nor computed again", () => {
    const body = `const hidden = new Float64Array(ws.length);
      for (let j = 0; j < ws.length; j++) { let s = 0; for (const x of xs) s += ws[j] * x; hidden[j] = Math.tanh(s); }
      let sum = 0; for (let j = 0; j < ws.length; j++) sum += hidden[j] * hidden[ws.length - 1 - j]; return sum;`;
    const source = `/** @differentiable valueAndGrad wrt ws */
      export function f(ws: Float64Array, xs: Float64Array): number {\n${body}\n}`;
    const texts = passTexts(source);
    expect(count(texts.get("keep")!, /\btanh\b/g)).toBe(1);
    expect(count(texts.get("keep")!, /Kept/g)).toBe(0);
  });

  test("re-read: not where the element is written again", () => {
    const source = `/** @differentiable valueAndGrad wrt ws */
      export function f(ws: Float64Array): number {
        const last = new Float64Array(1);
        for (let j = 0; j < ws.length; j++) last[0] = Math.tanh(ws[j] + last[0]);
        return last[0];
      }`;
    expect(passTexts(source).get("keep")).toContain("Kept");
  });

  test("shared divisions: one reciprocal for two divisions of derivatives, none for the primal's", () => {
    const texts = passTexts(snippet("x: number, y: number", "return x / (1 + x * x) + y / (1 + x * x);"));
    expect(count(texts.get("share-divisions")!, /\bdivide\b/g)).toBe(3);
    expect(count(texts.get("share")!, /\bdivide\b/g)).toBeGreaterThan(3);
  });

  test("promotion: a place that a loop adds to is a local while it runs", () => {
    const source = `/** @differentiable valueAndGrad wrt xs */
      export function f(xs: Float64Array, n: number): number {
        const sums = new Float64Array(n);
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sums[i] += xs[j] * xs[j];
        return sums[0] * sums[1];
      }`;
    const text = passTexts(source).get("promote")!;
    expect(text).toMatch(/= loop %\d+ j [^\n]*\n(?:(?!addTo %\d+ sums).)*yield/s);
    expect(text).not.toMatch(/addTo %\d+ sums\[/);
  });

  test("keepEverything keeps more", () => {
    const source = snippet(
      "x: number, n: number",
      "let y = x; for (let k = 0; k < n; k++) y = Math.sin(y * k) * y; return y;",
    );
    const kept = (keepEverything: boolean): number =>
      count(passTexts(source, { keepEverything }).get("keep")!, /allocate/g);
    expect(kept(true)).toBeGreaterThan(kept(false));
  });
});

describe("names", () => {
  test("every pass is reported, in order, under its name", () => {
    expect([...passTexts(recurrence).keys()]).toEqual([...passNames]);
    expect(new Set(passNames).size).toBe(passNames.length);
  });

  test("without the optimiser only what cannot be left out", () => {
    expect([...passTexts(recurrence, { optimise: false }).keys()]).toEqual([
      "lower",
      "differentiate",
      "pass-on",
      "keep",
    ]);
  });

  test.each([...passNames])("stopping after %s", (pass) => {
    expect([...passTexts(recurrence, { stopAfter: pass }).keys()]).toEqual(
      passNames.slice(0, passNames.indexOf(pass) + 1),
    );
  });
});

describe("the verifier", () => {
  const fn = primal(
    "x: number, n: number",
    "let y = x; for (let k = 0; k < n; k++) y = Math.sin(y); return y > 1 ? y : x;",
  );
  const withStatements = (change: (statements: readonly Statement[]) => readonly Statement[]): IrFunction => ({
    ...fn,
    body: { ...fn.body, statements: change(fn.body.statements) },
  });

  test("finds nothing in what lowering makes", () => {
    expect(verify(fn)).toEqual([]);
  });

  test("a value that is used before it is there", () => {
    expect(verify(withStatements((statements) => statements.toReversed())).join("\n")).toMatch(/not visible/);
  });

  test("a value that is defined twice", () => {
    expect(verify(withStatements((statements) => [...statements, statements[0]!])).join("\n")).toMatch(/defined twice/);
  });

  test("a result that nobody defines", () => {
    const broken: IrFunction = { ...fn, body: { ...fn.body, yields: [newValue(numberType, { name: "lost" })] } };
    expect(verify(broken).join("\n")).toMatch(/lost.* is not visible in a yield/);
  });

  test("a loop whose yields do not fit its parameters", () => {
    const broken = withStatements((statements) =>
      statements.map((one) => (one.kind === "loop" ? { ...one, body: { ...one.body, yields: [] } } : one)),
    );
    expect(verify(broken).join("\n")).toMatch(/a loop with 1 parameters/);
  });

  test("a branch that yields too much", () => {
    const broken = withStatements((statements) =>
      statements.map((one) => (one.kind === "if" ? { ...one, results: [] } : one)),
    );
    expect(verify(broken).join("\n")).toMatch(/an if with 0 results/);
  });

  test("a step of zero, a throw that is not the end, a recall that remains", () => {
    const still = withStatements((statements) =>
      statements.map((one) => (one.kind === "loop" ? { ...one, step: 0 } : one)),
    );
    expect(verify(still).join("\n")).toMatch(/step is not an integer/);
    const thrown = withStatements((statements) => [{ kind: "throw", pieces: ['"no"'], span: null }, ...statements]);
    expect(verify(thrown).join("\n")).toMatch(/follow a throw/);
    const value = fn.parameters[0]!.value;
    const recalled = withStatements((statements) => [
      { kind: "recall", result: newValue(numberType), value, span: null },
      ...statements,
    ]);
    expect(verify(recalled).join("\n")).toMatch(/recall of .* remains/);
    expect(verify(recalled, { allowRecalls: true })).toEqual([]);
  });

  test("a read of something that is no reference", () => {
    const value = fn.parameters[0]!.value;
    const broken = withStatements((statements) => [
      { kind: "load", result: newValue(numberType), object: value, key: { kind: "field", name: "a" }, span: null },
      ...statements,
    ]);
    expect(verify(broken).join("\n")).toMatch(/no reference/);
  });
});
