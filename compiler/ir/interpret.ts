/**
 * The semantic reference of the IR: runs a function directly on JavaScript values (typed arrays, arrays, tuples as
 * arrays, records as plain objects), statement by statement, in order.
 *
 * Needs: verified, recall-free IR. Guarantees: the operations on numbers are exactly those of the IR, so what emission
 * prints must give the same bits.
 */
import type { Block, IrFunction, Key, LoopComparison, LoopStatement, Statement, Value } from "./ir.js";
import { allocate, grow, type Growable, type Numbers, sliceAs, zerosOf } from "./memory.js";
import { primitiveNamed } from "./primitives.js";
import { unreachable } from "./walk.js";

type Callable = (...args: never[]) => unknown;

export interface InterpretOptions {
  /** The value of a module-level constant, by the key of its binding. */
  readonly globals?: (binding: string) => unknown;
  /** The runtime function of that name: array primitives and what derivatives call. */
  readonly runtime?: (name: string) => Callable;
  /** Makes a function of an expression's text; gives text the scope it mentions. By default only globals are known. */
  readonly evaluate?: (parameters: readonly string[], text: string) => Callable;
  /** Another function of the unit, by its key. */
  readonly functions?: (callee: string) => IrFunction;
  /** Filled with what values are, of those in loops the last. */
  readonly values?: Map<Value, unknown>;
}

/** A place that can be read and written with a key: array, typed array, tuple, record. */
type Memory = Record<string | number, unknown>;

interface Frame {
  readonly values: Map<Value, unknown>;
  readonly options: InterpretOptions;
}

/** What the function returns for these arguments; writes to their memory as the function does. */
export function interpret(fn: IrFunction, args: readonly unknown[], options: InterpretOptions = {}): unknown {
  const frame: Frame = { values: options.values ?? new Map(), options: { ...options, values: undefined } };
  fn.parameters.forEach((parameter, k) => {
    frame.values.set(parameter.value, parameter.isRest ? args.slice(k) : args[k]);
  });
  return run(frame, fn.body)[0];
}

function get(frame: Frame, value: Value): unknown {
  if (!frame.values.has(value)) throw new Error(`value ${value.id} (${value.name}) is read before it is defined`);
  return frame.values.get(value);
}

const number = (frame: Frame, value: Value): number => get(frame, value) as number;
const memory = (frame: Frame, value: Value): Memory => get(frame, value) as Memory;
const array = (frame: Frame, value: Value): Growable => get(frame, value) as Growable;
const maybeNumber = (frame: Frame, value: Value | null): number | undefined =>
  value ? number(frame, value) : undefined;
const keyOf = (frame: Frame, key: Key): string | number => (key.kind === "index" ? number(frame, key.index) : key.name);
const all = (frame: Frame, values: readonly Value[]): unknown[] => values.map((value) => get(frame, value));

/** Runs a block and gives back what it yields. */
function run(frame: Frame, block: Block): unknown[] {
  for (const statement of block.statements) {
    if (statement.kind === "if") runIf(frame, statement);
    else if (statement.kind === "loop") runLoop(frame, statement);
    else if ("result" in statement) {
      const value = evaluate(frame, statement);
      if (statement.result) frame.values.set(statement.result, value);
    } else perform(frame, statement);
  }
  return all(frame, block.yields);
}

function define(frame: Frame, targets: readonly Value[], values: readonly unknown[]): void {
  targets.forEach((target, k) => frame.values.set(target, values[k]));
}

function runIf(frame: Frame, statement: Statement & { kind: "if" }): void {
  const branch = get(frame, statement.condition) ? statement.then : statement.else;
  define(frame, statement.results, run(frame, branch));
}

const comparisons: Readonly<Record<LoopComparison, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function runLoop(frame: Frame, statement: LoopStatement): void {
  const { counter, upper, comparison, step, parameters, test, body, exit } = statement;
  let carried = all(frame, statement.initial);
  let count = number(frame, statement.lower);
  const limit = upper && number(frame, upper);
  let trips = 0;
  for (;;) {
    if (limit !== null && !comparisons[comparison](count, limit)) break;
    frame.values.set(counter, count);
    define(frame, parameters, carried);
    if (test && !run(frame, test)[0]) break;
    trips++;
    carried = run(frame, body);
    if (exit && get(frame, exit)) break;
    count += step;
  }
  define(frame, statement.results, carried);
  if (statement.trips) frame.values.set(statement.trips, trips);
}

type Plain = Exclude<Statement, { kind: "if" | "loop" }>;
type Defining = Extract<Plain, { result: unknown }>;

