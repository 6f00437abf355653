/**
 * What calculus knows: one row for each scalar primitive, and the code that applies a row.
 */
import { BlockBuilder, booleanType, newBlock, newValue, numberType, type ValueOptions } from "../ir/build.js";
import type { Role, Value } from "../ir/ir.js";
import type { PrimitiveName } from "../ir/primitives.js";
import { arithmetic, choices, comparisons, stepwise } from "./arithmetic.js";
import { exponentials, powersAndRoots, trigonometry } from "./functions.js";
import { readRule, type RuleExpression } from "./read.js";
import type { Partial, Rule } from "./row.js";

export { arrayRule, isArrayPrimitive } from "./arrays.js";

/** Typed over the union of primitives: a missing row does not compile. */
export const rules: Record<PrimitiveName, Rule> = {
  ...arithmetic,
  ...choices,
  ...stepwise,
  ...comparisons,
  ...powersAndRoots,
  ...exponentials,
  ...trigonometry,
};

/** What a partial may ask of the place where it is applied; only what it mentions is asked for. */
export interface Operands {
  argument(index: number): Value;
  result(): Value;
  readonly count: number;
  /** The literal value of an argument, or null. */
  constantOf(index: number): number | null;
}

function ruleOf(primitive: string): Rule {
  const rule = (rules as Record<string, Rule>)[primitive];
  if (!rule) throw new Error(`no rule for ${primitive}`);
  return rule;
}

function partialOf(primitive: string, index: number): Partial | null {
  const rule = ruleOf(primitive);
  if (rule.isRouter && "partials" in rule) return rule.partials[Math.min(index, 1)]!;
  return "variadic" in rule ? rule.variadic : (rule.partials[index] ?? null);
}

/** False where the derivative is identically zero. */
export function hasDerivative(primitive: string, index: number): boolean {
  return partialOf(primitive, index) !== null;
}

const trees = new Map<Partial, RuleExpression>();

function treeOf(partial: Partial): RuleExpression {
  let tree = trees.get(partial);
  if (!tree) trees.set(partial, (tree = readRule(partial.toString())));
  return tree;
}

/** For an extremum of three or more: 1 where this argument attains it and none before does, NaN where none does. */
function routerTree(count: number, index: number): RuleExpression {
  const number = (value: number): RuleExpression => ({ kind: "number", value, text: null });
  const attains = (k: number, then: RuleExpression, otherwise: RuleExpression): RuleExpression => ({
    kind: "choose",
    condition: {
      kind: "apply",
      primitive: "equal",
      arguments: [
        { kind: "parameter", index: k },
        { kind: "parameter", index: count },
      ],
    },
    then,
    else: otherwise,
  });
  const from = (k: number): RuleExpression => {
    if (k === count) return number(NaN);
    return attains(k, number(k === index ? 1 : 0), from(k + 1));
  };
  return from(0);
}

function treeFor(primitive: string, index: number, count: number): RuleExpression {
  return ruleOf(primitive).isRouter && count > 2 ? routerTree(count, index) : treeOf(partialOf(primitive, index)!);
}

interface Place {
  readonly builder: BlockBuilder;
  readonly operands: Operands;
  readonly primitive: string;
  readonly index: number;
  /** Of the values made on the way. */
  readonly role: Role;
}

/** The primal value that a rule's parameter stands for. */
function parameterValue(place: Place, parameter: number): Value {
  const isVariadic = "variadic" in ruleOf(place.primitive);
  if (isVariadic) return parameter === 0 ? place.operands.argument(place.index) : place.operands.result();
  return parameter < place.operands.count ? place.operands.argument(parameter) : place.operands.result();
}

function literalOf(place: Place, tree: RuleExpression): number | null {
  if (tree.kind === "number") return tree.value;
  if (tree.kind === "parameter" && !("variadic" in ruleOf(place.primitive)) && tree.index < place.operands.count)
    return place.operands.constantOf(tree.index);
  return null;
}

