/** What a random program is made of: statements as a tree of texts, so that a failing one can be made smaller. */
import type { Both } from "./both.js";

export type Statement =
  | { readonly kind: "line"; readonly text: Both; readonly isPinned?: boolean }
  /** Heads and bodies in turn (`if (…) {` body `} else {` body), then the last line. */
  | {
      readonly kind: "nest";
      readonly heads: readonly Both[];
      readonly bodies: readonly (readonly Statement[])[];
      readonly end: Both;
    };

export type ArrayKind = "Float64Array" | "Float32Array" | "list";

/** `depth`: how deep calls may still go; `matrix`: number[][]; `record`: { p, q, w: number[] }; `records`: an array of them. */
export type ParameterKind = "number" | "integer" | "depth" | ArrayKind | "matrix" | "record" | "records";

export interface ProgramParameter {
  readonly name: string;
  readonly kind: ParameterKind;
}

export interface ProgramFunction {
  readonly name: string;
  readonly parameters: readonly ProgramParameter[];
  readonly body: readonly Statement[];
}

export interface Program {
  readonly seed: number;
  readonly main: ProgramFunction;
  /** Positions of the parameters that are differentiated. */
  readonly wrt: readonly number[];
  readonly helpers: readonly ProgramFunction[];
}

export const typeNames: Readonly<Record<ParameterKind, string>> = {
  number: "number",
  integer: "number",
  depth: "number",
  Float64Array: "Float64Array",
  Float32Array: "Float32Array",
  list: "number[]",
  matrix: "number[][]",
  record: "Item",
  records: "Item[]",
};

/** What every module of random programs begins with. */
export const preamble = "interface Item { p: number; q: number; w: number[] }\n";

type Form = keyof Both;

function lines(statements: readonly Statement[], form: Form, indent: string): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "line") return [indent + statement.text[form]];
    const nested = statement.heads.flatMap((head, k) => [
      indent + head[form],
      ...lines(statement.bodies[k]!, form, `${indent}  `),
    ]);
    return [...nested, indent + statement.end[form]];
  });
}

function printFunction(fn: ProgramFunction, form: Form): string {
  const parameters = fn.parameters.map(({ name, kind }) => (form === "plain" ? `${name}: ${typeNames[kind]}` : name));
  const result = form === "plain" ? ": number" : "";
  return `function ${fn.name}(${parameters.join(", ")})${result} {\n${lines(fn.body, form, "  ").join("\n")}\n}\n`;
}

/** The program as TypeScript, annotated; without the preamble. */
export function printPlain(program: Program, verbs = "valueAndGrad"): string {
  const names = program.wrt.map((position) => program.main.parameters[position]!.name);
  const tag = `/** @differentiable ${verbs} wrt ${names.join(", ")} */`;
  const helpers = program.helpers.map((helper) => printFunction(helper, "plain")).join("");
  return `${helpers}${tag}\nexport ${printFunction(program.main, "plain")}`;
}

/** The program over dual numbers; the oracle's functions are those of `$`. */
export function printDual(program: Program): string {
  return [...program.helpers, program.main].map((fn) => printFunction(fn, "dual")).join("");
}