/** The value of a statement that has a result. */
function evaluate(frame: Frame, statement: Defining): unknown {
  switch (statement.kind) {
    case "constant":
      return statement.value;
    case "placeholder":
      return undefined;
    case "global":
      return required(frame.options.globals, "globals")(statement.binding);
    case "apply": {
      const primitive = primitiveNamed(statement.primitive).evaluate as (...args: unknown[]) => unknown;
      return primitive(...all(frame, statement.arguments));
    }
    case "arrayPrimitive":
      return callRuntime(frame, statement.primitive, statement.arguments);
    case "runtimeCall":
      return callRuntime(frame, statement.name, statement.arguments);
    case "closure":
      return (...given: unknown[]): unknown =>
        interpret(
          required(frame.options.functions, "functions")(statement.callee),
          [...all(frame, statement.arguments), ...given],
          frame.options,
        );
    case "call":
      return interpret(
        required(frame.options.functions, "functions")(statement.callee),
        all(frame, statement.arguments),
        frame.options,
      );
    case "externalCall": {
      const { callee } = statement;
      const given = all(frame, statement.arguments);
      if (callee.kind === "derivative")
        return interpret(required(frame.options.functions, "functions")(callee.key), given, frame.options);
      if (callee.kind === "hooked") return structuredClone(given[0]);
      if (callee.kind !== "binding") throw new Error(`the hook of ${statement.name} cannot be run`);
      const called = required(frame.options.globals, "globals")(callee.key) as Callable;
      return called(...(given as never[]));
    }
    case "evaluate":
      return evaluateText(frame, statement.pieces);
    case "narrow":
      return get(frame, statement.value);
    case "stop":
      return get(frame, statement.object);
    case "recall":
      throw new Error(`recall of value ${statement.value.id} (${statement.value.name}) cannot be run`);
    default:
      return evaluateMemory(frame, statement);
  }
}

type MemoryKind = "length" | "load" | "allocate" | "literal" | "zerosLike" | "view" | "slice" | "pop" | "ensure";

/** Reads of memory and what makes it. */
function evaluateMemory(frame: Frame, statement: Extract<Defining, { kind: MemoryKind }>): unknown {
  switch (statement.kind) {
    case "length":
      return array(frame, statement.object).length;
    case "load":
      return memory(frame, statement.object)[keyOf(frame, statement.key)];
    case "allocate": {
      const made = allocate(statement.result.type, number(frame, statement.length));
      return statement.fill ? made.fill(get(frame, statement.fill) as never) : made;
    }
    case "literal": {
      const elements = all(frame, statement.elements);
      const { fields } = statement;
      return fields === null ? elements : Object.fromEntries(fields.map((name, k) => [name, elements[k]]));
    }
    case "zerosLike":
      if (statement.keepsIdentity)
        return required(frame.options.runtime, "runtime")("shadowsOf")(get(frame, statement.object) as never);
      return zerosOf(statement.result.type, get(frame, statement.object));
    case "view":
      return (get(frame, statement.object) as Numbers).subarray(
        number(frame, statement.start),
        maybeNumber(frame, statement.end),
      );
    case "slice":
      return sliceAs(
        statement.result.type,
        array(frame, statement.object),
        maybeNumber(frame, statement.start),
        maybeNumber(frame, statement.end),
      );
    case "pop": {
      const from = get(frame, statement.object) as unknown[];
      return statement.atStart ? from.shift() : from.pop();
    }
    case "ensure":
      return grow(array(frame, statement.object), number(frame, statement.capacity));
    default:
      return unreachable(statement);
  }
}

/** A statement without a result. */
function perform(frame: Frame, statement: Exclude<Plain, Defining>): void {
  switch (statement.kind) {
    case "throw":
      throw evaluateText(frame, statement.pieces);
    case "store":
      memory(frame, statement.object)[keyOf(frame, statement.key)] = get(frame, statement.value);
      return;
    case "addTo": {
      const object = memory(frame, statement.object) as Record<string | number, number>;
      const key = keyOf(frame, statement.key);
      object[key] = object[key]! + number(frame, statement.value);
      return;
    }
    case "fill": {
      const [start, end] = [maybeNumber(frame, statement.start), maybeNumber(frame, statement.end)];
      array(frame, statement.object).fill(get(frame, statement.value) as never, start, end);
      return;
    }
    case "copy": {
      const source = get(frame, statement.source) as ArrayLike<number>;
      (get(frame, statement.object) as Numbers).set(source, number(frame, statement.offset));
      return;
    }
    case "push": {
      const onto = get(frame, statement.object) as unknown[];
      if (statement.atStart) onto.unshift(get(frame, statement.value));
      else onto.push(get(frame, statement.value));
      return;
    }
    case "note":
      return;
    case "receive":
      throw new Error("a function that is to be cut in two cannot be run");
    default:
      return unreachable(statement);
  }
}

function required<T>(option: T | undefined, name: string): T {
  if (option === undefined) throw new Error(`the interpreter needs the option ${name}`);
  return option;
}

function callRuntime(frame: Frame, name: string, args: readonly Value[]): unknown {
  return required(frame.options.runtime, "runtime")(name)(...(all(frame, args) as never[]));
}

/** The text's holes become parameters of a function. */
function evaluateText(frame: Frame, pieces: readonly (string | Value)[]): unknown {
  const holes: Value[] = [];
  const text = pieces.map((piece) => (typeof piece === "string" ? piece : `$${holes.push(piece) - 1}`)).join("");
  const names = holes.map((_, k) => `$${k}`);
  const make = frame.options.evaluate ?? compileText;
  return make(names, text)(...(all(frame, holes) as never[]));
}

function compileText(parameters: readonly string[], text: string): Callable {
  return new Function(...parameters, `"use strict"; return (${text});`) as Callable;
}
