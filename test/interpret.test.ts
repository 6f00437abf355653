/** The IR's meaning: interpreted and emitted again, a lowered function does what its source does, bit for bit. */
import { Project, ts } from "ts-morph";
import { expect, test, vi } from "vitest";
import { lowerFile } from "../compiler/2-lower/unit.js";
import { emitFile } from "../compiler/6-emit/emitFile.js";
import { interpret } from "../compiler/ir/interpret.js";
import type { IrFunction, Unit } from "../compiler/ir/ir.js";
import { verify } from "../compiler/ir/verify.js";
import { runModule } from "./support/compile.js";

interface Case {
  readonly name: string;
  /** A module that exports a function `f`. */
  readonly source: string;
  /** Several argument lists. */
  readonly calls: readonly (readonly unknown[])[];
}

const project = new Project({
  compilerOptions: { strict: true, target: ts.ScriptTarget.ES2022, lib: ["lib.es2023.d.ts"], types: [] },
  skipAddingFilesFromTsConfig: true,
  useInMemoryFileSystem: true,
});

function lower(source: string): { unit: Unit; fn: IrFunction } {
  const file = project.createSourceFile("/snippet.ts", source, { overwrite: true });
  const node = file.getFunctionOrThrow("f");
  const { unit, diagnostics } = lowerFile(file, [{ node, key: "f", requests: [] }]);
  expect(diagnostics).toEqual([]);
  const fn = unit.functions.get("f")!;
  expect(verify(fn)).toEqual([]);
  return { unit, fn };
}

async function emitted(source: string, unit: Unit, fn: IrFunction): Promise<string> {
  return emitFile({
    unit,
    functions: [fn],
    helpers: new Map([...unit.functions].filter(([, helper]) => helper !== fn)),
    sourcePath: "/snippet.ts",
    siblingPath: "/snippet.adjoint.ts",
    importSuffix: "",
    strictIndex: false,
    sourceText: () => source,
  });
}

/** What a call gives, and what it leaves in its arguments; a throw counts as a result. */
function outcome(run: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
  const copies = structuredClone(args) as unknown[];
  let seed = 0;
  const random = vi.spyOn(Math, "random").mockImplementation(() => ++seed / 7);
  try {
    return { result: run(...copies), after: copies };
  } catch (error) {
    return { thrown: String(error), after: copies };
  } finally {
    random.mockRestore();
  }
}

const float = (...numbers: number[]): Float64Array => Float64Array.from(numbers);
const shared = float(0.3, -1.2, 2.5, 0.7);
const sharedRow = [0.3, 0.4];