/** The tree with choices on literal arguments made, and powers with small literal exponents in cheap form. */
function specialise(place: Place, tree: RuleExpression): RuleExpression {
  switch (tree.kind) {
    case "number":
    case "boolean":
    case "parameter":
      return tree;
    case "choose": {
      const condition = specialise(place, tree.condition);
      if (condition.kind === "boolean") return specialise(place, condition.value ? tree.then : tree.else);
      const [yes, no] = [specialise(place, tree.then), specialise(place, tree.else)];
      if (yes.kind === "boolean" && no.kind === "boolean" && yes.value && !no.value) return condition;
      return { ...tree, condition, then: yes, else: no };
    }
    case "apply": {
      const args = tree.arguments.map((argument) => specialise(place, argument));
      const [a, b] = args.map((argument) => literalOf(place, argument));
      if (a !== null && b !== null && a !== undefined && b !== undefined) {
        const known = evaluate(tree.primitive, a, b);
        if (typeof known === "number") return { kind: "number", value: known, text: null };
        if (typeof known === "boolean") return { kind: "boolean", value: known };
      }
      if (tree.primitive === "power" && b !== null && b !== undefined)
        return cheapPower(args[0]!, b) ?? { ...tree, arguments: args };
      return { ...tree, arguments: args };
    }
  }
}

function evaluate(primitive: string, a: number, b: number): number | boolean | null {
  switch (primitive) {
    case "equal":
      return a === b;
    case "notEqual":
      return a !== b;
    case "greater":
      return a > b;
    case "less":
      return a < b;
    case "greaterEqual":
      return a >= b;
    case "lessEqual":
      return a <= b;
    case "subtract":
      return a - b;
    default:
      return null;
  }
}

function cheapPower(base: RuleExpression, exponent: number): RuleExpression | null {
  const multiply = (a: RuleExpression, b: RuleExpression): RuleExpression => ({
    kind: "apply",
    primitive: "multiply",
    arguments: [a, b],
  });
  const one: RuleExpression = { kind: "number", value: 1, text: null };
  const root: RuleExpression = { kind: "apply", primitive: "sqrt", arguments: [base] };
  const inverse = (of: RuleExpression): RuleExpression => ({
    kind: "apply",
    primitive: "divide",
    arguments: [one, of],
  });
  switch (exponent) {
    case 0:
      return one;
    case 1:
      return base;
    case 2:
      return multiply(base, base);
    case 3:
      return multiply(multiply(base, base), base);
    case 0.5:
      return root;
    case 1.5:
      return multiply(base, root);
    case -0.5:
      return inverse(root);
    case -1:
      return inverse(base);
    case -2:
      return inverse(multiply(base, base));
    default:
      return null;
  }
}

function build(place: Place, tree: RuleExpression): Value {
  const { builder } = place;
  const options: ValueOptions = { role: place.role, span: builder.span };
  switch (tree.kind) {
    case "number":
      return builder.constant(tree.value, tree.text);
    case "boolean":
      return builder.constant(tree.value);
    case "parameter":
      return parameterValue(place, tree.index);
    case "apply": {
      const isTest = comparisonNames.has(tree.primitive);
      const args = tree.arguments.map((argument) => build(place, argument));
      return builder.apply(tree.primitive, args, isTest ? booleanType : numberType, options);
    }
    case "choose": {
      const isTest = isTestTree(tree.then) || isTestTree(tree.else);
      return choose(place, tree, (inside, branch) => build({ ...place, builder: inside }, branch), {
        ...options,
        isTest,
      });
    }
  }
}

function isTestTree(tree: RuleExpression): boolean {
  return tree.kind === "boolean" || (tree.kind === "apply" && comparisonNames.has(tree.primitive));
}

const comparisonNames: ReadonlySet<string> = new Set(Object.keys(comparisons));

function choose(
  place: Place,
  tree: RuleExpression & { kind: "choose" },
  branch: (inside: BlockBuilder, tree: RuleExpression) => Value,
  options: ValueOptions & { isTest?: boolean },
): Value {
  const condition = build(place, tree.condition);
  const [thenBlock, elseBlock] = [tree.then, tree.else].map((part) => {
    const inside = new BlockBuilder(place.builder.span);
    const value = branch(inside, part);
    return newBlock(inside.statements, [value]);
  });
  const result = newValue(options.isTest ? booleanType : numberType, options);
  place.builder.add({
    kind: "if",
    condition,
    then: thenBlock!,
    else: elseBlock!,
    results: [result],
    span: place.builder.span,
  });
  return result;
}

