/** Methods that change the length of a plain array, and assignments to its `length`. */
import { Node, SyntaxKind } from "ts-morph";
import { booleanType, newBlock, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import type { MethodCall } from "./arrayMethods.js";
import { joinBranches, openBranch, or } from "./branches.js";
import { copyOf } from "./newObjects.js";
import { applyPrimitive, toNumber } from "./operators.js";
import { makeLiteral } from "./literals.js";
import { lengthOf, loadItem } from "./indexedLoops.js";
import { readKept } from "./keptFunctions.js";
import { extendList } from "./knownLists.js";
import { constant, type Lowering, nullish, refuse } from "./lowering.js";
import { isKnownNonEmpty } from "./nonEmpty.js";
import { atLeastNone, clampedPosition, difference, lowerRange, sum } from "./positions.js";
import { copyRange, freshType } from "./reordering.js";
import { pushElement, pushItem, storeElement } from "./items.js";
import { isAsserted, isAssignment, isIncrement, unwrap } from "./syntax.js";
import { lowerSpreadArguments, type SpreadArgument } from "./callArguments.js";

/** Pushes the elements of an array, in order. */
function pushAll(lowering: Lowering, object: Value, items: Value, length: Value, node: Node): void {
  lowerRange(lowering, {
    node,
    from: constant(lowering, 0),
    to: length,
    body: (inside, index) => pushElement(inside, object, loadItem(inside, items, index, node)),
  });
}

/** One by one. A spread array may be the array itself: it counts with the length that it had before. */
export function pushArguments(lowering: Lowering, object: Value, args: readonly SpreadArgument[]): void {
  const lengths = args.map(({ value, isSpread }) => (isSpread ? lengthOf(lowering, value) : null));
  args.forEach(({ value, node }, k) => {
    const length = lengths[k];
    if (length) pushAll(lowering, object, value, length, node);
    else pushItem(lowering, object, value, node);
  });
}

export function lowerPush(lowering: Lowering, { node, object }: MethodCall): Value {
  const args = lowerSpreadArguments(lowering, node);
  pushArguments(lowering, object, args);
  if (args.every(({ isSpread }) => !isSpread))
    extendList(
      lowering,
      object,
      args.map(({ value }) => value),
      node,
    );
  return lengthOf(lowering, object);
}

/** The last argument goes in first, so that all end up in their order. */
export function lowerUnshift(lowering: Lowering, { node, object }: MethodCall): Value {
  const args = [...lowerSpreadArguments(lowering, node)].reverse();
  for (const { value, isSpread, node: argument } of args) {
    if (!isSpread) {
      pushItem(lowering, object, value, argument, true);
      continue;
    }
    // Of the array itself what is read would move.
    const items = copyOf(lowering, value, freshType(value), { name: null });
    lowerRange(lowering, {
      node: argument,
      from: difference(lowering, lengthOf(lowering, items), constant(lowering, 1)),
      to: constant(lowering, 0),
      isBackwards: true,
      body: (inside, index) => pushElement(inside, object, loadItem(inside, items, index, argument), true),
    });
  }
  return lengthOf(lowering, object);
}

/** `pop` and `shift`; of an empty array nothing is taken. */
export function lowerPop(lowering: Lowering, { node, name, object, hint }: MethodCall): Value {
  const take = (inside: Lowering): Value => pop(inside, object, name === "shift", hint.name);
  const callee = node.getExpressionIfKindOrThrow(SyntaxKind.PropertyAccessExpression);
  if (isAsserted(node) || isKnownNonEmpty(callee.getExpression(), node)) return take(lowering);
  const isThere = lowering.builder.apply("greater", [lengthOf(lowering, object), constant(lowering, 0)], booleanType);
  const taken = openBranch(lowering);
  taken.value = take(taken.lowering);
  const empty = openBranch(lowering);
  empty.value = nullish(empty.lowering, undefined);
  return joinBranches(lowering, isThere, taken, empty, node, hint.name).value!;
}

function pop(lowering: Lowering, object: Value, atStart: boolean, name: string | null): Value {
  const { span } = lowering.builder;
  const result = newValue(elementType(object.type)!, { name, span });
  lowering.builder.add({ kind: "pop", result, object, atStart, span });
  return readKept(lowering, result);
}

/** Pops until an array of `before` elements has `length`. */
function truncate(lowering: Lowering, object: Value, before: Value, length: Value, node: Node): void {
  lowerRange(lowering, {
    node,
    from: length,
    to: before,
    body: (inside) => void pop(inside, object, false, null),
  });
}

/** `xs.length = n`, `xs.length -= n`, `xs.length--`, where the array does not become longer. */
export function setLength(lowering: Lowering, object: Value, length: Value, node: Node): void {
  if (!onlyShortens(node))
    refuse(
      node,
      "unsupportedAssignment",
      "This may make the array longer, with nothing in it.",
      "Push the new elements; to shorten it write `xs.length = Math.min(xs.length, n)`.",
    );
  const { builder, shared } = lowering;
  const isInteger = shared.integers.has(length);
  const whole = isInteger ? length : applyPrimitive(lowering, "trunc", [length], null);
  const isPlain = isAssignment(node) && node.getOperatorToken().getKind() === SyntaxKind.EqualsToken;
  if (!isPlain || !isCount(node.getRight())) {
    const isNegative = builder.apply("less", [length, constant(lowering, 0)], booleanType);
    const isBroken = (): Value => builder.apply("notEqual", [length, whole], booleanType);
    const then = newBlock([{ kind: "throw", pieces: ['new RangeError("Invalid array length")'], span: builder.span }]);
    const condition = isInteger ? isNegative : or(lowering, isNegative, isBroken());
    builder.add({ kind: "if", condition, then, else: newBlock([]), results: [], span: builder.span });
  }
  truncate(lowering, object, lengthOf(lowering, object), whole, node);
}

/** A whole number that is not negative, as far as the text says: a literal, a length, the least of such. */
function isCount(node: Node): boolean {
  const value = unwrap(node);
  if (Node.isNumericLiteral(value)) return Number.isInteger(Number(value.getText()));
  if (Node.isCallExpression(value))
    return value.getExpression().getText() === "Math.min" && value.getArguments().every(isCount);
  return Node.isPropertyAccessExpression(value) && value.getName() === "length";
}

/** What is assigned is at most the length before, as far as the text says. */
function onlyShortens(node: Node): boolean {
  if (isIncrement(node)) return node.getOperatorToken() === SyntaxKind.MinusMinusToken;
  if (!isAssignment(node)) return false;
  const target = unwrap(node.getLeft()).getText();
  const value = unwrap(node.getRight());
  const isLiteral = (part: Node): boolean => Node.isNumericLiteral(unwrap(part));
  const isSame = (part: Node): boolean => unwrap(part).getText() === target;
  const operator = node.getOperatorToken().getKind();
  if (operator === SyntaxKind.MinusEqualsToken) return isLiteral(value);
  if (operator !== SyntaxKind.EqualsToken) return false;
  if (Node.isBinaryExpression(value))
    return value.getOperatorToken().getText() === "-" && isSame(value.getLeft()) && isLiteral(value.getRight());
  if (Node.isCallExpression(value))
    return value.getExpression().getText() === "Math.min" && value.getArguments().some(isSame);
  return value.getText() === "0";
}

interface Splice {
  readonly from: Value;
  /** Where what stays begins again; null when nothing does. */
  readonly end: Value | null;
  readonly length: Value;
  readonly items: readonly SpreadArgument[];
}

function spliceOf(lowering: Lowering, { node, object }: MethodCall): Splice | null {
  const args = lowerSpreadArguments(lowering, node);
  const [start, count, ...items] = args;
  if (start?.isSpread || count?.isSpread)
    refuse(node, "spreadArguments", "Where the array is changed is not known.", "Write the position and the count.");
  if (!start) return null;
  const length = lengthOf(lowering, object);
  const from = clampedPosition(lowering, toNumber(lowering, start.value, start.node), length, node);
  const isToEnd = !count || lowering.shared.literals.get(count.value) === Infinity;
  if (isToEnd) return { from, end: null, length, items };
  const removed = atLeastNone(lowering, toNumber(lowering, count.value, count.node));
  const end = applyPrimitive(lowering, "min", [sum(lowering, from, removed), length], "end");
  return { from, end, length, items };
}

/** What comes after the place moves down, or is taken off and put back behind the new items. */
export function lowerSplice(lowering: Lowering, call: MethodCall): Value {
  const { node, object, hint, isStatement } = call;
  const splice = spliceOf(lowering, call);
  if (!splice) return makeLiteral(lowering, freshType(object), [], null, hint);
  const { from, end, length, items } = splice;
  const given = items.map((item): SpreadArgument =>
    item.isSpread ? { ...item, value: copyOf(lowering, item.value, freshType(item.value), { name: null }) } : item,
  );
  const count = difference(lowering, end ?? length, from);
  const removed = isStatement ? object : copyRange(lowering, object, { from, count }, node, hint.name ?? "removed");
  if (end && given.length === 0) {
    lowerRange(lowering, {
      node,
      from: end,
      to: length,
      body: (inside, index) => {
        const to = difference(inside, index, count);
        storeElement(inside, object, to, loadItem(inside, object, index, node));
      },
    });
    truncate(lowering, object, length, difference(lowering, length, count), node);
    return removed;
  }
  const tail = end && tailAfter(lowering, object, { end, length }, node);
  truncate(lowering, object, length, from, node);
  pushArguments(lowering, object, given);
  if (tail) pushAll(lowering, object, tail, lengthOf(lowering, tail), node);
  return removed;
}

export function lowerToSpliced(lowering: Lowering, call: MethodCall): Value {
  const { node, object, hint } = call;
  const splice = spliceOf(lowering, call);
  if (!splice) return copyOf(lowering, object, freshType(object), hint);
  const { from, end, length, items } = splice;
  const result = copyRange(lowering, object, { from: constant(lowering, 0), count: from }, node, hint.name);
  pushArguments(lowering, result, items);
  if (end)
    lowerRange(lowering, {
      node,
      from: end,
      to: length,
      body: (inside, index) => pushElement(inside, result, loadItem(inside, object, index, node)),
    });
  return result;
}

interface Tail {
  readonly end: Value;
  readonly length: Value;
}

function tailAfter(lowering: Lowering, object: Value, { end, length }: Tail, node: MethodCall["node"]): Value {
  return copyRange(lowering, object, { from: end, count: difference(lowering, length, end) }, node, "tail");
}
