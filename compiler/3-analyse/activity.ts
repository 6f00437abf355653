/**
 * Activity: which values carry a derivative. A value is active when it is varied (depends on the differentiated
 * parameters) and useful (the differentiated result depends on it).
 *
 * Needs: alias classes. Guarantees: whatever is not active has the derivative zero, proved. Fixed points over loops;
 * memory by class and key, never strongly updated (a store does not make a class inactive again).
 *
 * before: y = sin(x); z = cos(t); return y + z, wrt x        active: x, y, y + z (t, z are not varied)
 */
import type { Block, CallStatement, ExternalCallStatement, IrFunction, Statement, Value } from "../ir/ir.js";
import { elementType, isScalar } from "../ir/types.js";
import { unreachable } from "../ir/walk.js";
import { hasDerivative } from "../rules/index.js";
import { type AliasFacts, type MemoryClass } from "./aliases.js";
import { contentsKey } from "./aliasKeys.js";
import { memoriesOfCall } from "./callEffects.js";
import {
  fixedPoint,
  hasMark,
  isMarked,
  isMarkedClass,
  markAt,
  markClass,
  markReachable,
  Marks,
  markWhole,
  reachability,
} from "./marks.js";

export interface ActivityFacts {
  /** The scalar is varied and useful. */
  isActive(value: Value): boolean;
  /** The scalar, or some number reachable from the reference, is varied. */
  isVaried(value: Value): boolean;
  /** Some number reachable from the reference is varied and useful, somewhere in the function: it needs a shadow. */
  hasShadow(reference: Value): boolean;
  /** The same for a class. */
  hasShadowAt(memory: MemoryClass): boolean;
  /** Numbers at this key of the class are varied and useful. */
  isActiveAt(memory: MemoryClass, key: string): boolean;
}

/** Integer storage stops derivatives; everything else lets them pass. */
function holdsDerivatives(object: Value): boolean {
  return (
    object.type.kind !== "typedArray" || object.type.name === "Float64Array" || object.type.name === "Float32Array"
  );
}

/** Whether a derivative passes from an argument of a primitive to its result. */
type Passes = (primitive: string, index: number) => boolean;

/** For values that are not meant whole the fields that lead to the parts that are. */
export type Paths = ReadonlyMap<Value, readonly (readonly string[])[]>;

export interface ActivityQuestion {
  /** What is differentiated with respect to. */
  readonly wrt: readonly Value[];
  readonly paths?: Paths;
  /** What is differentiated: numbers, or references with all that can be reached from them. */
  readonly results: readonly Value[];
  /** Shadows or tangents of the results are handed out: who gets them may ask for any number in them. */
  readonly isHandedOut?: boolean;
  /** Which primitives let derivatives pass; the rules say so when nothing is said. */
  readonly passes?: Passes;
}

export function activity(fn: IrFunction, aliases: AliasFacts, question: ActivityQuestion): ActivityFacts {
  const { wrt, results, passes = hasDerivative } = question;
  const varied = new Marks();
  const useful = new Marks();
  const context: Context = { aliases, varied, useful, passes, marksWhole: false };
  for (const parameter of wrt) {
    const paths = question.paths?.get(parameter);
    if (paths) paths.forEach((path) => markAt(aliases, varied, aliases.classOf(parameter), path));
    else markReachable(aliases, varied, parameter);
  }
  for (const result of results) markReachable(aliases, useful, result);
  fixedPoint(varied, () => forwardBlock(context, fn.body));
  const whole = { ...context, marksWhole: true };
  fixedPoint(varied, () => {
    forwardBlock(whole, fn.body);
    if (question.isHandedOut) markWhole(aliases, varied, results);
  });
  fixedPoint(useful, () => backwardBlock(context, fn.body));
  const activeAt = (memory: MemoryClass, key: string): boolean =>
    hasMark(varied, memory, key) && hasMark(useful, memory, key);
  const shadowed = reachability(aliases, (memory) => {
    const keys = [...(varied.memory.get(memory) ?? []), ...(useful.memory.get(memory) ?? [])];
    return keys.some((key) => activeAt(memory, key));
  });
  const variedIn = reachability(aliases, (memory) => (varied.memory.get(memory)?.size ?? 0) > 0);
  const throughClass = (value: Value, test: (memory: MemoryClass) => boolean): boolean => {
    const memory = aliases.classOf(value);
    return memory !== null && test(memory);
  };
  return {
    isActive: (value) => varied.scalars.has(value) && useful.scalars.has(value),
    isVaried: (value) => varied.scalars.has(value) || throughClass(value, variedIn),
    hasShadow: (value) => throughClass(value, shadowed),
    hasShadowAt: shadowed,
    isActiveAt: activeAt,
  };
}

