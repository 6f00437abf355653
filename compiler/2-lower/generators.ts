/**
 * Generators. One that is known and walked over at once is lowered in place of the walk: the body of the loop stands where
 * the generator yields.
 *
 * before: for (const x of steps(n)) sum += x, where steps yields k in a loop        after: the loop of steps, sum += k
 */
import { Node, type YieldExpression } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { anyFlag } from "./branches.js";
import { functionIn } from "./calls.js";
import { lowerArguments } from "./callArguments.js";
import { memberOf } from "./classes.js";
import { assignTo, bindPattern } from "./destructuring.js";
import { lowerExpression, narrow } from "./expressions.js";
import { staticFunction } from "./functionValues.js";
import { inlineClosure } from "./inlineCall.js";
import { lowerIndexed, loadElement } from "./indexedLoops.js";
import type { Closure } from "./lifting.js";
import { pushItem } from "./items.js";
import { makeLiteral } from "./literals.js";
import {
  type Completion,
  type FunctionValue,
  type Invented,
  type JumpTarget,
  type Lowering,
  nullish,
  refuse,
  type Source,
} from "./lowering.js";
import { lowerStatement, settle } from "./statements.js";
import { isFunctionLike, unwrap } from "./syntax.js";
import { asArray } from "./tuples.js";
import { unknownType } from "./unknownTypes.js";

/** What happens where a generator yields. */
export interface YieldTarget {
  /** What runs there, for the variables that it assigns. */
  readonly sources: readonly Source[];
  run(inside: Lowering, value: Value): Completion;
}

/** A call of a generator, its arguments evaluated. */
interface Generated {
  readonly fn: Closure;
  readonly args: readonly Value[];
}

const iterator = "[Symbol.iterator]";

/** The generator that an expression calls, or that its value is walked over by; null where there is none. */
export function generatorOf(lowering: Lowering, expression: Node): Generated | null {
  const node = unwrap(expression);
  if (!Node.isCallExpression(node)) {
    const hasOwn = !isArrayLike(node) && node.getType().getProperty(isIteratorName) !== undefined;
    return hasOwn ? generatorIn(lowering, lowerExpression(lowering, node), node) : null;
  }
  const callee = unwrap(node.getExpression());
  const found = generator(staticFunction(lowering, callee));
  if (found) return { fn: found, args: lowerArguments(lowering, node) };
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const declared = callee.getNameNode().getSymbol()?.getDeclarations() ?? [];
  if (!declared.some((one) => Node.isMethodDeclaration(one) && one.isGenerator())) return null;
  const object = narrow(lowering, lowerExpression(lowering, callee.getExpression()));
  const method = generator(functionIn(lowering, object, callee.getName(), node));
  return method && { fn: method, args: lowerArguments(lowering, node) };
}

/** The generator by which an instance is walked over. */
export function generatorIn(lowering: Lowering, value: Value, node: Node): Generated | null {
  if (value.type.kind !== "record") return null;
  const method = generator(memberOf(lowering, value, iterator, "method", node));
  return method && { fn: method, args: [] };
}

function isIteratorName(property: import("ts-morph").Symbol): boolean {
  return property.getName().startsWith("__@iterator");
}

function isArrayLike(node: Node): boolean {
  const type = node.getType();
  return type.isArray() || type.isReadonlyArray() || type.isTuple() || type.isString();
}

function generator(fn: FunctionValue | null): Closure | null {
  const isKnown = fn?.kind === "closure" && isFunctionLike(fn.node) && !Node.isArrowFunction(fn.node);
  return isKnown && fn.node.isGenerator() ? fn : null;
}

function run(lowering: Lowering, { fn, args }: Generated, node: Node, target: YieldTarget): void {
  inlineClosure(lowering, fn, args, node, { yields: target });
}

/** `for (const x of steps(n))`. */
export function lowerForEachYield(
  lowering: Lowering,
  node: import("ts-morph").ForOfStatement,
  label: string | null,
  generated: Generated,
): Completion {
  const initializer = node.getInitializer();
  const breakFlag: Invented = { kind: "flag", name: "broken" };
  const step = (inside: Lowering, value: Value): Completion => {
    const { builder, variables, loops } = inside;
    const continueFlag: Invented = { kind: "flag", name: "continued" };
    const target: JumpTarget = { node, label, breakFlag, continueFlag };
    const jumpTargets = [...lowering.jumpTargets, target];
    const body: Lowering = { ...lowering, builder, variables, loops, jumpTargets };
    if (Node.isVariableDeclarationList(initializer))
      bindPattern(body, initializer.getDeclarations()[0]!.getNameNode(), value);
    else assignTo(body, initializer, value);
    return settle(inside, lowerStatement(body, node.getStatement()), continueFlag);
  };
  const own = { node, scope: lowering.scope };
  run(lowering, generated, node, { sources: [own, ...(lowering.yieldTarget?.sources ?? [])], run: step });
  return settle(lowering, anyFlag(lowering) ? "maybe" : "normal", breakFlag);
}

/** `[...steps(n)]`: all that the generator yields. */
export function collectYields(lowering: Lowering, generated: Generated, node: Node, name: string | null): Value {
  const list = makeLiteral(lowering, { kind: "array", element: unknownType() }, [], null, { name });
  const push = (inside: Lowering, value: Value): Completion => {
    pushItem(inside, list, value, node);
    return "normal";
  };
  run(lowering, generated, node, { sources: [], run: push });
  return list;
}

/** `yield x;` and `yield* xs;` */
export function lowerYield(lowering: Lowering, node: YieldExpression): Completion {
  const target = lowering.yieldTarget;
  const given = node.getExpression();
  if (!target)
    return refuse(
      node,
      "generator",
      "What this generator yields goes nowhere that is known.",
      "Return an array instead.",
    );
  if (!node.getText().startsWith("yield*") || !given)
    return target.run(lowering, given ? lowerExpression(lowering, given) : nullish(lowering, undefined));
  const inner = generatorOf(lowering, given);
  if (inner) {
    run(lowering, inner, node, target);
    return anyFlag(lowering) ? "maybe" : "normal";
  }
  const array = asArray(lowering, lowerExpression(lowering, given), given);
  let item: Value;
  return lowerIndexed(lowering, {
    node,
    label: null,
    array,
    sources: target.sources,
    bind: (inside, index) => (item = loadElement(inside, array, index, node)),
    body: (inside) => target.run(inside, item),
    isLive: false,
  });
}
