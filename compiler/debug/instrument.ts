/**
 * Probes: every number that a function computes, and every number that an operation takes, goes through a function that
 * gives it back, with a rule: so that whoever provides these functions sees all values, cotangents and tangents, and can
 * add to them.
 *
 * Needs: functions as lowered. Guarantees: the same values; no probe in tests of loops, which have no effects.
 *
 * before: y = multiply a, b        after: a' = probe(a); b' = probe(b); y' = multiply a', b'; y = probe(y')
 */
import { BlockBuilder, newValue, numberType } from "../ir/build.js";
import type { Binding, Block, IrFunction, Span, Statement, Unit, Value } from "../ir/ir.js";
import { mapBlocks, mapOperands, visitStatements } from "../ir/walk.js";
import { hasDerivative } from "../rules/index.js";

/** A place in the source where numbers are looked at. */
export interface Probe {
  readonly span: Span;
  /** The variable, or null for an intermediate. */
  readonly name: string | null;
  /** What is looked at, where the source has it. */
  readonly written: Span | null;
  /** What is taken, given, or put into memory; `call` marks a call with a rule or a hook, and looks at no number. */
  readonly kind: "operand" | "result" | "stored" | "call";
}

export interface Instrumented {
  readonly unit: Unit;
  /** Derivatives are stopped somewhere, so that differences tell of another function. */
  readonly isStopped: boolean;
  /** By the number that the functions are called with. */
  readonly probes: readonly Probe[];
}

/** Where the functions of the probes are: `forward(x, probe)`, `pullback(x, probe, x, xBar)`, `pushforward(…, [xDot])`. */
export const probesSymbol = "adjoint.probes";

const parts = { probe: "forward", probePullback: "pullback", probePushforward: "pushforward" } as const;

/** Of what a function of the unit runs. */
export function instrument(unit: Unit, root: string): Instrumented {
  const probes: Probe[] = [];
  const run = calledFrom(unit, [root]);
  // A probe has no second derivative.
  const inside = calledFrom(
    unit,
    [...unit.derivatives.values()].map(({ of }) => of),
  );
  const functions = new Map(
    [...unit.functions].map(([key, fn]) => [key, run.has(key) && !inside.has(key) ? instrumented(fn, probes) : fn]),
  );
  const bindings = new Map(unit.bindings);
  for (const [name, part] of Object.entries(parts)) bindings.set(name, bindingOf(unit.file, name, part));
  const rules = new Map(unit.rules);
  rules.set("probe", { kind: "pullback", pullback: "probePullback", pushforward: "probePushforward" });
  return { unit: { ...unit, functions, bindings, rules }, isStopped: isStopped([...run.values()]), probes };
}

function isStopped(functions: readonly IrFunction[]): boolean {
  let found = false;
  for (const fn of functions)
    visitStatements(fn.body, (statement) => {
      found ||= statement.kind === "stop" || (statement.kind === "apply" && statement.primitive === "stopGradient");
    });
  return found;
}

/** By key. */
function calledFrom({ functions }: Unit, roots: readonly string[]): ReadonlyMap<string, IrFunction> {
  const found = new Map<string, IrFunction>();
  const enter = (key: string): void => {
    const fn = functions.get(key);
    if (!fn || found.has(key)) return;
    found.set(key, fn);
    visitStatements(fn.body, (statement) => {
      if (statement.kind === "call") enter(statement.callee);
    });
  };
  roots.forEach(enter);
  return found;
}

function bindingOf(file: string, name: string, part: string): Binding {
  const declarationText = `const ${name} = (globalThis as any)[Symbol.for("${probesSymbol}")].${part};`;
  return { name, file, exportedAs: null, declarationText, inTypes: "never" };
}

function instrumented(fn: IrFunction, probes: Probe[]): IrFunction {
  const constants = new Set<Value>();
  const inBlock = (block: Block): Block => {
    const builder = new BlockBuilder(null);
    for (const statement of block.statements) instrumentStatement(statement, builder);
    return { ...block, statements: builder.statements };
  };
  const probed = (builder: BlockBuilder, x: Value, result: Value, probe: Probe): void => {
    builder.span = probe.span;
    const number = builder.constant(probes.push(probe) - 1);
    builder.add({
      kind: "externalCall",
      result,
      callee: { kind: "binding", key: "probe" },
      name: "probe",
      arguments: [x, number],
      rule: "probe",
      flows: [numberType, null],
      isPure: false,
      span: probe.span,
    });
  };
  const instrumentStatement = (statement: Statement, builder: BlockBuilder): void => {
    const { span } = statement;
    if (statement.kind === "constant") constants.add(statement.result);
    if (statement.kind === "loop") return builder.add({ ...statement, body: inBlock(statement.body) });
    if (statement.kind === "if") return builder.add(mapBlocks(statement, inBlock));
    if (!span) return builder.add(statement);
    const passed = new Map<Value, Value>();
    for (const operand of new Set(operandsLookedAt(statement))) {
      if (operand.type.kind !== "number" || constants.has(operand)) continue;
      const result = newValue(numberType, { name: operand.name, role: operand.role, span: operand.span });
      probed(builder, operand, result, {
        span,
        name: operand.name,
        written: operand.span,
        kind: storing.has(statement.kind) ? "stored" : "operand",
      });
      passed.set(operand, result);
    }
    const given = mapOperands(statement, (operand) => passed.get(operand) ?? operand);
    if (statement.kind === "externalCall" && (statement.rule !== null || statement.callee.kind === "hooked")) {
      const mark = { span, name: null, written: null, kind: "call" } as const;
      probed(builder, builder.constant(0), newValue(numberType), mark);
    }
    if (!isLookedAt(given) || given.result?.type.kind !== "number") return builder.add(given);
    const made = newValue(numberType, { name: given.result.name, span });
    builder.add({ ...given, result: made });
    probed(builder, made, given.result, { span, name: given.result.name, written: span, kind: "result" });
  };
  return { ...fn, body: inBlock(fn.body) };
}

const storing: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>(["store", "addTo", "push"]);

/** What derivatives flow through. */
function operandsLookedAt(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "apply":
      return statement.arguments.filter((_, k) => hasDerivative(statement.primitive, k));
    case "externalCall":
      return statement.arguments.filter((_, k) => statement.flows[k]);
    case "arrayPrimitive":
    case "call":
      return statement.arguments;
    case "store":
    case "addTo":
    case "push":
      return [statement.value];
    default:
      return [];
  }
}

function isLookedAt(
  statement: Statement,
): statement is Extract<Statement, { kind: "apply" | "load" | "externalCall" | "arrayPrimitive" | "call" | "pop" }> {
  return /^(apply|load|externalCall|arrayPrimitive|call|pop)$/.test(statement.kind);
}