interface Context {
  readonly aliases: AliasFacts;
  readonly varied: Marks;
  readonly useful: Marks;
  readonly passes: Passes;
  /** What moves is known: what is handed to others with it is marked, too. */
  readonly marksWhole: boolean;
}

function argumentsWithDerivative(context: Context, statement: Statement & { kind: "apply" }): readonly Value[] {
  return statement.arguments.filter((_, k) => context.passes(statement.primitive, k));
}

/** The arguments through which a derivative flows, or a value where all dependence is asked for. */
function flowing(context: Context, call: ExternalCallStatement): readonly Value[] {
  return stopPasses(context) ? call.arguments : call.arguments.filter((_, k) => call.flows[k]);
}

/** Only where all dependence is asked for. */
function stopPasses(context: Context): boolean {
  return context.passes("stopGradient", 0);
}

function forwardBlock(context: Context, block: Block): void {
  for (const statement of block.statements) forward(context, statement);
}

function writtenByCall(context: Context, call: CallStatement): readonly MemoryClass[] {
  return [...memoriesOfCall(context.aliases, call)].filter(([callee]) => callee.isWritten).map(([, memory]) => memory);
}

function forward(context: Context, statement: Statement): void {
  const { aliases, varied } = context;
  const scalar = (value: Value): boolean => varied.scalars.has(value);
  const storeInto = (object: Value, key: string, value: Value): void => {
    if (scalar(value) && holdsDerivatives(object)) varied.addMemory(aliases.classOf(object)!, key);
  };
  const copyContents = (from: Value, to: Value): void => {
    const source = aliases.classOf(from)!;
    if (hasMark(varied, source, "[]") && holdsDerivatives(to)) varied.addMemory(aliases.classOf(to)!, "[]");
  };
  switch (statement.kind) {
    case "apply":
      if (argumentsWithDerivative(context, statement).some(scalar)) varied.addScalar(statement.result);
      return;
    case "narrow":
    case "recall":
      if (scalar(statement.value)) varied.addScalar(statement.result);
      return;
    case "load": {
      const memory = aliases.classOf(statement.object);
      if (memory && hasMark(varied, memory, contentsKey(statement.key))) varied.addScalar(statement.result);
      return;
    }
    case "pop":
      if (hasMark(varied, aliases.classOf(statement.object)!, "[]")) varied.addScalar(statement.result);
      return;
    case "store":
    case "addTo":
      return storeInto(statement.object, contentsKey(statement.key), statement.value);
    case "push":
    case "fill":
      return storeInto(statement.object, "[]", statement.value);
    case "allocate":
      if (statement.fill) storeInto(statement.result, "[]", statement.fill);
      return;
    case "literal":
      statement.elements.forEach((element, k) =>
        storeInto(
          statement.result,
          statement.fields?.[k] ?? (statement.result.type.kind === "tuple" ? String(k) : "[]"),
          element,
        ),
      );
      return;
    case "slice":
      return copyContents(statement.object, statement.result);
    case "copy":
      return copyContents(statement.source, statement.object);
    case "stop":
      if (stopPasses(context) && isMarked(aliases, varied, statement.object))
        markReachable(aliases, varied, statement.result);
      return;
    case "arrayPrimitive":
      if (!statement.arguments.some((argument) => isMarked(aliases, varied, argument))) return;
      if (isScalar(statement.result.type)) varied.addScalar(statement.result);
      else markReachable(aliases, varied, statement.result);
      return;
    case "externalCall":
      if (flowing(context, statement).some((argument) => isMarked(aliases, varied, argument)))
        markReachable(aliases, varied, statement.result);
      if (context.marksWhole) markWhole(aliases, varied, flowing(context, statement));
      return;
    case "call":
      if (!statement.arguments.some((argument) => isMarked(aliases, varied, argument))) return;
      if (context.marksWhole) markWhole(aliases, varied, statement.arguments);
      if (statement.result) markReachable(aliases, varied, statement.result);
      for (const memory of writtenByCall(context, statement)) markClass(aliases, varied, memory);
      return;
    case "if":
      forwardBlock(context, statement.then);
      forwardBlock(context, statement.else);
      statement.results.forEach((result, k) => {
        if ([statement.then, statement.else].some((block) => block.yields[k] && scalar(block.yields[k])))
          varied.addScalar(result);
      });
      return;
    case "loop":
      statement.parameters.forEach((parameter, k) => {
        if (scalar(statement.initial[k]!)) varied.addScalar(parameter);
      });
      forwardBlock(context, statement.body);
      statement.parameters.forEach((parameter, k) => {
        if (statement.body.yields[k] && scalar(statement.body.yields[k])) varied.addScalar(parameter);
        if (scalar(parameter)) varied.addScalar(statement.results[k]!);
      });
      return;
    // Without a derivative, or only names for memory: a view is of the class of what it shows.
    case "constant":
    case "placeholder":
    case "global":
    case "runtimeCall":
    case "evaluate":
    case "throw":
    case "length":
    case "zerosLike":
    case "view":
    case "ensure":
    case "receive":
    case "closure":
    case "note":
      return;
    default:
      return unreachable(statement);
  }
}

