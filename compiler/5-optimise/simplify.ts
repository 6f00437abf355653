/**
 * Simplification: algebra on derivative code, constant branches, carried values that never change.
 *
 * Needs: any verified function. Guarantees: values of the primal keep their bits (constant branches, identical choices,
 * sums and products of small integers and products with one go); derivative values may be regrouped.
 *
 * before: t = 1 * k; u = t + 0; r = if c {true} else {false}        after: k; k; c
 */
import { BlockBuilder, newValue } from "../ir/build.js";
import type {
  ApplyStatement,
  Block,
  ConstantStatement,
  IfStatement,
  IrFunction,
  LiteralStatement,
  LoadStatement,
  LoopStatement,
  Statement,
  Type,
  Value,
} from "../ir/ir.js";
import { sameAccess, sameType } from "../ir/types.js";
import { countUses, mapBlocks, mapOperands, withBody, endsInThrow } from "../ir/walk.js";

interface Facts {
  readonly replaced: Map<Value, Value>;
  readonly constants: Map<Value, number | boolean>;
  /** The same, and texts and what is missing: only comparisons may know of these. */
  readonly literals: Map<Value, ConstantStatement["value"]>;
  /** Constants of modules that are numbers: whoever changes one need not generate anew, so that the primal does not ask. */
  readonly globals: Map<Value, number>;
  readonly definitions: Map<Value, ApplyStatement>;
  /** How often a value is read, at most. */
  readonly uses: Map<Value, number>;
  /** Results of runtime functions. */
  readonly called: Set<Value>;
  /** Reads of fields. */
  readonly parts: Map<Value, LoadStatement>;
  changed: boolean;
}

export function simplify(fn: IrFunction): IrFunction {
  let current = fn;
  for (let round = 0; round < 8; round++) {
    const facts: Facts = {
      replaced: new Map(),
      constants: new Map(),
      literals: new Map(),
      globals: new Map(),
      definitions: new Map(),
      uses: new Map(countUses(current.body)),
      parts: new Map(),
      called: new Set(),
      changed: false,
    };
    const body = simplifyBlock(facts, current.body);
    if (!facts.changed) return current;
    current = withBody(current, body);
  }
  return current;
}

function resolve(facts: Facts, value: Value): Value {
  let target = value;
  for (let next = facts.replaced.get(target); next; next = facts.replaced.get(target)) target = next;
  return target;
}

function replace(facts: Facts, value: Value, by: Value): void {
  if (value === by) return;
  facts.replaced.set(value, by);
  facts.uses.set(by, (facts.uses.get(by) ?? 0) + (facts.uses.get(value) ?? 0));
  facts.changed = true;
}

function simplifyBlock(facts: Facts, block: Block): Block {
  const builder = new BlockBuilder();
  for (const original of block.statements) {
    const statement = mapOperands(original, (value) => resolve(facts, value));
    simplifyStatement(facts, builder, statement);
  }
  const yields = block.yields.map((value) => resolve(facts, value));
  return { ...block, statements: builder.statements, yields };
}

