/**
 * Out of SSA: which values share one variable (R1, R2, R3, R6).
 *
 * Needs: the folding decision. Guarantees: two values in one variable are never live at the same time; a loop's
 * parameter and result always share; nothing shares with a parameter of the function or a counter.
 *
 * before: s (initial), s (parameter), s (yield), s (result)        after: one `let s`
 */
import type { Block, IrFunction, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { isReference, sameType } from "../ir/types.js";
import { blocksOf, operandsOf, endsInThrow } from "../ir/walk.js";
import type { Folding } from "./fold.js";
import { typeText } from "./typeText.js";

export interface Variables {
  /** The representative of the variable a value lives in. */
  variableOf(value: Value): Value;
  /** The variable is assigned in more than one place. */
  isReassigned(value: Value): boolean;
  members(value: Value): readonly Value[];
}

/** The values with names of their own that printing an operand reads. */
export function materialUses(folding: Folding, value: Value, into: Set<Value> = new Set()): Set<Value> {
  if (!folding.isFolded(value)) {
    into.add(value);
    return into;
  }
  const statement = folding.definitionOf(value);
  if (!statement) return into;
  operandsOf(statement).forEach((operand) => materialUses(folding, operand, into));
  if (statement.kind === "if")
    for (const block of [statement.then, statement.else])
      block.yields.forEach((operand) => materialUses(folding, operand, into));
  return into;
}

/** A wish that two values share a variable; the lower the rank, the sooner it is heard. */
interface Phi {
  readonly target: Value;
  readonly source: Value;
  readonly rank: number;
}

/** The rank of a value that is made from one of the same name: `y = y * 0.5 + x`. */
const successor = 4;

export function assignVariables(fn: IrFunction, folding: Folding): Variables {
  const phis: Phi[] = [];
  const forced: [Value, Value][] = [];
  collectPhis(fn.body, folding, phis, forced);
  const interesting = new Set<Value>([...phis.flatMap((phi) => [phi.target, phi.source]), ...forced.flat()]);
  const targets = new Set(phis.filter((phi) => phi.rank < successor).map((phi) => phi.target));
  const interference = new Interference(interesting);
  new Liveness(folding, interference, interesting).walkFunction(fn);

  const parents = new Map<Value, Value>();
  const groups = new Map<Value, Value[]>();
  const find = (value: Value): Value => {
    const parent = parents.get(value);
    return parent ? find(parent) : value;
  };
  const membersOf = (root: Value): Value[] => groups.get(root) ?? [root];
  const excluded = new Set<Value>(fn.parameters.map((parameter) => parameter.value));
  collectCounters(fn.body, excluded);
  const union = (a: Value, b: Value): void => {
    const first = find(a);
    const second = find(b);
    if (first === second) return;
    parents.set(second, first);
    groups.set(first, [...membersOf(first), ...membersOf(second)]);
    groups.delete(second);
  };
  const compatible = (a: Value, b: Value): boolean =>
    membersOf(find(a)).every((x) => membersOf(find(b)).every((y) => !interference.has(x, y)));
  for (const [parameter, result] of forced) union(parameter, result);
  for (const phi of phis.sort((a, b) => a.rank - b.rank)) {
    const { target, source } = phi;
    if (folding.isFolded(source) || excluded.has(source) || !sameName(target, source, folding)) continue;
    if (!canShare(target.type, source.type)) continue;
    if (find(target) === find(source) || !compatible(target, source)) continue;
    if (isOneKind([...membersOf(find(target)), ...membersOf(find(source))])) union(target, source);
  }
  return {
    variableOf: find,
    isReassigned: (value) => targets.has(value) || membersOf(find(value)).length > 1,
    members: (value) => membersOf(find(value)),
  };
}

/** One variable of one type can hold both, and what is done to either can be done to what it holds. */
function canShare(a: Type, b: Type): boolean {
  const [one, other] = [a, b].map((type) => (type.kind === "optional" ? type.of : type)) as [Type, Type];
  return !isReference(one) || !isReference(other) || typeText(one) === typeText(other);
}

/** What has no name may have the other's, unless it is read as something else, too. */
function sameName(a: Value, b: Value, folding: Folding): boolean {
  if (a.name === b.name && a.role === b.role) return true;
  const isMixed = a.role !== b.role && (a.role === "adjoint" || b.role === "adjoint");
  const mayBeCalled = (value: Value): boolean =>
    value.name === null && !isMixed && (a.role === b.role || folding.usesOf(value) === 1);
  return mayBeCalled(a) || mayBeCalled(b);
}

/** What is called alike is of one role: an adjoint does not take over the variable of a primal by way of what has no name. */
function isOneKind(members: readonly Value[]): boolean {
  return new Set(members.filter(({ name }) => name !== null).map(({ role }) => role)).size < 2;
}

function collectCounters(block: Block, into: Set<Value>): void {
  for (const statement of block.statements) {
    if (statement.kind === "loop") into.add(statement.counter);
    blocksOf(statement).forEach((nested) => collectCounters(nested, into));
  }
}

function isSuccessor(value: Value, of: Value): boolean {
  return (
    value.type.kind === "number" && sameType(value.type, of.type) && value.name === of.name && value.role === of.role
  );
}

function materialOperands(folding: Folding, statement: Statement): ReadonlySet<Value> {
  const found = new Set<Value>();
  operandsOf(statement).forEach((operand) => materialUses(folding, operand, found));
  return found;
}

function collectPhis(block: Block, folding: Folding, phis: Phi[], forced: [Value, Value][]): void {
  for (const statement of block.statements) {
    if (statement.kind === "if" && !folding.isExpression(statement))
      statement.results.forEach((target, k) => {
        for (const branch of [statement.then, statement.else])
          if (!endsInThrow(branch)) phis.push({ target, source: branch.yields[k]!, rank: 2 });
      });
    if (statement.kind === "loop")
      statement.parameters.forEach((target, k) => {
        forced.push([target, statement.results[k]!]);
        if (!endsInThrow(statement.body)) phis.push({ target, source: statement.body.yields[k]!, rank: 1 });
        phis.push({ target, source: statement.initial[k]!, rank: 3 });
      });
    if ("result" in statement && statement.result?.name != null && !folding.isFolded(statement.result))
      for (const source of materialOperands(folding, statement))
        if (isSuccessor(statement.result, source)) phis.push({ target: statement.result, source, rank: successor });
    blocksOf(statement).forEach((nested) => collectPhis(nested, folding, phis, forced));
  }
}

class Interference {
  private readonly pairs = new Map<Value, Set<Value>>();
  constructor(private readonly interesting: ReadonlySet<Value>) {}
  add(a: Value, b: Value): void {
    if (a === b || !this.interesting.has(a) || !this.interesting.has(b)) return;
    this.side(a).add(b);
    this.side(b).add(a);
  }
  addAll(values: Iterable<Value>, others: ReadonlySet<Value>): void {
    for (const value of values) if (this.interesting.has(value)) for (const other of others) this.add(value, other);
  }
  has(a: Value, b: Value): boolean {
    return this.pairs.get(a)?.has(b) ?? false;
  }
  private side(value: Value): Set<Value> {
    let side = this.pairs.get(value);
    if (!side) this.pairs.set(value, (side = new Set()));
    return side;
  }
}

class Liveness {
  constructor(
    private readonly folding: Folding,
    private readonly interference: Interference,
    private readonly interesting: ReadonlySet<Value>,
  ) {}

  private use(value: Value, live: Set<Value>): void {
    for (const read of materialUses(this.folding, value)) if (this.interesting.has(read)) live.add(read);
  }

  walkFunction(fn: IrFunction): void {
    const live = new Set<Value>();
    fn.body.yields.forEach((value) => this.use(value, live));
    this.walk(fn.body, live);
  }

  /** From what is live after the block's last statement to what is live before its first. `live` is consumed. */
  walk(block: Block, live: Set<Value>): Set<Value> {
    for (let k = block.statements.length - 1; k >= 0; k--) live = this.step(block.statements[k]!, live);
    return live;
  }

  /** A block with its yields; gives back what is live before it. */
  private enter(block: Block, after: ReadonlySet<Value>, targets: readonly Value[]): Set<Value> {
    if (endsInThrow(block)) return this.walk(block, new Set());
    const live = new Set(after);
    block.yields.forEach((value) => this.use(value, live));
    // The targets are assigned here, while everything live after the statement lives on.
    this.interference.addAll(targets, new Set(after));
    return this.walk(block, live);
  }

  private step(statement: Statement, live: Set<Value>): Set<Value> {
    if (statement.kind === "if" && !this.folding.isExpression(statement)) {
      this.interference.addAll(statement.results, live);
      this.interference.addAll(statement.results, new Set(statement.results));
      const after = new Set(live);
      statement.results.forEach((result) => after.delete(result));
      const before = this.enter(statement.then, after, statement.results);
      for (const value of this.enter(statement.else, after, statement.results)) before.add(value);
      this.use(statement.condition, before);
      return before;
    }
    if (statement.kind === "loop") return this.loop(statement, live);
    const result = "result" in statement ? statement.result : statement.kind === "if" ? statement.results[0]! : null;
    if (result && this.folding.isFolded(result)) return live;
    if (result) {
      live.delete(result);
      this.interference.addAll([result], live);
    }
    operandsOf(statement).forEach((operand) => this.use(operand, live));
    if (statement.kind === "if")
      for (const branch of [statement.then, statement.else]) branch.yields.forEach((value) => this.use(value, live));
    return live;
  }

  private loop(statement: LoopStatement, live: Set<Value>): Set<Value> {
    this.interference.addAll(statement.results, live);
    this.interference.addAll(statement.results, new Set(statement.results));
    const after = new Set(live);
    statement.results.forEach((result) => after.delete(result));
    if (statement.trips) {
      // Counted while the loop runs: live from before it to its end.
      after.delete(statement.trips);
      this.interference.addAll([statement.trips], new Set([...live, ...statement.results, ...statement.parameters]));
    }
    // What the loop reads from outside lives through all of it.
    const through = new Set(after);
    if (statement.trips && this.interesting.has(statement.trips)) through.add(statement.trips);
    const own = new Set<Value>(statement.parameters);
    for (const value of this.outerUses(statement)) if (!own.has(value)) through.add(value);
    this.interference.addAll(statement.parameters, through);
    this.interference.addAll(statement.parameters, new Set(statement.parameters));
    const atEnd = new Set(through);
    if (statement.exit) {
      this.use(statement.exit, atEnd);
      this.interference.addAll(statement.parameters, atEnd);
    }
    statement.body.yields.forEach((value) => this.use(value, atEnd));
    const atTop = this.walk(statement.body, atEnd);
    this.interference.addAll(statement.parameters, new Set([...atTop].filter((value) => !own.has(value))));
    if (statement.test) this.walk(statement.test, new Set([...atTop, ...statement.parameters]));
    const atEntry = new Set<Value>();
    this.use(statement.lower, atEntry);
    this.interference.addAll(statement.parameters, atEntry);
    const before = new Set(through);
    if (statement.trips) before.delete(statement.trips);
    statement.parameters.forEach((parameter) => before.delete(parameter));
    for (const operand of operandsOf(statement)) this.use(operand, before);
    return before;
  }

  private outerUses(statement: LoopStatement): Set<Value> {
    const used = new Set<Value>();
    const defined = new Set<Value>();
    const visit = (block: Block): void => {
      for (const inside of block.statements) {
        if ("result" in inside && inside.result) defined.add(inside.result);
        if (inside.kind === "if" || inside.kind === "loop") inside.results.forEach((value) => defined.add(value));
        if (inside.kind === "loop") inside.parameters.forEach((value) => defined.add(value));
        operandsOf(inside).forEach((operand) => this.use(operand, used));
        blocksOf(inside).forEach(visit);
      }
      block.yields.forEach((value) => this.use(value, used));
    };
    blocksOf(statement).forEach(visit);
    if (statement.exit) this.use(statement.exit, used);
    if (statement.upper) this.use(statement.upper, used);
    for (const value of defined) used.delete(value);
    return used;
  }
}
