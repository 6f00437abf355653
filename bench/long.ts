/**
 * Long programs: how long they take to compile, in processes of their own that load the built compiler, and what a statement
 * costs when the derivative runs. V8 optimises no function above 61,440 bytes of its code, as long primals are.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { median, timeInterleaved } from "./measure.js";

const folder = fileURLToPath(new URL("generated/long/", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

interface LongProgram {
  readonly name: string;
  /** In the source, in all functions. */
  readonly statements: number;
  readonly text: string;
}

const lines = (count: number, line: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => line(k)).join("\n");

/** Each value of three operations on those before it. */
function straight(statements: number): LongProgram {
  const before = (k: number): string => `v${Math.max(0, k - ((k * 7) % 13))}`;
  const body = lines(statements, (k) => `  const v${k + 2} = 0.5 * v${k + 1} + Math.sin(${before(k)}) * x;`);
  const text = `/** @differentiable valueAndGrad wrt x, y */
export function program(x: number, y: number): number {
  const v0 = x;
  const v1 = y;
${body}
  return v${statements + 1};
}
`;
  return { name: "straight code", statements, text };
}

/** Functions of ten statements, each of which calls two others; the first is differentiated. */
function callGraph(functions: number): LongProgram {
  const one = (k: number): string => {
    const called = [2 * k + 1, 2 * k + 2].filter((other) => other < functions);
    const inner = lines(10, (j) => `  s = 0.7 * s + 0.3 * Math.sin(s * ${(1 + (k % 7)) / 8} + x * ${j});`);
    const calls = called.map((other) => `  s += 0.1 * f${other}(s, x);`).join("\n");
    return `${k === 0 ? "/** @differentiable valueAndGrad wrt y, x */\nexport " : ""}function ${k === 0 ? "program" : `f${k}`}(y: number, x: number): number {
  let s = y;
${inner}
${calls}
  return s;
}`;
  };
  const text = `${lines(functions, one)}\n`;
  return { name: `${functions} functions`, statements: functions * 12, text };
}

const sizes = [10, 100, 1000, 5000, 10_000];

/** So often is each called before it is timed, or for so many milliseconds: V8 optimises many parts one after the other. */
const warmUp = { calls: 10_000, milliseconds: 10_000 };

function warm(call: () => number): void {
  const started = performance.now();
  for (let k = 0; k < warmUp.calls && performance.now() - started < warmUp.milliseconds; k++) call();
}

export const longHeader = [
  "program",
  "statements",
  "compile s",
  "lines generated",
  "ns a statement",
  "primal ns a statement",
];

const compilerOptions = { target: "ES2022", module: "nodenext", strict: true, types: [] };

/** Compile time includes starting Node and loading the compiler. */
export async function measureLong(seconds: number): Promise<readonly (readonly string[])[]> {
  const programs = [...sizes.map(straight), callGraph(300)];
  const rows: string[][] = [];
  for (const [at, { name, statements, text }] of programs.entries()) {
    // A project of its own: what else is in this one would have to be read, too.
    const project = `${folder}${at}/`;
    mkdirSync(project, { recursive: true });
    const file = `${project}program.ts`;
    writeFileSync(file, text);
    writeFileSync(`${project}tsconfig.json`, JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    const started = performance.now();
    execFileSync(process.execPath, [`${root}dist/compiler/cli.js`, "generate", file, "--self-contained"], {
      cwd: project,
    });
    const compileSeconds = (performance.now() - started) / 1000;
    const generated = file.replace(/\.ts$/, ".adjoint.ts");
    const primal = (await import(pathToFileURL(file).href)) as { program(y: number, x: number): number };
    const derivative = (await import(pathToFileURL(generated).href)) as {
      valueAndGradProgram(y: number, x: number): { value: number };
    };
    const calls = [
      (): number => derivative.valueAndGradProgram(0.7, 0.3).value,
      (): number => primal.program(0.7, 0.3),
    ];
    calls.forEach(warm);
    const rounds = timeInterleaved(calls, seconds / programs.length);
    const perStatement = (which: number): string =>
      ((1000 * median(rounds.map((round) => round[which]!))) / statements).toFixed(1);
    const length = readFileSync(generated, "utf8").split("\n").length.toLocaleString("en");
    rows.push([
      name,
      statements.toLocaleString("en"),
      compileSeconds.toFixed(1),
      length,
      perStatement(0),
      perStatement(1),
    ]);
  }
  return rows;
}
