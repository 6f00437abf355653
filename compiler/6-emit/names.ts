/** Names: the user's survive; ours follow the literature (x, xDot, xBar, xKept) and take 2, 3 where taken. */
import type { Statement, Value } from "../ir/ir.js";

const reservedWords =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity Math Number Array Float64Array Float32Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(
    " ",
  );

/** Names in scope, innermost first. */
export interface Scope {
  readonly taken: Set<string>;
  readonly outer: Scope | null;
}

export function rootScope(taken: Iterable<string>): Scope {
  return { taken: new Set([...reservedWords, ...taken]), outer: null };
}

export function innerScope(outer: Scope): Scope {
  return { taken: new Set(), outer };
}

function isTaken(scope: Scope | null, name: string): boolean {
  return scope !== null && (scope.taken.has(name) || isTaken(scope.outer, name));
}

/** The wanted name, or with a number behind it where it is taken. */
export function claim(scope: Scope, wanted: string): string {
  let name = wanted;
  for (let k = 2; isTaken(scope, name); k++) name = /\d$/.test(wanted) ? `${wanted}_${k}` : `${wanted}${k}`;
  scope.taken.add(name);
  return name;
}

const suffixes = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" } as const;

const expressionNames: Readonly<Record<string, string>> = {
  add: "sum",
  subtract: "difference",
  multiply: "product",
  divide: "quotient",
  remainder: "remainder",
  power: "power",
  negate: "negative",
  sqrt: "root",
  less: "isLess",
  lessEqual: "isAtMost",
  greater: "isGreater",
  greaterEqual: "isAtLeast",
  equal: "isEqual",
  notEqual: "isDifferent",
  not: "isNot",
};

/** What a value would be called without regard to what is taken. */
export function wantedName(
  value: Value,
  statement: Statement | undefined,
  nameOf: (value: Value) => string | null,
): string {
  const suffix = suffixes[value.role];
  if (value.name !== null) return withSuffix(value.name, suffix);
  const base = describe(statement, nameOf);
  return base.endsWith(suffix) ? base : withSuffix(base, suffix);
}

function withSuffix(name: string, suffix: string): string {
  if (suffix === "Kept" && name === "cursor") return "cursor";
  return `${name}${suffix}`;
}

function describe(statement: Statement | undefined, nameOf: (value: Value) => string | null): string {
  if (!statement) return "value";
  switch (statement.kind) {
    case "apply":
      return expressionNames[statement.primitive] ?? statement.primitive;
    case "load": {
      const object = nameOf(statement.object);
      if (statement.key.kind === "field")
        return /^\d/.test(statement.key.name) ? `${object ?? "item"}${statement.key.name}` : statement.key.name;
      const index = nameOf(statement.key.index);
      if (object && index && object.length <= 2 && index.length === 1) return `${object}${index}`;
      return object ? singular(object) : "item";
    }
    case "length":
      return "count";
    case "allocate":
    case "slice":
    case "view":
    case "literal":
    case "zerosLike":
      return "values";
    case "if":
      return "choice";
    case "pop":
      return "item";
    case "arrayPrimitive":
      return statement.primitive;
    default:
      return "value";
  }
}

function singular(name: string): string {
  if (name.endsWith("Bar") || name.endsWith("Dot")) return `${singular(name.slice(0, -3))}${name.slice(-3)}`;
  return name.length > 2 && name.endsWith("s") && !name.endsWith("ss") ? name.slice(0, -1) : `${name}Item`;
}
