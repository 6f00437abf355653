/** Optional chaining: `a?.b.c` is nothing where `a` is nothing, and the rest of the chain elsewhere. */
import { type CallExpression, type ElementAccessExpression, Node, type PropertyAccessExpression } from "ts-morph";
import { booleanType, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { missingOf, optionalType } from "../ir/types.js";
import { joinBranches, openBranch } from "./branches.js";
import { type Hint, lowerExpression, narrow } from "./expressions.js";
import { type Lowering, nullish } from "./lowering.js";
import { knownPresence } from "./conditions.js";

type Link = PropertyAccessExpression | ElementAccessExpression | CallExpression;

function isLink(node: Node): node is Link {
  return Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node) || Node.isCallExpression(node);
}

/** The first `?.` of a chain that has not been decided yet. */
function openLink(lowering: Lowering, node: Node): Link | null {
  if (Node.isNonNullExpression(node)) return openLink(lowering, node.getExpression());
  if (!isLink(node) || lowering.decided.has(node.getExpression())) return null;
  return openLink(lowering, node.getExpression()) ?? (node.hasQuestionDotToken() ? node : null);
}

/** The value of a chain with `?.` in it; null for any other expression. */
export function lowerOptionalChain(lowering: Lowering, node: Node, hint: Hint): { readonly value: Value } | null {
  const link = isLink(node) ? openLink(lowering, node) : null;
  return link && { value: lowerLink(lowering, link, node, hint) };
}

/** An element past the end is as missing as what it would be an element of: nothing flows back to it. */
function whatIsThere({ builder }: Lowering, value: Value): Value {
  const at = builder.statements.findIndex((one) => one.kind === "load" && one.result === value);
  const read = builder.statements[at];
  if (read?.kind !== "load" || read.key.kind !== "index" || missingOf(value.type) !== null) return value;
  const result = newValue(optionalType(value.type, "undefined"), value);
  builder.statements[at] = { ...read, result };
  return result;
}

function lowerLink(lowering: Lowering, link: Link, node: Node, hint: Hint): Value {
  const base = lowerExpression(lowering, link.getExpression());
  const rest = (inside: Lowering, value: Value): Value =>
    lowerExpression({ ...inside, decided: new Map(inside.decided).set(link.getExpression(), value) }, node, hint);
  const known = knownPresence(lowering, base);
  if (known !== null) return known ? rest(lowering, base) : nullish(lowering, undefined);
  if (base.type.kind === "nullish") return nullish(lowering, undefined);
  if (missingOf(base.type) === null && !Node.isElementAccessExpression(link.getExpression()))
    return rest(lowering, base);
  const isMissing = lowering.builder.apply("isNullish", [base], booleanType);
  const [missing, present] = [openBranch(lowering), openBranch(lowering)];
  missing.value = nullish(missing.lowering, undefined);
  present.value = whatIsThere(present.lowering, rest(present.lowering, narrow(present.lowering, base)));
  return joinBranches(lowering, isMissing, missing, present, node, hint.name).value!;
}
