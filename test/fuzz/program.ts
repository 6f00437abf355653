/** What a random program is made of: statements as a tree of texts, so that a failing one can be made smaller. */
import type { Both } from "./both.js";
import type { Shape } from "./shapes.js";

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

/** `depth`: how deep calls may still go; `matrix`: number[][]; `object`, `group`: a record, an array of records. */
export type ParameterKind =
  "number" | "optional" | "defaulted" | "rest" | "integer" | "depth" | ArrayKind | "matrix" | "object" | "group";

export interface ProgramParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** Of the record, or of the records of an array. */
  readonly shape?: Shape;
}

export interface ProgramFunction {
  readonly name: string;
  readonly parameters: readonly ProgramParameter[];
  readonly body: readonly Statement[];
  readonly result: "number" | Shape;
}

export interface Program {
  readonly seed: number;
  /** Types, classes, and functions of functions. */
  readonly declarations: readonly Statement[];
  readonly main: ProgramFunction;
  /** Positions of the parameters that are differentiated. */
  readonly wrt: readonly number[];
  readonly helpers: readonly ProgramFunction[];
}

const typeNames = {
  integer: "number",
  depth: "number",
  list: "number[]",
  matrix: "number[][]",
} as const;

function parameterText({ name, kind, shape }: ProgramParameter, form: Form): string {
  if (kind === "defaulted") return form === "plain" ? `${name} = 0.7` : `${name} = $.c(0.7)`;
  if (kind === "rest") return form === "plain" ? `...${name}: number[]` : `...${name}`;
  if (form === "dual") return name;
  if (kind === "optional") return `${name}?: number`;
  if (kind === "object") return `${name}: ${shape!.name}`;
  if (kind === "group") return `${name}: ${shape!.name}[]`;
  return `${name}: ${kind in typeNames ? typeNames[kind as keyof typeof typeNames] : kind}`;
}

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
  const parameters = fn.parameters.map((parameter) => parameterText(parameter, form));
  const result = form === "dual" ? "" : `: ${fn.result === "number" ? "number" : fn.result.name}`;
  return `function ${fn.name}(${parameters.join(", ")})${result} {\n${lines(fn.body, form, "  ").join("\n")}\n}\n`;
}

function printDeclarations({ declarations }: Program, form: Form): string {
  return lines(declarations, form, "")
    .map((text) => `${text}\n`)
    .join("");
}

/** The program as TypeScript, annotated. */
export function printPlain(program: Program, verbs = "valueAndGrad"): string {
  const names = program.wrt.map((position) => program.main.parameters[position]!.name);
  const tag = `/** @differentiable ${verbs} wrt ${names.join(", ")} */`;
  const helpers = program.helpers.map((helper) => printFunction(helper, "plain")).join("");
  return `${printDeclarations(program, "plain")}${helpers}${tag}\nexport ${printFunction(program.main, "plain")}`;
}

/** The program over dual numbers; the oracle's functions are those of `$`. */
export function printDual(program: Program): string {
  const functions = [...program.helpers, program.main].map((fn) => printFunction(fn, "dual"));
  return printDeclarations(program, "dual") + functions.join("");
}