/** incoming · partial, in its nicest form. */
function multiplyBy(place: Place, tree: RuleExpression, incoming: Value, options: ValueOptions): Value {
  const { builder } = place;
  if (tree.kind === "choose")
    return choose(
      place,
      tree,
      (inside, part) => multiplyBy({ ...place, builder: inside }, part, incoming, options),
      options,
    );
  if (tree.kind === "number") {
    if (tree.value === 0 || Number.isNaN(tree.value)) return builder.constant(tree.value);
    if (tree.value === 1) return incoming;
    if (tree.value === -1) return builder.apply("negate", [incoming], numberType, options);
  }
  if (tree.kind === "apply") {
    const [first, second] = tree.arguments;
    if (tree.primitive === "negate") {
      const value = multiplyBy(place, first!, incoming, { ...options, name: null });
      return builder.apply("negate", [value], numberType, options);
    }
    if (tree.primitive === "divide" && second) {
      const above = multiplyBy(place, first!, incoming, { ...options, name: null });
      return builder.apply("divide", [above, build(place, second)], numberType, options);
    }
  }
  return builder.apply("multiply", [incoming, build(place, tree)], numberType, options);
}

/** Whether a zero incoming adjoint must be told apart: the partial may be infinite there. */
function needsGuard(place: Place): boolean {
  if (!ruleOf(place.primitive).singular) return false;
  if (place.primitive !== "power") return true;
  const exponent = place.operands.constantOf(1);
  return place.index === 1 || exponent === null || exponent < 1;
}

function guardedAtInfinity(place: Place, tree: RuleExpression, incoming: Value, options: ValueOptions): Value {
  const { builder } = place;
  const { span } = builder;
  const isZero = builder.apply("equal", [incoming, builder.constant(0)], booleanType, { role: place.role });
  const [thenSide, elseSide] = [new BlockBuilder(span), new BlockBuilder(span)];
  const product = multiplyBy({ ...place, builder: thenSide }, tree, incoming, { ...options, name: null });
  const isNumber = thenSide.apply("equal", [product, product], booleanType, { role: place.role });
  const inner = newValue(numberType, options);
  const zero = new BlockBuilder(span);
  const block = newBlock(zero.statements, [zero.constant(0)]);
  thenSide.add({ kind: "if", condition: isNumber, then: newBlock([], [product]), else: block, results: [inner], span });
  const other = multiplyBy({ ...place, builder: elseSide }, tree, incoming, options);
  const result = newValue(numberType, options);
  const [then, otherwise] = [newBlock(thenSide.statements, [inner]), newBlock(elseSide.statements, [other])];
  builder.add({ kind: "if", condition: isZero, then, else: otherwise, results: [result], span });
  return result;
}

/**
 * Appends incoming · ∂primitive/∂argument[index] and gives back the product. Where that is differentiated again, a zero
 * that comes in is told apart only where the partial is infinite: elsewhere the product changes with what comes in.
 */
export function contribution(
  builder: BlockBuilder,
  primitive: string,
  index: number,
  operands: Operands,
  incoming: Value,
  { isDifferentiatedAgain = false, ...options }: ValueOptions & { readonly isDifferentiatedAgain?: boolean },
): Value {
  const role = options.role ?? "adjoint";
  const place: Place = { builder, operands, primitive, index, role };
  const tree = specialise(place, treeFor(primitive, index, operands.count));
  if (!needsGuard(place)) return multiplyBy(place, tree, incoming, options);
  if (isDifferentiatedAgain) return guardedAtInfinity(place, tree, incoming, options);
  const isZero = builder.apply("equal", [incoming, builder.constant(0)], booleanType, { role });
  const zeroSide = new BlockBuilder(builder.span);
  const other = new BlockBuilder(builder.span);
  const zero = zeroSide.constant(0);
  const value = multiplyBy({ ...place, builder: other }, tree, incoming, options);
  const result = newValue(numberType, options);
  builder.add({
    kind: "if",
    condition: isZero,
    then: newBlock(zeroSide.statements, [zero]),
    else: newBlock(other.statements, [value]),
    results: [result],
    span: builder.span,
  });
  return result;
}