function simplifyStatement(facts: Facts, builder: BlockBuilder, statement: Statement): void {
  switch (statement.kind) {
    case "constant":
      if (typeof statement.value === "number" || typeof statement.value === "boolean")
        facts.constants.set(statement.result, statement.value);
      facts.literals.set(statement.result, statement.value);
      builder.add(statement);
      return;
    case "global":
      if (statement.literal !== undefined) facts.globals.set(statement.result, statement.literal);
      builder.add(statement);
      return;
    case "recall": {
      // What decides a branch decides its mirror, which must go where the branch goes.
      const known = facts.constants.get(statement.value);
      if (typeof known === "boolean")
        return replace(facts, statement.result, constantLike(facts, builder, statement.result, known));
      builder.add(statement);
      return;
    }
    case "narrow":
      // Of nothing only where nothing leads.
      if (!tellsMore(statement.result.type, statement.value.type))
        return replace(facts, statement.result, statement.value);
      builder.add(statement);
      return;
    case "apply":
      return simplifyApply(facts, builder, statement);
    case "if":
      return simplifyIf(facts, builder, statement);
    case "loop":
      return simplifyLoop(facts, builder, statement);
    case "runtimeCall":
      if (statement.result) facts.called.add(statement.result);
      builder.add(statement);
      return;
    case "addTo": {
      const isProduct = facts.definitions.get(statement.value)?.primitive !== "negate";
      const positive = isProduct ? negatedOf(facts, builder, statement.value) : null;
      if (positive) facts.changed = true;
      const value =
        positive && builder.apply("negate", [positive], statement.value.type, { role: statement.value.role });
      builder.add(value ? { ...statement, value } : statement);
      return;
    }
    case "load":
      if (statement.key.kind === "field") facts.parts.set(statement.result, statement);
      builder.add(statement);
      return;
    case "literal": {
      const whole = wholeTuple(facts, statement);
      if (whole) return replace(facts, statement.result, whole);
      builder.add(statement);
      return;
    }
    default:
      builder.add(mapBlocks(statement, (nested) => simplifyBlock(facts, nested)));
  }
}

/** A tuple of derivatives that is taken apart and put together again. */
function wholeTuple(facts: Facts, statement: LiteralStatement): Value | null {
  const reads = statement.elements.map((element) => facts.parts.get(element));
  const whole = reads[0]?.object;
  const type = statement.result.type;
  if (!whole || type.kind !== "tuple" || whole.type.kind !== "tuple" || !facts.called.has(whole)) return null;
  const isSame = reads.every(
    (read, k) => read?.object === whole && read.key.kind === "field" && read.key.name === String(k),
  );
  return isSame && whole.type.elements.length === reads.length ? whole : null;
}

// ------------------------------------------------------------------------------------------------- branches

function simplifyIf(facts: Facts, builder: BlockBuilder, statement: IfStatement): void {
  const known = facts.constants.get(statement.condition);
  if (typeof known === "boolean" && !statement.isCheckpoint) {
    const taken = simplifyBlock(facts, known ? statement.then : statement.else);
    taken.statements.forEach((inside) => builder.add(inside));
    statement.results.forEach((result, k) => taken.yields[k] && replace(facts, result, taken.yields[k]));
    facts.changed = true;
    return;
  }
  const inside = mapBlocks(statement, (nested) => simplifyBlock(facts, nested)) as IfStatement;
  if (endsInThrow(inside.then) || endsInThrow(inside.else)) {
    builder.add(inside);
    return;
  }
  inside.results.forEach((result, k) => {
    const [yes, no] = [inside.then.yields[k]!, inside.else.yields[k]!];
    if (yes === no) return replace(facts, result, yes);
    const constants = [facts.constants.get(yes), facts.constants.get(no)];
    if (constants[0] !== undefined && Object.is(constants[0], constants[1]))
      return replace(facts, result, constantLike(facts, builder, result, constants[0]));
    if (constants[0] === true && constants[1] === false) replace(facts, result, inside.condition);
    // `if c {c} else {false}` and `if c {true} else {c}` are c.
    if (yes === inside.condition && constants[1] === false) replace(facts, result, inside.condition);
    if (no === inside.condition && constants[0] === true) replace(facts, result, inside.condition);
  });
  builder.add(inside);
}

function constantLike(facts: Facts, builder: BlockBuilder, like: Value, value: number | boolean): Value {
  const result = newValue(like.type, { role: like.role, span: like.span });
  builder.add({ kind: "constant", result, value, text: null, span: like.span });
  facts.constants.set(result, value);
  facts.literals.set(result, value);
  return result;
}

