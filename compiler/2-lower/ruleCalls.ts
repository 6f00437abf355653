/**
 * Calls of functions with a rule: they stay calls, whatever is known of the function's body.
 *
 * before: y = erf(x), and defineRule(erf, …)        after: y = external erf(x)
 */
import type { Node } from "ts-morph";
import { newValue, numberType } from "../ir/build.js";
import type { ExternalCallStatement, Type, Value } from "../ir/ir.js";
import { canCarryDerivative } from "../ir/types.js";
import { type Lowering, nullish, spanOf, typeAt } from "./lowering.js";
import { asArray } from "./tuples.js";
import { type RuleInUnit, unusable } from "./userRules.js";

/** The call, of arguments that are there already. */
export function callByRule(
  lowering: Lowering,
  rule: RuleInUnit,
  args: readonly Value[],
  node: Node,
  name: string | null,
): Value {
  const all = rule.parameters.map((type, k) => {
    const given = args[k] ?? nullish(lowering, undefined);
    return given.type.kind === "tuple" && type.kind === "array" ? asArray(lowering, given, node) : given;
  });
  const flows = all.map((argument, k): Type | null => {
    if (!rule.isSmooth[k] || !canCarryDerivative(argument.type)) return null;
    if (argument.type.kind === "optional")
      unusable(
        node,
        `The argument ${k + 1} of ${rule.name} may be missing, and a rule has no derivative then.`,
        "Test before the call whether it is there.",
      );
    const declared = rule.parameters[k]!;
    const type = declared.kind === "optional" ? declared.of : declared;
    return argument.type.kind === "number" ? numberType : canCarryDerivative(type) ? type : argument.type;
  });
  const result = newValue(rule.result, { name, span: spanOf(node) });
  lowering.builder.add({
    kind: "externalCall",
    result,
    callee: { kind: "binding", key: rule.key },
    name: rule.name,
    arguments: all,
    rule: rule.key,
    flows,
    isPure: rule.isPure,
    span: spanOf(node),
  });
  return result;
}

/** A call of a function whose body is not known, where nothing is differentiated: in a rule, or behind stopGradient. */
export function callUnknown(
  lowering: Lowering,
  binding: string,
  args: readonly Value[],
  node: Node,
  { name, isPure }: Pick<ExternalCallStatement, "name" | "isPure">,
): Value {
  const result = newValue(typeAt(lowering, node), { span: spanOf(node) });
  lowering.builder.add({
    kind: "externalCall",
    result,
    callee: { kind: "binding", key: binding },
    name,
    arguments: args,
    rule: null,
    flows: args.map(() => null),
    isPure,
    span: spanOf(node),
  });
  return result;
}
