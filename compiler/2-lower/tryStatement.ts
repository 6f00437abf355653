/**
 * `try`: a `throw` that stands in it leads to its `catch`, as a `break` leads out of a loop. What fails without a `throw`
 * of the program (an element of nothing) is not caught: it passes through. `finally` runs after either.
 */
import { Node, type TryStatement } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { anyFlag, clearFlags, joinBranches, openBranch } from "./branches.js";
import {
  type Completion,
  constant,
  declareVariable,
  type Invented,
  isInvented,
  type Lowering,
  refuse,
  spanOf,
} from "./lowering.js";
import { lowerStatement } from "./statements.js";
import { sourcePieces } from "./sourceText.js";

export function lowerTry(lowering: Lowering, node: TryStatement): Completion {
  const completion = lowerCaught(lowering, node);
  const last = node.getFinallyBlock();
  if (!last) return completion;
  const flags = [...lowering.variables].filter(([variable]) => isInvented(variable) && variable.kind === "flag");
  clearFlags(lowering);
  if (lowerStatement(lowering, last) !== "normal")
    refuse(last, "tryStatement", "A finally block is left here.", "Let it run to its end.");
  for (const [variable, value] of flags) lowering.variables.set(variable, value);
  return completion;
}

function lowerCaught(lowering: Lowering, node: TryStatement): Completion {
  const clause = node.getCatchClause();
  if (!clause) return lowerStatement(lowering, node.getTryBlock());
  const flag: Invented = { kind: "flag", name: "thrown" };
  const error: Invented = { kind: "result", name: "error" };
  const inside: Lowering = { ...lowering, throwTarget: { flag, error, depth: lowering.inlining.length } };
  const completion = lowerStatement(inside, node.getTryBlock());
  const thrown = lowering.variables.get(flag);
  const value = lowering.variables.get(error);
  lowering.variables.delete(flag);
  lowering.variables.delete(error);
  if (!thrown) return completion;
  const caught = openBranch(lowering);
  clearFlags(caught.lowering);
  const name = clause.getVariableDeclaration()?.getNameNode();
  if (name && Node.isIdentifier(name) && value) declareVariable(caught.lowering, name, value);
  caught.completion = lowerStatement(caught.lowering, clause.getBlock());
  const passed = openBranch(lowering);
  passed.completion = anyFlag(lowering) ? "maybe" : "normal";
  return joinBranches(lowering, thrown, caught, passed, node).completion;
}

/** A `throw` that a `catch` of the function catches. */
export function lowerCaughtThrow(lowering: Lowering, node: import("ts-morph").ThrowStatement): Completion {
  const target = lowering.throwTarget!;
  if (target.depth !== lowering.inlining.length)
    refuse(
      node,
      "tryStatement",
      "This throw would be caught by a function that calls this one.",
      "Return a value that says so, or move the try outside of the differentiated function.",
    );
  const error: Value = newValue({ kind: "opaque", text: "unknown" }, { span: spanOf(node) });
  const pieces = sourcePieces(lowering, node.getExpression());
  lowering.builder.add({ kind: "evaluate", result: error, pieces, isPure: true, span: spanOf(node) });
  lowering.variables.set(target.error, error);
  lowering.variables.set(target.flag, constant(lowering, true));
  return "abrupt";
}