function backwardBlock(context: Context, block: Block): void {
  for (let k = block.statements.length - 1; k >= 0; k--) backward(context, block.statements[k]!);
}

function backward(context: Context, statement: Statement): void {
  const { aliases, useful } = context;
  const scalar = (value: Value): boolean => useful.scalars.has(value);
  const readBy = (object: Value, key: string): boolean => hasMark(useful, aliases.classOf(object)!, key);
  const loadFrom = (object: Value, key: string): void => {
    const memory = aliases.classOf(object);
    if (memory) useful.addMemory(memory, key);
  };
  switch (statement.kind) {
    case "apply":
      if (scalar(statement.result))
        argumentsWithDerivative(context, statement).forEach((value) => useful.addScalar(value));
      return;
    case "narrow":
    case "recall":
      if (scalar(statement.result)) useful.addScalar(statement.value);
      return;
    case "load":
      if (scalar(statement.result)) loadFrom(statement.object, contentsKey(statement.key));
      return;
    case "pop":
      if (scalar(statement.result)) loadFrom(statement.object, "[]");
      return;
    case "store":
    case "addTo":
      if (readBy(statement.object, contentsKey(statement.key))) useful.addScalar(statement.value);
      return;
    case "push":
    case "fill":
      if (readBy(statement.object, "[]")) useful.addScalar(statement.value);
      return;
    case "allocate":
      if (statement.fill && readBy(statement.result, "[]")) useful.addScalar(statement.fill);
      return;
    case "literal":
      statement.elements.forEach((element, k) => {
        const key = statement.fields?.[k] ?? (statement.result.type.kind === "tuple" ? String(k) : "[]");
        if (readBy(statement.result, key)) useful.addScalar(element);
      });
      return;
    case "slice":
      if (readBy(statement.result, "[]")) loadFrom(statement.object, "[]");
      return;
    case "copy":
      if (readBy(statement.object, "[]")) loadFrom(statement.source, "[]");
      return;
    case "stop":
      if (stopPasses(context) && isMarked(aliases, useful, statement.result))
        markReachable(aliases, useful, statement.object);
      return;
    case "arrayPrimitive": {
      const result = aliases.classOf(statement.result);
      if (result ? (useful.memory.get(result)?.size ?? 0) > 0 : scalar(statement.result))
        statement.arguments.forEach((argument) => markReachable(aliases, useful, argument));
      return;
    }
    case "externalCall":
      if (isMarked(aliases, useful, statement.result))
        flowing(context, statement).forEach((argument) => markReachable(aliases, useful, argument));
      return;
    case "call": {
      const isUseful =
        (statement.result !== null && isMarked(aliases, useful, statement.result)) ||
        writtenByCall(context, statement).some((memory) => isMarkedClass(aliases, useful, memory));
      if (isUseful) statement.arguments.forEach((argument) => markReachable(aliases, useful, argument));
      return;
    }
    case "if":
      for (const block of [statement.then, statement.else]) {
        statement.results.forEach((result, k) => {
          if (scalar(result) && block.yields[k]) useful.addScalar(block.yields[k]);
        });
        backwardBlock(context, block);
      }
      return;
    case "loop":
      statement.parameters.forEach((parameter, k) => {
        if ((scalar(statement.results[k]!) || scalar(parameter)) && statement.body.yields[k])
          useful.addScalar(statement.body.yields[k]);
      });
      backwardBlock(context, statement.body);
      statement.parameters.forEach((parameter, k) => {
        if (scalar(parameter) || scalar(statement.results[k]!)) useful.addScalar(statement.initial[k]!);
      });
      return;
    // As in the forward direction.
    case "constant":
    case "placeholder":
    case "global":
    case "runtimeCall":
    case "evaluate":
    case "throw":
    case "length":
    case "zerosLike":
    case "view":
    case "ensure":
    case "receive":
    case "closure":
    case "note":
      return;
    default:
      return unreachable(statement);
  }
}

/** Used by warnings: the element of this array can hold a derivative. */
export function isIntegerStorage(object: Value): boolean {
  return elementType(object.type)?.kind === "number" && !holdsDerivatives(object);
}
