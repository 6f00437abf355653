/**
 * Cuts a function at its `receive`: what stands before it becomes the forward function, what stands behind it the
 * reverse function, and the values that cross travel in a record.
 *
 * before: a = sin x; receive yBar; xBar = yBar * a        after: f(x): { a }, and g({ a }, yBar): xBar
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newParameter, newValue } from "../ir/build.js";
import { describeValue } from "../ir/describe.js";
import type { Block, IrFunction, RecordField, RecordType, Statement, Value } from "../ir/ir.js";
import { blocksOf, freeValues, operandsOf, resultsOf, substitute, visitStatements } from "../ir/walk.js";
import { adjointsType } from "./pairedCalls.js";

/** What a function that is cut yields. */
export interface CutYields {
  /** By its first part: the value and its shadow. */
  readonly given: readonly Value[];
  /** By its second part. */
  readonly back: readonly Value[];
}

export interface Cut {
  readonly forward: IrFunction;
  readonly reverse: IrFunction;
  /** The second part does something. */
  readonly hasReverse: boolean;
  /** Of the record that travels from one to the other. */
  readonly fields: readonly RecordField[];
}

/** The two functions, called `nameForward` and `nameReverse`; `kept` is the type of the record. */
export function cutInTwo(
  fn: IrFunction,
  name: string,
  kept: RecordType,
  received: readonly Value[],
  { given, back }: CutYields,
): Cut {
  const { before, behind, repeated, crossing } = cutParts(fn, back);
  const names = namesOf(before, crossing, ["value", "valueBar"].slice(0, given.length));
  const elements = [...given, ...crossing];
  const fields = names.map((label, k) => ({ name: label, type: elements[k]!.type, isOptional: false }));
  const record = newValue(kept, { role: "kept" });
  const made: Statement = { kind: "literal", result: record, elements, fields: names, span: null };
  const forward: IrFunction = {
    ...fn,
    name: `${name}Forward`,
    returnTypeText: null,
    body: newBlock([...before, made], [record]),
    documentation: [`{@link ${fn.name}}, and what its reverse sweep reads.`],
  };

  const parameter = newValue(kept, { name: "kept", role: "primal" });
  const loads = new Map<Value, Statement>();
  const inside = new Map<Value, Value>();
  crossing.forEach((value, k) => {
    const result = newValue(value.type, value);
    const key = { kind: "field", name: names[given.length + k]! } as const;
    loads.set(result, { kind: "load", result, object: parameter, key, span: null });
    inside.set(value, result);
  });
  const body = withLoads(
    substitute(newBlock(behind, back), (value) => inside.get(value) ?? value),
    loads,
  );
  const builder = new BlockBuilder();
  let result: Value | null = body.yields[0] ?? null;
  if (body.yields.length > 1) {
    result = newValue(adjointsType(body.yields.length)!, { role: "adjoint" });
    builder.add({ kind: "literal", result, elements: body.yields, fields: null, span: null });
  }
  const reverse: IrFunction = {
    ...fn,
    name: `${name}Reverse`,
    parameters: [
      newParameter(parameter, "kept"),
      ...received.map((value) => newParameter(value, `${value.name ?? "value"}Bar`)),
    ],
    typeParametersText: "",
    returnTypeText: null,
    body: newBlock([...repeated, ...body.statements, ...builder.statements], result ? [result] : []),
    documentation: [`The reverse sweep of {@link ${fn.name}}.`],
  };
  const hasReverse = behind.some((statement) => statement.kind !== "note") || back.length > 0;
  return { forward, reverse, hasReverse, fields };
}

/** The block with loads of what it reads; each in the innermost branch that holds all of its uses. */
function withLoads(block: Block, loads: ReadonlyMap<Value, Statement>): Block {
  const here: Statement[] = [];
  const below = new Map<Block, Map<Value, Statement>>();
  for (const [value, load] of loads) {
    const branch = onlyBranch(block, value);
    if (!branch) here.push(load);
    else below.set(branch, (below.get(branch) ?? new Map<Value, Statement>()).set(value, load));
  }
  const inside = (branch: Block): Block => (below.has(branch) ? withLoads(branch, below.get(branch)!) : branch);
  const statements = block.statements.map((statement) =>
    statement.kind === "if" ? { ...statement, then: inside(statement.then), else: inside(statement.else) } : statement,
  );
  return { ...block, statements: [...here, ...statements] };
}

/** The branch of a statement of `block` in which alone the value is used, or null; one that is more than an expression. */
function onlyBranch(block: Block, value: Value): Block | null {
  if (block.yields.includes(value)) return null;
  const readsInside = (nested: Block): boolean => freeValues(nested).includes(value);
  const users = block.statements.filter(
    (statement) => operandsOf(statement).includes(value) || blocksOf(statement).some(readsInside),
  );
  const [user] = users;
  if (users.length !== 1 || user!.kind !== "if" || user!.condition === value) return null;
  const branches = [user!.then, user!.else].filter(readsInside);
  return branches.length === 1 && doesSomething(branches[0]!) ? branches[0]! : null;
}

function doesSomething(block: Block): boolean {
  return block.statements.some(
    (statement) =>
      statement.kind === "call" ||
      statement.kind === "loop" ||
      !("result" in statement || statement.kind === "if") ||
      blocksOf(statement).some(doesSomething),
  );
}

/** The statements on both sides of a function's `receive`, and what the second part reads of the first. */
export interface Parts {
  readonly before: readonly Statement[];
  readonly behind: readonly Statement[];
  /** Constants, which the second part repeats. */
  readonly repeated: readonly Statement[];
  readonly crossing: readonly Value[];
}

/** `back` is what the second part yields. */
export function cutParts(fn: IrFunction, back: readonly Value[]): Parts {
  const at = fn.body.statements.findIndex((statement) => statement.kind === "receive");
  const receive = fn.body.statements[at];
  invariant(receive?.kind === "receive", "a function to be cut without a cut");
  const before = fn.body.statements.slice(0, at);
  const behind = fn.body.statements.slice(at + 1);
  return { before, behind, ...crossingValues(before, newBlock(behind, back), new Set(receive.results)) };
}

function crossingValues(
  before: readonly Statement[],
  behind: Block,
  received: ReadonlySet<Value>,
): { repeated: readonly Statement[]; crossing: readonly Value[] } {
  const free = new Set(freeValues(behind).filter((value) => !received.has(value)));
  const repeated: Statement[] = [];
  for (const statement of before) {
    if (statement.kind !== "constant" && statement.kind !== "global") continue;
    if (!free.delete(statement.result)) continue;
    repeated.push(statement);
  }
  return { repeated, crossing: [...free] };
}

/** `taken`, then the values that cross, called as a reader would call them. */
export function namesOf(
  before: readonly Statement[],
  crossing: readonly Value[],
  taken: readonly string[],
): readonly string[] {
  const definitions = new Map<Value, Statement>();
  visitStatements({ id: 0, statements: before, yields: [], mirrors: null }, (statement) => {
    for (const result of resultsOf(statement)) definitions.set(result, statement);
  });
  const names = [...taken];
  const suffixes = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" } as const;
  for (const value of crossing) {
    const base = describeValue(value, { definitionOf: (of) => definitions.get(of), nameOf: (index) => index.name });
    const wanted = `${base}${suffixes[value.role]}`;
    let label = wanted;
    for (let k = 2; names.includes(label); k++) label = `${wanted}${k}`;
    names.push(label);
  }
  return names;
}
