/**
 * Candidates for scalar replacement: objects made here for which everything that is done to them is known, slot by
 * slot, with all the references that hand them over.
 *
 * before: q = literal {x: a}; store q.x, b; c = load q.x        after: q has the slots [x]
 */
import { touches } from "../3-analyse/covering.js";
import type { Place, Step } from "../3-analyse/places.js";
import type { AllocateStatement, Block, IrFunction, LiteralStatement, Statement, Value } from "../ir/ir.js";
import { elementType, isFloatArray, isReference } from "../ir/types.js";
import { blocksOf, operandsOf, resultsOf } from "../ir/walk.js";
import { type Candidates, ObjectGroups } from "./objectGroups.js";
import { largestArray, placesOf, slotOf } from "./slots.js";

export function findCandidates(fn: IrFunction, constants: ReadonlyMap<Value, number>): Candidates {
  const search = new Search(constants);
  search.block(fn.body, null, []);
  fn.parameters.forEach((parameter) => search.groups.spoil(parameter.value));
  return search.groups.survivors();
}

class Search {
  readonly groups = new ObjectGroups();
  private readonly spoil = (value: Value): void => this.groups.spoil(value);

  constructor(private readonly constants: ReadonlyMap<Value, number>) {}

  block(block: Block, owner: Statement | null, outer: Place): void {
    const stepAt = (index: number): Step => ({ block, index, isLoop: owner?.kind === "loop" });
    block.statements.forEach((statement, index) => {
      const place = [...outer, stepAt(index)];
      resultsOf(statement).forEach((result) => this.groups.define(result, outer.length));
      if (statement.kind === "loop")
        statement.parameters.forEach((parameter) => this.groups.define(parameter, place.length));
      this.statement(statement, place, block);
      blocksOf(statement).forEach((nested) => this.block(nested, statement, place));
    });
    this.yields(block, owner, [...outer, stepAt(block.statements.length)]);
  }

  private yields(block: Block, owner: Statement | null, place: Place): void {
    const hasTargets = owner?.kind === "if" || (owner?.kind === "loop" && block === owner.body);
    if (!hasTargets) return block.yields.forEach(this.spoil);
    const targets = owner.kind === "if" ? owner.results : owner.parameters;
    block.yields.forEach((value, k) => targets[k] && this.flow(value, targets[k], place));
  }

  private statement(statement: Statement, place: Place, block: Block): void {
    const { groups } = this;
    switch (statement.kind) {
      case "literal":
        this.literal(statement);
        return statement.elements.forEach(this.spoil);
      case "allocate":
        this.allocation(statement, block);
        return statement.fill ? this.spoil(statement.fill) : undefined;
      case "placeholder":
        return;
      case "load":
        this.access(statement.object, slotOf(statement.key, this.constants), () =>
          groups.read(statement.object, slotOf(statement.key, this.constants), place),
        );
        return this.spoil(statement.result);
      case "length":
        return groups.read(statement.object, null, place);
      case "store":
      case "addTo":
        this.access(statement.object, slotOf(statement.key, this.constants), () =>
          groups.write(statement.object, slotOf(statement.key, this.constants), place),
        );
        return this.spoil(statement.value);
      case "fill":
        if (statement.start || statement.end) this.spoil(statement.object);
        groups.write(statement.object, null, place);
        return this.spoil(statement.value);
      case "slice":
        if (statement.start || statement.end || changesValues(statement.result)) this.spoil(statement.result);
        groups.read(statement.object, null, place);
        return groups.copy(statement.object, statement.result);
      case "stop":
        return groups.flow(statement.object, statement.result, place);
      case "loop":
        return statement.parameters.forEach((parameter, k) => {
          this.flow(statement.initial[k]!, parameter, place);
          groups.join(parameter, statement.results[k]!);
        });
      case "if":
        return;
      default:
        resultsOf(statement).forEach(this.spoil);
        return operandsOf(statement).forEach(this.spoil);
    }
  }

  private flow(from: Value, to: Value, place: Place): void {
    if (isReference(from.type) || isReference(to.type)) this.groups.flow(from, to, place);
  }

  private access(object: Value, slot: string | null, use: () => void): void {
    if (slot === null) this.spoil(object);
    else use();
  }

  private literal({ result, elements, fields }: LiteralStatement): void {
    if (fields) return this.groups.make(result, fields);
    const isSmall = result.type.kind === "tuple" || elements.length <= largestArray;
    if (isSmall && elements.length > 0 && !changesValues(result)) this.groups.make(result, placesOf(elements.length));
    else this.spoil(result);
  }

  private allocation({ result, length, fill }: AllocateStatement, block: Block): void {
    const count = this.constants.get(length) ?? 0;
    const isSmall = Number.isInteger(count) && count > 0 && count <= largestArray;
    const isFilled = fill !== null || isFloatArray(result.type) || this.isWrittenFirst(result, count, block);
    if (isSmall && isFilled && !changesValues(result)) this.groups.make(result, placesOf(count));
    else this.spoil(result);
  }

  /** Every place is written, one after the other, before anything else is done to the array. */
  private isWrittenFirst(array: Value, count: number, block: Block): boolean {
    const missing = new Set(placesOf(count));
    for (const statement of block.statements) {
      if (statement.kind === "store" && statement.object === array)
        missing.delete(slotOf(statement.key, this.constants) ?? "");
      else if (missing.size > 0 && touches(statement, array)) return false;
    }
    return missing.size === 0;
  }
}

/** What is stored is not what is read: integers are rounded, and of what may be missing the type would be lost. */
function changesValues(array: Value): boolean {
  const element = elementType(array.type);
  if (element === null) return false;
  return element.kind === "optional" || (array.type.kind === "typedArray" && !isFloatArray(array.type));
}
