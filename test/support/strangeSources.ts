/** Sources that nobody should write, and that someone will. */
const annotated = (parameters: string, body: string): string =>
  `/** @differentiable wrt x */\nexport function f(${parameters}): number {\n${body}\n}\n`;

/** A function r with this for a rule, and a function that calls it. */
const ruled = (rule: string): string =>
  `import { defineRule } from "adjoint";\nexport function r(x: number): number { return x * x; }\n${rule}\n${annotated("x: number", "return r(x) * x;")}`;

export const strangeSources: Readonly<Record<string, string>> = {
  "an empty file": "",
  "a tag and nothing else": "/** @differentiable */",
  "a tag in a comment that is no documentation": "// @differentiable\nexport const a = 1;\n",
  "a tag in a string": 'export const a = "@differentiable";\n',
  "a tag on an overload": `/** @differentiable wrt x */
export function f(x: number): number;
export function f(x: string): number;
export function f(x: number | string): number { return typeof x === "number" ? x * x : 0; }
`,
  "a declaration without a body": "/** @differentiable wrt x */\nexport declare function f(x: number): number;\n",
  "an abstract method": "export abstract class A { /** @differentiable wrt x */ abstract f(x: number): number; }\n",
  "a static method": `export class A { /** @differentiable wrt x */ static f(x: number): number { return x * x; } }\n`,
  "a default export without a name":
    "/** @differentiable wrt x */\nexport default function (x: number): number { return x * x; }\n",
  "a name that generated code would use": annotated(
    "x: number",
    "const xBar = x; const xDot = xBar; const value = xDot * xBar; const grad = value; return grad * grad;",
  ),
  "a parameter called value":
    "/** @differentiable jvp, valueAndGrad wrt value */\nexport function grad(value: number, tangent: number): number { return value * tangent; }\n",
  "an empty body": annotated("x: number", ""),
  "a return without a value": annotated("x: number", "if (x > 0) return x; return;"),
  "any everywhere": annotated("x: any", "return x.a.b * x[0];"),
  "an unresolved type": annotated("x: Missing", "return x * 2;"),
  "an unresolved import": `import { g } from "./missing.js";\n${annotated("x: number", "return g(x);")}`,
  "an unresolved name": annotated("x: number", "return x * missing;"),
  "use before declaration": annotated("x: number", "const y = z; const z = x; return y * z;"),
  "a variable that is never set": annotated("x: number", "let y: number; if (x > 1) y = x; return y! * x;"),
  "an unreachable end": annotated("x: number", "return x; x = x * 2;"),
  "a throw alone": annotated("x: number", 'throw new Error("no");'),
  "a throw in an expression's branch": annotated(
    "x: number",
    'const y = x > 0 ? x : (() => { throw new Error("no"); })(); return y;',
  ),
  "an endless loop": annotated("x: number", "for (;;) {}"),
  "a loop that never runs": annotated("x: number", "while (false) x *= 2; return x;"),
  "labels that go nowhere": annotated("x: number", "a: b: for (;;) { break a; } return x;"),
  "with a comma": annotated("x: number", "let y = 0; return (y = x, y * y);"),
  "void and delete": annotated("x: number[]", "delete x[0]; void x; return x[1];"),
  "a regular expression": annotated("x: number", "return /a/.test(String(x)) ? x : -x;"),
  "a template": annotated("x: number", "return `${x}`.length * x;"),
  "a symbol": annotated("x: number", "return x * (Symbol() as unknown as number);"),
  "spread of a string": annotated("x: number", 'return [..."abc"].length * x;'),
  "an enum": `enum Mode { Low, High }\n${annotated("x: number, mode: Mode", "return mode === Mode.High ? x * x : x;")}`,
  "a const enum": `const enum Mode { Low = 2, High }\n${annotated("x: number, mode: Mode", "return x * (mode === Mode.High ? Mode.Low : 1);")}`,
  "a namespace": `namespace N { export const k = 3; export function g(x: number): number { return k * x; } }\n${annotated("x: number", "return N.g(x) * N.k;")}`,
  "a generic function":
    "/** @differentiable wrt x */\nexport function f<T extends number[]>(x: T): number { return x[0] * x[0]; }\n",
  "a recursive type": `interface Node { value: number; next: Node | null }\n${annotated("x: Node", "let sum = 0; let at: Node | null = x; while (at) { sum += at.value ** 2; at = at.next; } return sum;")}`,
  "a union of records": `type Shape = { kind: "disc"; radius: number } | { kind: "box"; side: number };\n${annotated("x: Shape", 'return x.kind === "disc" ? x.radius ** 2 : x.side ** 2;')}`,
  "an index signature": annotated("x: { [name: string]: number }", 'return x["a"] * x["b"];'),
  "a record of functions": annotated("x: { f: (y: number) => number }", "return x.f(2);"),
  "a class instance": `class Point { constructor(public x: number, public y: number) {} norm(): number { return this.x * this.y; } }\n${annotated("x: Point", "return x.norm() * x.x;")}`,
  "a getter": annotated("x: number", "const o = { get y() { return x; } }; return o.y;"),
  "a nested function that assigns": annotated(
    "x: number",
    "let y = x; const g = () => { y *= 2; return y; }; return g() + g();",
  ),
  "a function that returns a function": annotated("x: number", "const g = () => () => x; return g()();"),
  arguments: annotated("x: number", "return arguments.length * x;"),
  eval: annotated("x: number", 'return eval("x * x");'),
  "a number from JSON": annotated("x: number", 'return JSON.parse("2") * x;'),
  "an array of arrays of unknown depth": `type Deep = number | Deep[];\n${annotated("x: Deep", "return Array.isArray(x) ? 0 : x * x;")}`,
  "a huge expression": annotated("x: number", `return ${Array.from({ length: 3000 }, () => "x").join(" + ")};`),
  "deep parentheses": annotated("x: number", `return ${"(".repeat(300)}x${")".repeat(300)};`),
  "a thousand statements": annotated("x: number", `let y = x;\n${"y = y * 0.5 + x;\n".repeat(1000)}return y;`),
  "deeply nested loops": annotated(
    "x: number",
    `let y = x;\n${Array.from({ length: 12 }, (_, k) => `for (let i${k} = 0; i${k} < 2; i${k}++)`).join(" ")} y *= 1.01;\nreturn y;`,
  ),
  "unicode names": annotated("x: number", "const größe = x * x; const π = Math.PI; return größe * π;"),
  "reserved looking names": annotated(
    "x: number",
    "const of = x; const async = of * 2; const type = async; return type * of;",
  ),
  "a byte order mark": `\uFEFF${annotated("x: number", "return x * x;")}`,
  "windows line ends": annotated("x: number", "const y = x;\nreturn y * y;").replaceAll("\n", "\r\n"),
  "a shebang": `#!/usr/bin/env node\n${annotated("x: number", "return x * x;")}`,
  "not TypeScript at all": "\u0000\u0001\u0002 @differentiable \u0003 ]]] {{{",
  "half a tag": "/** @differentiable wrt",
  "a tag with everything wrong":
    "/** @differentiable ,,, wrt , of as as as */\nexport function f(x: number): number { return x; }\n",
  "a tag named constructor":
    "/** @differentiable constructor wrt toString */\nexport function f(x: number): number { return x; }\n",
  "a name like a prototype's":
    "/** @differentiable grad wrt x as constructor */\nexport function f(x: number): number { return x; }\n",
  "an as that is no name":
    "/** @differentiable grad wrt x as 1-2 */\nexport function f(x: number): number { return x; }\n",
  "a rule for nothing": ruled("defineRule();"),
  "a rule that is nothing": ruled("defineRule(r, null);"),
  "a rule that is spread": ruled("const args = [r, {}] as const;\ndefineRule(...args);"),
  "a partial that throws": ruled('defineRule(r, { partials: [(x: number) => { throw new Error("no"); }] });'),
  "a partial that gives nothing": ruled("defineRule(r, { partials: [(x: number) => {}] });"),
  "a partial that is the function": ruled("defineRule(r, { partials: [r] });"),
  "a pullback that is not there": ruled("defineRule(r, { pullback: missing });"),
  "an asynchronous pullback": ruled("defineRule(r, { pullback: async (x: number, v: number, c: number) => [c] });"),
  "a rule of a rule": ruled("defineRule(r, { partials: [(x: number) => defineRule(r, {}) ?? x] });"),
};