/** A carried value that is yielded as it came is the initial value. */
function simplifyLoop(facts: Facts, builder: BlockBuilder, statement: LoopStatement): void {
  statement.parameters.forEach((parameter, k) => {
    if (statement.body.yields[k] !== parameter && resolve(facts, statement.body.yields[k]!) !== parameter) return;
    if (endsInThrow(statement.body)) return;
    replace(facts, parameter, statement.initial[k]!);
    replace(facts, statement.results[k]!, statement.initial[k]!);
  });
  const kept = statement.parameters.map((parameter) => !facts.replaced.has(parameter));
  const pick = <T>(values: readonly T[]): readonly T[] => values.filter((_, k) => kept[k]);
  const inside = mapBlocks(statement, (nested) => simplifyBlock(facts, nested)) as LoopStatement;
  builder.add({
    ...inside,
    exit: inside.exit && resolve(facts, inside.exit),
    parameters: pick(inside.parameters),
    initial: pick(inside.initial),
    results: pick(inside.results),
    body: { ...inside.body, yields: pick(inside.body.yields) },
  });
}

// ------------------------------------------------------------------------------------------------- algebra

function simplifyApply(facts: Facts, builder: BlockBuilder, statement: ApplyStatement): void {
  const constantResult = compareConstants(facts, statement);
  if (constantResult !== null) {
    return replace(facts, statement.result, constantLike(facts, builder, statement.result, constantResult));
  }
  // Derivatives have been taken: only the value is left.
  if (statement.primitive === "selected" || statement.primitive === "extremum")
    return replace(facts, statement.result, statement.arguments[0]!);
  if (statement.result.role === "primal") return simplifyPrimal(facts, builder, statement);
  const simpler = derivativeAlgebra(facts, builder, statement);
  if (simpler === null) {
    facts.definitions.set(statement.result, statement);
    builder.add(statement);
  } else if ("kind" in simpler) {
    facts.definitions.set(simpler.result, simpler);
    facts.changed = true;
    builder.add(simpler);
  } else replace(facts, statement.result, simpler);
}

/** Of the primal only what keeps every bit: sums and products of small integers, products with one. */
function simplifyPrimal(facts: Facts, builder: BlockBuilder, statement: ApplyStatement): void {
  const [first, second] = statement.arguments as [Value, Value];
  const [a, b] = [facts.constants.get(first), facts.constants.get(second)];
  const known = typeof a === "number" && typeof b === "number" ? smallInteger(statement.primitive, a, b) : null;
  if (known !== null) {
    return replace(facts, statement.result, constantLike(facts, builder, statement.result, known));
  }
  if (statement.primitive === "multiply" && statement.result.name === null) {
    if (a === 1) return replace(facts, statement.result, second);
    if (b === 1) return replace(facts, statement.result, first);
  }
  builder.add(statement);
}

function smallInteger(primitive: string, a: number, b: number): number | null {
  const isSmall = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  if (!isSmall(a) || !isSmall(b)) return null;
  const value = primitive === "add" ? a + b : primitive === "subtract" ? a - b : primitive === "multiply" ? a * b : NaN;
  return isSmall(value) && !Object.is(value, -0) ? value : null;
}

/** Comparisons of literals, `not` of them, and tests of what is known to be missing. */
function compareConstants(facts: Facts, statement: ApplyStatement): boolean | null {
  const { primitive } = statement;
  const { type } = statement.arguments[0]!;
  if (type.kind === "nullish" && primitive === "isNullish") return true;
  if (type.kind === "nullish" && primitive === "isUndefined") return type.missing === "undefined";
  const globals = statement.result.role === "primal" ? null : facts.globals;
  const isKnown = (value: Value): boolean => facts.literals.has(value) || (globals?.has(value) ?? false);
  if (!statement.arguments.every(isKnown)) return null;
  const [a, b] = statement.arguments.map((value) => facts.literals.get(value) ?? globals?.get(value));
  switch (primitive) {
    case "not":
      return !a;
    case "isUndefined":
      return a === undefined;
    case "isNullish":
      return a == null;
    case "equal":
      return a === b;
    case "notEqual":
      return a !== b;
    default:
      return null;
  }
}