const cases: readonly Case[] = [
  {
    name: "straight line, compound assignments, signed zero",
    source: `export function f(x: number, y: number): number {
      let s = x * y; s += x; s *= s - 1; s /= y + 3; s -= -x; s **= 2; s %= 7;
      return s - 0 * x + (x ** 3 - Math.sin(y)) / Math.hypot(x, y, 1);
    }`,
    calls: [
      [1.5, -0.25],
      [0, -0],
      [NaN, 1],
      [1e200, -1e200],
    ],
  },
  {
    name: "logic with side effects",
    source: `export function f(x: number, n: number): number {
      let k = n; let s = 0;
      if (k++ > 2 && x > 0 || --k < 0) s += k * x; else s -= k;
      const t = x > 1 ? (k += 3) : (k -= 2) * x;
      return s + t * k;
    }`,
    calls: [
      [0.5, 3],
      [1.5, 3],
      [-2, 0],
      [2, -4],
    ],
  },
  {
    name: "for with break, continue and a changed counter",
    source: `export function f(x: number, n: number): number {
      let s = x;
      for (let i = 0; i < n; i++) {
        if (i % 3 === 1) continue;
        s = s * 0.9 + i;
        if (s > 9) { i += 2; s -= 1; }
        if (s > 12) break;
      }
      return s;
    }`,
    calls: [
      [0.1, 12],
      [5, 30],
      [1, 0],
    ],
  },
  {
    name: "labelled exits out of nested loops",
    source: `export function f(x: number, n: number): number {
      let s = x;
      outer: for (let i = 0; i < n; i++) {
        for (let j = 0; ; j++) {
          if (j > i) continue outer;
          s += Math.sin(s) * j;
          if (s > 3) break outer;
          if (s < -3) break;
        }
        s *= 1.01;
      }
      return s;
    }`,
    calls: [
      [0.1, 6],
      [2.9, 6],
      [-2.9, 4],
      [1, 0],
    ],
  },
  {
    name: "early returns at every depth",
    source: `export function f(x: number, a: number[]): number {
      if (x > 10) return x;
      for (let i = 0; i < a.length; i++) {
        const v = a[i]!;
        for (let j = 0; j < 3; j++) {
          if (v * x > j + 2) return v * j;
        }
        if (v < 0) return -x;
      }
      return x * x;
    }`,
    calls: [
      [11, [1]],
      [1, [1, 2, 3]],
      [1, [0.5, -1]],
      [1, []],
    ],
  },
  {
    name: "while with effects in its condition",
    source: `export function f(x: number, n: number): number {
      let k = n; let s = 0;
      while (k-- > 0) { s += k * x; if (s > 20) break; }
      return s + k;
    }`,
    calls: [
      [1.5, 5],
      [0.1, 0],
      [9, 9],
    ],
  },
  {
    name: "do with continue, and a fractional counter",
    source: `export function f(x: number): number {
      let s = 0; let k = 0;
      do { k++; if (k === 2) continue; s += x * k; } while (k < 4 && s < 8);
      for (let t = 0; t < 1; t += 0.1) s += t;
      return s * k;
    }`,
    calls: [[0.5], [3], [100]],
  },
  {
    name: "a bound that moves while the loop runs",
    source: `export function f(a: number[], x: number): number {
      let s = 0;
      for (let i = 0; i < a.length; i++) {
        s += a[i]!;
        if (a.length < 6) a.push(s * x);
      }
      for (const v of a) { s += v; if (a.length < 8) a.push(1); }
      return s + a.length + a.pop()!;
    }`,
    calls: [
      [[1, 2], 0.5],
      [[], 1],
    ],
  },
  {
    name: "switch with fall-through, default in the middle, break and return",
    source: `export function f(x: number, k: number): number {
      let s = x;
      for (let i = 0; i < 5; i++) {
        switch ((k + i) % 5) {
          case 0: s += 1;
          case 1: s *= 2; break;
          default: s -= 3;
          case 2: if (s > 4) break; s += x; break;
          case 3: if (s < -20) return s; continue;
        }
        s += 0.5;
      }
      return s;
    }`,
    calls: [
      [1, 0],
      [1, 1],
      [-9, 2],
      [0.3, 3],
      [7, 4],
    ],
  },
  {
    name: "arrays: writes in place, swaps, one array under two names",
    source: `export function f(a: Float64Array, b: Float64Array, x: number): number {
      let p = a; let q = b;
      for (let t = 0; t < 5; t++) {
        for (let i = 1; i < p.length; i++) { q[i] = p[i - 1]! * x + p[i]!; q[0] += q[i]!; }
        const r = p; p = q; q = r;
        [p, q] = t % 2 === 0 ? [q, p] : [p, q];
      }
      return p[0]! - q[q.length - 1]!;
    }`,
    calls: [
      [float(1, 2, 3), float(0.5, 0.25, 0.125), 0.5],
      [shared, shared, 0.3],
      [shared, shared.subarray(1), 0.3],
    ],
  },
  {
    name: "scratch arrays in a loop, fill, set, slice, subarray",
    source: `export function f(a: Float64Array, n: number): number {
      let s = 0;
      for (let k = 0; k < n; k++) {
        const w = new Float64Array(4);
        w.set(a.subarray(0, 2), 1);
        w.fill(k, 3);
        const v = w.slice(1, 3); v[0] *= 2;
        w.subarray(1).set(w.subarray(0, 3));
        const u = new Array<number>(3).fill(k); u[1] += v[0]!;
        s += w[1]! + w[3]! * u[1]! - v[1]!;
        a[k % 2] = s;
      }
      return s;
    }`,
    calls: [
      [float(0.5, 2), 3],
      [float(1, -1, 3), 0],
    ],
  },
  {
    name: "Float32Array and integer arrays round what is stored",
    source: `export function f(x: number): number {
      const a = new Float32Array(2); const b = new Int32Array(2); const c = Uint8ClampedArray.from([x * 100, 3]);
      a[0] = x; b[1] = x * 10; a[1] += 0.1; b[0]--;
      return a[0]! + a[1]! + b[1]! + b[0]! + c[0]! + Float32Array.from(new Float64Array(1).fill(x))[0]!;
    }`,
    calls: [[0.1], [3.99], [-2.7]],
  },
  {
    name: "records, nested, shared, destructured, spread",
    source: `interface Point { x: number; y: number }
    interface Body { at: Point; speed: Point; mass: number; tag: string }
    export function f(body: Body, h: number): number {
      const { at, speed: { x: u, y: v }, mass = 2 } = { ...body, speed: { ...body.speed } };
      const p = at; p.x += h * u; body.at.y *= p.x;
      const other: Point = { x: body.at.x, y: mass }; other.y -= 1;
      return other.x * other.y + at.y + v + (body.tag === "a" ? 1 : 2);
    }`,
    calls: [[{ at: { x: 1, y: 2 }, speed: { x: 0.5, y: 0.25 }, mass: 3, tag: "a" }, 0.1]],
  },
  {
    name: "tuples, nested arrays, rows that are the same object",
    source: `export function f(m: number[][], pair: [number, number]): number {
      const [a, b] = pair; let s = 0;
      pair[0] = b; pair[1] += a;
      const [first, ...others] = m;
      for (const row of others) { row[0]! += 1; first![1] = first![1]! + row[0]! * a; s += row.length; }
      [m[0], m[1]] = [m[1]!, m[0]!];
      m[0]![0] = s;
      return s + m[1]![0]! * pair[1];
    }`,
    calls: [
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [0.5, 2],
      ],
      [
        [sharedRow, sharedRow, [1, 1]],
        [0.5, 2],
      ],
    ],
  },
  {
    name: "callbacks: map, forEach, reduce, from, filter, some",
    source: `export function f(a: number[], x: number): number {
      const doubled = a.map((v, i) => v * x + i);
      let s = 0;
      a.forEach((v, i) => { if (v < 0) return; s += v * i; a[0] = s; });
      const total = doubled.reduce((sum, v) => sum + v * v, s);
      const grid = Array.from({ length: 3 }, (_, i) => i * total);
      return grid.reduce((largest, v) => Math.max(largest, v)) + [...a, ...grid].length;
    }`,
    calls: [
      [[1, -2, 3], 0.5],
      [[0.25], -1],
    ],
  },
  {
    name: "helper functions with returns in loops, and module constants",
    source: `const table = [0.5, 0.25, 0.125]; const scale = 3;
    function find(a: readonly number[], limit: number): number {
      for (const v of a) { if (v < limit) return v; }
      return -1;
    }
    const twice = (v: number): number => find(table, v) * scale + v;
    export function f(x: number, y: number): number {
      let s = twice(x);
      for (let i = 0; i < 3; i++) s += twice(y + i) * table[i]!;
      return s;
    }`,
    calls: [
      [0.3, 0.1],
      [0.9, 0.2],
      [0, 0],
    ],
  },
  {
    name: "optional numbers and defaults",
    source: `export function f(x: number, y?: number, z = x * 2): number {
      let best: number | undefined = undefined;
      for (let i = 0; i < 4; i++) { const v = i * x - z; if (best === undefined || v > best) best = v; }
      return (y ?? 1) + (best ?? 0) * z;
    }`,
    calls: [[1], [2, 3], [0.5, undefined, -1]],
  },
  {
    name: "a throw inside a loop",
    source: `export function f(a: number[], limit: number): number {
      let s = 0;
      for (let i = 0; i < a.length; i++) {
        a[i]! *= 2;
        if (a[i]! > limit) throw new Error("too large at " + i + ": " + a[i]);
        s += a[i]!;
      }
      return s;
    }`,
    calls: [
      [[1, 2, 3], 100],
      [[1, 2, 3], 3],
    ],
  },
  {
    name: "random numbers, drawn once each and in order",
    source: `export function f(x: number): number {
      let s = x;
      for (let i = 0; i < 3; i++) s += Math.random() * x + i * Math.random();
      return s;
    }`,
    calls: [[1.75]],
  },
  {
    name: "bits, rounding, tests",
    source: `export function f(x: number, k: number): number {
      let h = k | 0;
      for (let i = 0; i < 5; i++) { h ^= h << 3; h = (h >>> 1) + (~h & 7); h = Math.imul(h, 31) >> 1; }
      const ok = Number.isInteger(x) || !Number.isFinite(x);
      return (ok ? 1 : -1) * Math.round(x) + Math.fround(x) + Math.sign(-x) + (h % 17);
    }`,
    calls: [
      [1.5, 7],
      [3, -12],
      [Infinity, 0],
      [-0, 1],
    ],
  },
  {
    name: "dead code after jumps, an endless loop left by return",
    source: `export function f(x: number): number {
      let s = x; let n = 0;
      for (;;) {
        n++;
        if (s > 5) { if (n > 3) return s; s /= 2; continue; }
        s = s * 1.7 + 1;
      }
    }`,
    calls: [[0.1], [100]],
  },
  {
    name: "a labelled block and variables that outlive their loop",
    source: `export function f(x: number): number {
      let last = 0; let i = 0;
      done: { if (x > 2) break done; last = 1; for (; i < 5; i++) { if (i * x > 3) break done; last = i; } last += 10; }
      return last * x + i;
    }`,
    calls: [[3], [1], [0.1]],
  },
  {
    name: "functions that call themselves and one another",
    source: `interface Tree { value: number; left: Tree | null; parts?: Tree[] }
    function even(tree: Tree, xs: number[], n: number): number {
      if (n < 1) return tree.value * xs.length;
      xs.push(n * tree.value);
      return odd(tree.left ?? tree, xs, n - 1) + even(tree, xs, n - 2);
    }
    function odd(tree: Tree, xs: number[], n: number): number {
      let s = n < 1 ? -tree.value : even(tree, xs, n - 1);
      for (const part of tree.parts ?? []) s += odd(part, xs, n - 1) * xs[0]!;
      tree.value += 1;
      return s;
    }
    export function f(tree: Tree, n: number): number {
      const xs = [0.5];
      return even(tree, xs, n) + xs[xs.length - 1]!;
    }`,
    calls: [
      [{ value: 0.3, left: null }, 0],
      [{ value: 0.3, left: { value: 0.7, left: null, parts: [{ value: -1, left: null }] } }, 4],
      [{ value: 0.3, left: { value: 0.7, left: null }, parts: [{ value: 2, left: null }] }, 5],
    ],
  },
];

test.each(cases)("$name", async ({ source, calls }) => {
  const primal = runModule(source, {}) as Record<string, (...args: unknown[]) => unknown>;
  const { unit, fn } = lower(source);
  const text = await emitted(source, unit, fn);
  const again = runModule(text, primal) as Record<string, (...args: unknown[]) => unknown>;
  const bindings = runModule(
    `${source}\nexport { ${[...unit.bindings.values()].map((one) => one.name).join(", ")} };`,
    {},
  );
  const globals = (key: string): unknown => bindings[unit.bindings.get(key)!.name];
  for (const args of calls) {
    const wanted = outcome(primal.f!, args);
    const functions = (key: string): IrFunction => unit.functions.get(key)!;
    expect(outcome((...copies) => interpret(fn, copies, { globals, functions }), args)).toEqual(wanted);
    expect(outcome(again.f!, args), text).toEqual(wanted);
  }
});
