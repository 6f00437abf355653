/**
 * Checkpoints, in the forward sweep: a loop or a branch that the reverse sweep runs again leaves nothing behind but the
 * state before it, and, where its iterations can be counted, snapshots on the way.
 *
 * before: loop k {x' = f x}        after: xKept[0] = x; loop k {if (k === next) {xKept[count] = x; …}; x' = f x}
 */
import { regionState, type RegionState } from "../3-analyse/regionState.js";
import { BlockBuilder, newBlock } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import type { Block, IfStatement, LoopStatement, Statement, Value } from "../ir/ir.js";
import { type AdjointContext, movesWithShadow } from "./adjointContext.js";
import type { MovingReference } from "./checkpointed.js";
import { counterBehind } from "./lastCounter.js";
import { type LoopState, newStacks, objectsOf, pushSnapshot, takingSnapshots } from "./snapshotStacks.js";
import { copyOfAll } from "./stateCopies.js";

/** The part as the forward sweep runs it; `augmented` has shadows beside the references that move. */
export function checkpointForward(
  context: AdjointContext,
  block: Block,
  statement: LoopStatement | IfStatement,
  augmented: LoopStatement | IfStatement,
  out: Statement[],
): Statement {
  const body = statement.kind === "loop" ? statement.body : statement.then;
  const state = regionState(context, statement, body);
  const moving = movingReferences(context, statement, state);
  const builder = new BlockBuilder(statement.span);
  const note = (value: Value): Value => {
    context.addedIn.set(value, block);
    return value;
  };
  const read = new Map(state.read.map((object) => [object, note(copyOfAll(builder, [object]))]));
  // What the reverse sweep makes of the part again has names of its own.
  const plain = moving.length === 0 ? statement : augmented;
  const copied = copyBlock(newBlock([plain])).block.statements[0]!;
  if (copied.kind === "if") {
    const first = state.changing.length > 0 ? note(copyOfAll(builder, state.changing)) : null;
    context.checkpoints.set(statement, { state, moving, first, read, stacks: null });
    out.push(...builder.statements);
    return { ...copied, isCheckpoint: false, results: (plain as IfStatement).results };
  }
  const loop = plain as LoopStatement;
  const again: LoopStatement = { ...(copied as LoopStatement), results: loop.results, trips: loop.trips };
  const isCounted = block === context.root && loop.upper !== null && loop.test === null && loop.exit === null;
  if (!isCounted) {
    const objects = objectsOf(state, { carried: loop.initial, changing: state.changing });
    const first = objects.length > 0 ? note(copyOfAll(builder, objects)) : null;
    context.checkpoints.set(statement, { state, moving, first, read, stacks: null });
    out.push(...builder.statements);
    return again;
  }
  const end = counterBehind({ context, builder }, loop);
  const initial: LoopState = { counter: loop.lower, carried: loop.initial, changing: state.changing };
  const isFromZero = context.constantOf(loop.lower) === 0;
  const size = { lower: loop.lower, end, isFromZero, objects: objectsOf(state, initial) };
  const stacks = newStacks(builder, statement as LoopStatement, state, size);
  pushSnapshot(builder, stacks, builder.constant(0), initial);
  const { loop: taking, count } = takingSnapshots(builder, again, stacks, {
    count: builder.constant(1),
    end,
    changing: state.changing,
  });
  context.checkpoints.set(statement, { state, moving, first: null, read, stacks: { all: stacks, count } });
  out.push(...builder.statements);
  return taking;
}

function movingReferences(
  context: AdjointContext,
  statement: LoopStatement | IfStatement,
  state: RegionState,
): readonly MovingReference[] {
  const moves = (value: Value): boolean => movesWithShadow(context, value);
  const changing = state.changing.filter(moves).map((object): MovingReference => {
    const same = { outside: object, inside: object };
    return { before: same, behind: same };
  });
  if (statement.kind === "loop") {
    const carried = state.carried.flatMap((k): MovingReference[] => {
      const [parameter, result] = [statement.parameters[k]!, statement.results[k]!];
      if (!moves(parameter) && !moves(result)) return [];
      return [
        {
          before: { outside: statement.initial[k]!, inside: parameter },
          behind: { outside: result, inside: statement.body.yields[k]! },
        },
      ];
    });
    return [...carried, ...changing];
  }
  const results = statement.results.flatMap((result, k): MovingReference[] =>
    moves(result) ? [{ before: null, behind: { outside: result, inside: statement.then.yields[k]! } }] : [],
  );
  return [...results, ...changing];
}
