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

/** One direction of the analysis: scalars, and numbers in memory by class and key. */
class Marks {
  readonly scalars = new Set<Value>();
  readonly memory = new Map<MemoryClass, Set<string>>();
  changed = false;

  addScalar(value: Value): void {
    if (!isScalar(value.type) || this.scalars.has(value)) return;
    this.scalars.add(value);
    this.changed = true;
  }
  addMemory(memory: MemoryClass, key: string): void {
    let keys = this.memory.get(memory);
    if (!keys) this.memory.set(memory, (keys = new Set()));
    if (keys.has(key)) return;
    keys.add(key);
    this.changed = true;
  }
  hasMemory(memory: MemoryClass, key: string): boolean {
    return this.memory.get(memory)?.has(key) ?? false;
  }
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
    if (paths) paths.forEach((path) => markAt(context, varied, aliases.classOf(parameter), path));
    else markReachable(context, varied, parameter);
  }
  for (const result of results) markReachable(context, useful, result);
  fixedPoint(varied, () => forwardBlock(context, fn.body));
  const whole = { ...context, marksWhole: true };
  fixedPoint(varied, () => {
    forwardBlock(whole, fn.body);
    if (question.isHandedOut) markWhole(whole, varied, results);
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

function fixedPoint(marks: Marks, sweep: () => void): void {
  do {
    marks.changed = false;
    sweep();
  } while (marks.changed);
}

/** Whether a class or any class reachable from it passes a test; memoised. */
function reachability(aliases: AliasFacts, test: (memory: MemoryClass) => boolean): (memory: MemoryClass) => boolean {
  const memo = new Map<MemoryClass, boolean>();
  return (memory) => {
    const known = memo.get(memory);
    if (known !== undefined) return known;
    // Classes may reach one another in a circle.
    const seen = new Set<MemoryClass>();
    const enter = (inside: MemoryClass | null): boolean => {
      if (!inside || seen.has(inside)) return false;
      seen.add(inside);
      return test(inside) || aliases.keysOf(inside).some((key) => enter(aliases.contentsOf(inside, key)));
    };
    const answer = enter(memory);
    memo.set(memory, answer);
    return answer;
  };
}

/** Marks a scalar, or every number that can be reached from a reference. */
function markReachable(context: Context, marks: Marks, value: Value): void {
  if (isScalar(value.type)) marks.addScalar(value);
  const memory = context.aliases.classOf(value);
  if (memory) markClass(context, marks, memory, new Set());
}

/**
 * Where something has numbers that are marked, all memory that it leads to has: its shadow goes where nobody knows which
 * parts have none.
 */
function markWhole(context: Context, marks: Marks, values: readonly Value[]): void {
  const seen = new Set<MemoryClass>();
  const enter = (memory: MemoryClass): void => {
    if (seen.has(memory)) return;
    seen.add(memory);
    if (!marks.memory.has(memory)) marks.addMemory(memory, "*");
    for (const key of context.aliases.keysOf(memory)) {
      const inside = context.aliases.contentsOf(memory, key);
      if (inside) enter(inside);
    }
  };
  if (!context.marksWhole) return;
  for (const value of values) {
    const memory = context.aliases.classOf(value);
    if (memory && isMarkedClass(context, marks, memory)) enter(memory);
  }
}

/** The same for what the fields lead to from an object of the class. */
function markAt(context: Context, marks: Marks, memory: MemoryClass | null, path: readonly string[]): void {
  const [name, ...rest] = path;
  if (!memory || name === undefined) return;
  const inside = context.aliases.contentsOf(memory, name);
  if (rest.length > 0) markAt(context, marks, inside, rest);
  else if (inside) markClass(context, marks, inside, new Set());
  else marks.addMemory(memory, name);
}

/** Every key that the program names in a class is marked; `*` stands for keys that only literals or callers fill. */
function markClass(context: Context, marks: Marks, memory: MemoryClass, seen: Set<MemoryClass>): void {
  if (seen.has(memory)) return;
  seen.add(memory);
  marks.addMemory(memory, "*");
  for (const key of context.aliases.keysOf(memory)) {
    const inside = context.aliases.contentsOf(memory, key);
    if (inside) markClass(context, marks, inside, seen);
  }
}

function hasMark(marks: Marks, memory: MemoryClass, key: string): boolean {
  return marks.hasMemory(memory, key) || marks.hasMemory(memory, "*");
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

/** The scalar, or some number reachable from the reference, is marked. */
function isMarked(context: Context, marks: Marks, value: Value): boolean {
  if (marks.scalars.has(value)) return true;
  const memory = context.aliases.classOf(value);
  return memory !== null && isMarkedClass(context, marks, memory);
}

function isMarkedClass(context: Context, marks: Marks, memory: MemoryClass): boolean {
  return reachability(context.aliases, (inside) => (marks.memory.get(inside)?.size ?? 0) > 0)(memory);
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
      if (stopPasses(context) && isMarked(context, varied, statement.object))
        markReachable(context, varied, statement.result);
      return;
    case "arrayPrimitive":
      if (!statement.arguments.some((argument) => isMarked(context, varied, argument))) return;
      if (isScalar(statement.result.type)) varied.addScalar(statement.result);
      else markReachable(context, varied, statement.result);
      return;
    case "externalCall":
      if (flowing(context, statement).some((argument) => isMarked(context, varied, argument)))
        markReachable(context, varied, statement.result);
      markWhole(context, varied, flowing(context, statement));
      return;
    case "call":
      if (!statement.arguments.some((argument) => isMarked(context, varied, argument))) return;
      markWhole(context, varied, statement.arguments);
      if (statement.result) markReachable(context, varied, statement.result);
      for (const memory of writtenByCall(context, statement)) markClass(context, varied, memory, new Set());
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
      if (stopPasses(context) && isMarked(context, useful, statement.result))
        markReachable(context, useful, statement.object);
      return;
    case "arrayPrimitive": {
      const result = aliases.classOf(statement.result);
      if (result ? (useful.memory.get(result)?.size ?? 0) > 0 : scalar(statement.result))
        statement.arguments.forEach((argument) => markReachable(context, useful, argument));
      return;
    }
    case "externalCall":
      if (isMarked(context, useful, statement.result))
        flowing(context, statement).forEach((argument) => markReachable(context, useful, argument));
      return;
    case "call": {
      const isUseful =
        (statement.result !== null && isMarked(context, useful, statement.result)) ||
        writtenByCall(context, statement).some((memory) => isMarkedClass(context, useful, memory));
      if (isUseful) statement.arguments.forEach((argument) => markReachable(context, useful, argument));
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
