import type { EvaluateStatement, IfStatement, Statement, Value } from "./ir.js";

/** What an unnamed value would be called, from how it is computed. */

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

export interface Naming {
  definitionOf(value: Value): Statement | undefined;
  /** The name an index is printed with, or null where it is no plain name. */
  nameOf(value: Value): string | null;
}

/** The user's name, or one made from the expression. */
export function describeValue(value: Value, naming: Naming): string {
  return value.name ?? describeStatement(value, naming.definitionOf(value), naming);
}

function describeStatement(value: Value, statement: Statement | undefined, naming: Naming): string {
  switch (statement?.kind) {
    case "apply":
      if (statement.primitive === "stopGradient") return describeValue(statement.arguments[0]!, naming);
      return expressionNames[statement.primitive] ?? statement.primitive;
    case "load": {
      // What was kept under a name comes back under it.
      if (statement.object.role === "kept") return describeValue(statement.object, naming);
      if (statement.key.kind === "index")
        return describeElement(describeValue(statement.object, naming), naming.nameOf(statement.key.index));
      const { name } = statement.key;
      return /^\d/.test(name) ? `${describeValue(statement.object, naming)}${name}` : name.replace(/^#/, "");
    }
    case "length":
      return "n";
    case "zerosLike":
    case "stop":
      return describeValue(statement.object, naming);
    case "if":
      return describeBranches(value, statement, naming) ?? (value.type.kind === "boolean" ? "isTrue" : "choice");
    case "loop": {
      // A place in memory, while the loop runs.
      const initial = statement.initial[statement.results.indexOf(value)];
      return initial && naming.definitionOf(initial)?.kind === "load" ? describeValue(initial, naming) : "values";
    }
    case "pop":
      return "item";
    case "arrayPrimitive":
      return statement.primitive.replace(/Of$/, "");
    case "externalCall":
      if (statement.callee.kind === "hooked") return describeValue(statement.arguments[0]!, naming);
      return statement.callee.kind === "hook" ? "hooked" : statement.name;
    case "runtimeCall":
      return "part";
    case "evaluate":
      return calleeName(statement) ?? describeLookUp(value, statement, naming) ?? "values";
    default:
      return value.type.kind === "record" || value.type.kind === "opaque" ? "item" : "values";
  }
}

/** `Math.random()` is `random`. */
function calleeName({ pieces }: EvaluateStatement): string | null {
  return /^[\w.]*\b(\w+)\(/.exec(String(pieces[0]))?.[1] ?? null;
}

/** `rates.get(name)` is `rate`. */
function describeLookUp(value: Value, { pieces }: EvaluateStatement, naming: Naming): string | null {
  const [first, second] = pieces;
  if (typeof first === "string" || !/^(\.get\(|\[)/.test(String(second))) return null;
  return value.type.kind === "boolean" ? null : describeElement(describeValue(first!, naming), null);
}

/** What one branch computes for a value that the other only stands in for. */
function describeBranches(value: Value, statement: IfStatement, naming: Naming): string | null {
  const k = statement.results.indexOf(value);
  const made = [statement.then, statement.else].flatMap((block) => {
    const yielded = block.yields[k];
    const kind = yielded && naming.definitionOf(yielded)?.kind;
    return yielded && kind !== "placeholder" ? [yielded] : [];
  });
  return made.length === 1 ? describeValue(made[0]!, naming) : null;
}

/** `a[i]` is `ai`, `weights[k]` is `weight`. */
function describeElement(array: string, index: string | null): string {
  if (array.length <= 2 && index !== null && index.length === 1) return `${array}${index}`;
  if (array.length > 3 && array.endsWith("ies")) return `${array.slice(0, -3)}y`;
  if (array.length > 2 && array.endsWith("s") && !array.endsWith("ss")) return array.slice(0, -1);
  return `${array}Item`;
}
