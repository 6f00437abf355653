/**
 * `vjp`: the forward sweep gives the value and a function that runs the reverse sweep for any seed, as often as wanted.
 *
 * Needs: a prepared function. Guarantees: a pullback reads nothing that callers can write, and writes nothing that the
 * next one reads.
 *
 * before: a = sin x; receive seed; xBar = seed * cos x        after: a = sin x; { value: a, pullback: (seed) => g(x, seed) }
 */
import { aliasClasses, type AliasFacts, type MemoryClass } from "../3-analyse/aliases.js";
import { reachableFrom } from "../3-analyse/entangled.js";
import { numbersIn } from "../3-analyse/rowPlans.js";
import { memoryWrittenIn } from "../3-analyse/writtenMemory.js";
import { BlockBuilder, newBlock, newParameter, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import type { Block, IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { elementType, isReference } from "../ir/types.js";
import { freeValues, mapBlocks, operandsOf, substitute, visitStatements } from "../ir/walk.js";
import type { Request } from "../requests.js";
import { adjoint } from "./adjoint.js";
import { assemble } from "./inputs.js";
import { cutParts, namesOf } from "./cutInTwo.js";
import { callForTuple, tupleOf } from "./parameterShadows.js";
import type { Callee, Program } from "./program.js";
import { differentiated, literal, namesOfParts, shaped } from "./verbShapes.js";
import { recordOf } from "../ir/innerDerivatives.js";

/** A function cut in two, and the call of its second half. */
export interface Halves {
  readonly before: readonly Statement[];
  /** The second half, which takes what crosses and then the seed. */
  readonly callee: Callee;
  readonly crossing: readonly Value[];
  /** Of what the second half gives. */
  readonly type: Type;
  /** What is differentiated. */
  readonly output: Value;
}

export function vjpFunction(fn: IrFunction, request: Request, program: Program): IrFunction {
  const { before, callee, crossing, type } = halvesOf(fn, request, program, { isPrivate: false });
  const value = fn.body.yields.at(-1)!;
  const parameters = [{ name: "seed", type: gradientType(fn.body.yields[0]!.type) }];
  const pullback = newValue({ kind: "opaque", text: "pullback", signature: { parameters, result: type } });
  const statements: Statement[] = [
    ...before,
    { kind: "closure", result: pullback, callee: callee.key, arguments: crossing, span: null },
  ];
  const pair = recordOf({ value: value.type, pullback: pullback.type });
  const result = literal(statements, pair, [value, pullback], ["value", "pullback"]);
  const names = namesOfParts(differentiated(fn, request));
  return {
    ...fn,
    name: `vjp${request.stem}`,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [
      `Value of {@link ${request.displayName}}, and its pullback: from a seed of the value's shape to the gradient`,
      `of their product with respect to ${names}.`,
    ],
  };
}

/**
 * The two sweeps, optimised together, then cut where the seed comes in. Between private halves nobody writes anything, and
 * their seeds are of the right shape.
 */
export function halvesOf(
  fn: IrFunction,
  request: Request,
  program: Program,
  { isPrivate }: { readonly isPrivate: boolean },
): Halves {
  const parameters = differentiated(fn, request);
  const [output] = fn.body.yields as [Value];
  const seed = newValue(gradientType(output.type), { name: "value", role: "adjoint" });
  const sweeps = adjoint(fn, parameters, program, { seed, isPrivate });
  const statements: Statement[] = [...sweeps.statements];
  const at = statements.findIndex((statement) => statement.kind === "receive");
  if (!isPrivate) statements.splice(at + 1, 0, ...shapeCheck(output, seed));
  const gradient = shaped(statements, request, parameters, sweeps.gradients);
  const whole = { ...fn, body: newBlock(statements, [...fn.body.yields, gradient]) };
  const finished = program.finishAdjoint(whole);
  const back = finished.body.yields.at(-1)!;
  const parts = cutParts(finished, [back]);
  const isolated = isolate(finished, parts.before, newBlock(parts.behind, [back]), parts.crossing, isPrivate);
  const name = `${program.stemFor(fn.name, "Pullback")}Pullback`;
  const names = namesOf(parts.before, isolated.crossing, ["seed"]).slice(1);
  const inner = isolated.crossing.map((value) => newValue(value.type, value));
  const second = substitute(isolated.behind, (value) => inner[isolated.crossing.indexOf(value)] ?? value);
  const made = program.add({
    ...fn,
    name,
    parameters: [...inner.map((value, k) => newParameter(value, names[k]!)), newParameter(seed, "seed")],
    returnTypeText: null,
    body: { ...second, statements: [...parts.repeated, ...second.statements] },
    documentation: [`The reverse sweep of {@link ${fn.name}}.`],
  });
  return {
    before: isolated.before,
    callee: made,
    crossing: isolated.crossing,
    type: back.type,
    output: finished.body.yields[0]!,
  };
}

/** A test that the seed has the shape of the output. */
function shapeCheck(output: Value, seed: Value): readonly Statement[] {
  if (!isReference(output.type)) return [];
  const builder = new BlockBuilder();
  if (elementType(output.type)?.kind !== "number") {
    const type = gradientType(output.type);
    const shape = numbersIn(type) === null ? output : assemble(builder, type, () => builder.constant(0));
    builder.add({
      kind: "runtimeCall",
      result: null,
      name: "checkSeedShape",
      arguments: [shape, seed],
      writes: [],
      span: null,
    });
    return builder.statements;
  }
  const kind = builder.constant(output.type.kind === "typedArray" ? output.type.name : "Array");
  const length = newValue(numberType);
  builder.add({ kind: "length", result: length, object: output, span: null });
  const args = [kind, length, seed];
  builder.add({ kind: "runtimeCall", result: null, name: "checkSeedLength", arguments: args, writes: [], span: null });
  return builder.statements;
}

interface Isolated {
  readonly before: readonly Statement[];
  readonly behind: Block;
  readonly crossing: readonly Value[];
}

/**
 * The second half works on what nobody else writes: of what callers see it has copies, made at the cut, or lengths; of
 * what it writes itself, or gives back, it makes copies each time.
 */
function isolate(
  fn: IrFunction,
  before: readonly Statement[],
  behind: Block,
  crossing: readonly Value[],
  isPrivate: boolean,
): Isolated {
  const aliases = aliasClasses(fn);
  // What is given back belongs to whoever gets it, who may write it.
  const given = behind.yields.flatMap((value) => [...reachableFrom(aliases, value)]);
  const written = new Set([...memoryWrittenIn(behind, aliases), ...given]);
  // What only the second half gives back, nobody has seen between the two.
  const shown = new Set(fn.body.yields.slice(0, -1).flatMap((value) => [...reachableFrom(aliases, value)]));
  const reaches = (value: Value, isMeant: (memory: MemoryClass) => boolean): boolean =>
    isReference(value.type) && [...reachableFrom(aliases, value)].some(isMeant);
  const isAmongWritten = (memory: MemoryClass): boolean => written.has(memory);
  /** What the runtime has written down of objects holds them out of sight. */
  const held = new Map(
    before.flatMap((statement): [Value, readonly Value[]][] =>
      statement.kind === "runtimeCall" && statement.result?.type.kind === "opaque"
        ? [[statement.result, statement.arguments]]
        : [],
    ),
  );
  const isWritten = (value: Value): boolean =>
    reaches(value, isAmongWritten) || (held.get(value) ?? []).some((one) => reaches(one, isAmongWritten));
  const isSeen = (value: Value): boolean =>
    !isPrivate && reaches(value, (memory) => memory.isParameter || shown.has(memory));
  const first = new BlockBuilder();
  const second = new BlockBuilder();
  let rest = behind;
  let crossed = crossing;
  const replace = (value: Value, by: Value): void => {
    crossed = [...new Set(crossed.map((one) => (one === value ? by : one)))];
  };
  for (const value of crossing.filter((one) => isSeen(one) && isAskedForLength(behind, one))) {
    const known = knownLength(before, value, aliases);
    const length = known ?? newValue(numberType, { name: "length" });
    if (!known) first.add({ kind: "length", result: length, object: value, span: null });
    rest = withLength(rest, value, length);
    replace(value, length);
  }
  for (const value of crossed.filter((one) => isReference(one.type))) {
    const object = newValue(value.type, value);
    const hooked = withHooked(rest, value, object);
    if (hooked === rest) continue;
    rest = hooked;
    first.add({ kind: "narrow", result: object, value, span: null });
    crossed = [...crossed, object];
    if (!freeValues(rest).includes(value)) crossed = crossed.filter((one) => one !== value);
  }
  const seen = closedUnder(
    crossed.filter((value) => isReference(value.type) || held.has(value)),
    isSeen,
    // What the second half writes and reaches in two ways is one object in the copies, too.
    (value) =>
      (held.get(value) ?? [value])
        .filter((one) => isReference(one.type))
        .flatMap((one) => [...reachableFrom(aliases, one)])
        .filter(isAmongWritten),
  );
  const originals = new Map<Value, Value>();
  copiesOf(first, seen).forEach((copy, k) => {
    rest = substitute(rest, (value) => (value === seen[k] ? copy : value));
    replace(seen[k]!, copy);
    originals.set(copy, seen[k]!);
  });
  const changed = crossed.filter((value) => isWritten(originals.get(value) ?? value));
  copiesOf(second, changed).forEach((copy, k) => {
    rest = substitute(rest, (value) => (value === changed[k] ? copy : value));
  });
  return {
    before: [...before, ...first.statements],
    behind: { ...rest, statements: [...second.statements, ...rest.statements] },
    crossing: crossed,
  };
}

/** Hooks are given the object itself, whatever others are given a copy of. */
function withHooked(block: Block, value: Value, object: Value): Block {
  const statements = block.statements.map((statement) => {
    if (statement.kind !== "externalCall" || statement.callee.kind !== "hook")
      return mapBlocks(statement, (inside) => withHooked(inside, value, object));
    const [cotangent, ...holes] = statement.arguments;
    if (!holes.includes(value)) return statement;
    return { ...statement, arguments: [cotangent!, ...holes.map((one) => (one === value ? object : one))] };
  });
  const isSame = statements.every((statement, k) => statement === block.statements[k]);
  return isSame ? block : { ...block, statements };
}

/** The values that pass the test, and all that share a class with one of them, directly or through others. */
function closedUnder(
  values: readonly Value[],
  isMeant: (value: Value) => boolean,
  classesOf: (value: Value) => readonly MemoryClass[],
): readonly Value[] {
  const found = new Set(values.filter(isMeant));
  for (let before = -1; before < found.size;) {
    before = found.size;
    const shared = new Set([...found].flatMap(classesOf));
    for (const value of values) if (classesOf(value).some((memory) => shared.has(memory))) found.add(value);
  }
  return values.filter((value) => found.has(value));
}

/** Deep copies, of all of them together: what is one object is one again. */
function copiesOf(builder: BlockBuilder, values: readonly Value[]): readonly Value[] {
  if (values.length === 0) return [];
  const labels = values.map(({ name, role, span }) => ({
    name,
    role: role === "primal" ? ("kept" as const) : role,
    span,
  }));
  if (values.length > 1) {
    const types = values.map(({ type }) => type);
    return callForTuple(builder, "snapshot", [tupleOf(builder, values)], types, labels, 0);
  }
  const [value] = values as [Value];
  const result = newValue(value.type, labels[0]);
  builder.add({
    kind: "runtimeCall",
    result,
    name: "snapshot",
    arguments: [value],
    writes: [],
    identitiesOf: 0,
    span: null,
  });
  return [result];
}

/** Of a flat array nothing is asked but its length. */
function isAskedForLength(block: Block, array: Value): boolean {
  if (elementType(array.type)?.kind !== "number" || block.yields.includes(array)) return false;
  let isLength = true;
  visitStatements(block, (statement) => {
    if (!operandsOf(statement).includes(array)) return;
    isLength &&= statement.kind === "length" || (statement.kind === "zerosLike" && !statement.keepsIdentity);
  });
  return isLength;
}

/** The length of an array that stays as long as it is, where the first half has asked for it or made it so long. */
function knownLength(before: readonly Statement[], array: Value, aliases: AliasFacts): Value | null {
  if (array.type.kind !== "typedArray" && aliases.classOf(array)!.isResized) return null;
  const lengths = new Set<Value>();
  for (const statement of before) {
    if (statement.kind === "length") {
      if (statement.object === array) return statement.result;
      lengths.add(statement.result);
    }
    if (statement.kind === "allocate" && statement.result === array && lengths.has(statement.length))
      return statement.length;
  }
  return null;
}

function withLength(block: Block, array: Value, length: Value): Block {
  const lengths = new Set<Value>();
  const enter = (inside: Block): Block => ({
    ...inside,
    statements: inside.statements.flatMap((statement): Statement[] => {
      if (statement.kind === "length" && statement.object === array) {
        lengths.add(statement.result);
        return [];
      }
      if (statement.kind === "zerosLike" && statement.object === array) {
        const builder = new BlockBuilder();
        const fill = statement.result.type.kind === "array" ? builder.constant(0) : null;
        builder.add({ kind: "allocate", result: statement.result, length, fill, span: statement.span });
        return builder.statements;
      }
      return [mapBlocks(statement, enter)];
    }),
  });
  const changed = enter(block);
  return substitute(changed, (value) => (lengths.has(value) ? length : value));
}