/** What a value is the negative of, where that is told: -a, (-a) / b and (-a) * b. */
function negatedOf(facts: Facts, builder: BlockBuilder, value: Value): Value | null {
  const definition = facts.definitions.get(value);
  if (definition?.primitive === "negate") return definition.arguments[0]!;
  if (definition?.primitive !== "divide" && definition?.primitive !== "multiply") return null;
  // Where others read it too, both would have to be computed.
  const inner = facts.uses.get(value) !== 1 ? null : negatedOf(facts, builder, definition.arguments[0]!);
  if (!inner) return null;
  const result = newValue(value.type, { role: value.role, span: value.span });
  const positive: ApplyStatement = { ...definition, result, arguments: [inner, definition.arguments[1]!] };
  facts.definitions.set(result, positive);
  facts.uses.set(result, 1);
  builder.add(positive);
  return result;
}

/** A simpler form: another value, a replacement statement, or null where there is none. */
function derivativeAlgebra(
  facts: Facts,
  builder: BlockBuilder,
  statement: ApplyStatement,
): Value | ApplyStatement | null {
  const [a, b] = statement.arguments as [Value, Value];
  const number = (value: Value | undefined): number | null => {
    const known = value && facts.constants.get(value);
    return typeof known === "number" ? known : null;
  };
  const negated = (value: Value): Value | null => negatedOf(facts, builder, value);
  const rewrite = (primitive: string, args: readonly Value[]): ApplyStatement => ({
    ...statement,
    primitive,
    arguments: args,
  });
  const literal = (value: number): Value => constantLike(facts, builder, statement.result, value);
  switch (statement.primitive) {
    case "multiply": {
      if (number(a) === 1) return b;
      if (number(b) === 1) return a;
      // A derivative that is absent stays absent, whatever it meets.
      if (isZero(number(a)) || isZero(number(b))) return literal(0);
      if (number(a) === -1) return rewrite("negate", [b]);
      if (number(b) === -1) return rewrite("negate", [a]);
      const [left, right] = [facts.definitions.get(a), facts.definitions.get(b)];
      if (left?.primitive === "negate" && right?.primitive === "negate")
        return rewrite("multiply", [left.arguments[0]!, right.arguments[0]!]);
      if (number(a) !== null && number(b) !== null) return literal(number(a)! * number(b)!);
      const inner = facts.definitions.get(b);
      if (number(a) !== null && inner?.primitive === "multiply" && number(inner.arguments[0]) !== null)
        return rewrite("multiply", [literal(number(a)! * number(inner.arguments[0])!), inner.arguments[1]!]);
      return null;
    }
    case "divide":
      return number(b) === 1 ? a : isZero(number(a)) ? literal(0) : null;
    case "add": {
      if (isZero(number(a))) return b;
      if (isZero(number(b))) return a;
      if (number(a) !== null && number(b) !== null) return literal(number(a)! + number(b)!);
      if (a === b) return rewrite("multiply", [literal(2), a]);
      const right = negated(b);
      if (right) return rewrite("subtract", [a, right]);
      const left = negated(a);
      if (left) return rewrite("subtract", [b, left]);
      return null;
    }
    case "subtract": {
      if (isZero(number(b))) return a;
      if (isZero(number(a))) return rewrite("negate", [b]);
      if (number(b)! < 0) return rewrite("add", [a, literal(-number(b)!)]);
      const right = negated(b);
      return right ? rewrite("add", [a, right]) : null;
    }
    case "negate": {
      if (number(a) !== null) return literal(-number(a)!);
      return negated(a);
    }
    default:
      return null;
  }
}

/** Zeros in derivative code stand for absent adjoints. */
function isZero(value: number | null): boolean {
  return value === 0;
}

/** A value that may be missing is there, or an instance of several classes is of one of them. */
function tellsMore(type: Type, before: Type): boolean {
  if (before.kind === "optional" || before.kind === "nullish") return true;
  if (sameType(before, type) && !sameAccess(before, type)) return true;
  if (before.kind !== "record" || type.kind !== "record") return false;
  return type.fields.some((field) => {
    const known = before.fields.find(({ name }) => name === field.name);
    return !known || (known.isOptional && !field.isOptional);
  });
}
