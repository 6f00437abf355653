/** Lifted functions from the inside: the activations around them are built up again from what they are passed. */
import { newValue } from "../ir/build.js";
import type { Key, Parameter, Value } from "../ir/ir.js";
import { loadAt } from "./access.js";
import { functionValue } from "./functionValues.js";
import { rememberList } from "./knownLists.js";
import type { Given, GivenFunction, Lifted, Surroundings } from "./given.js";
import type { Closure } from "./lifting.js";
import { liveScope, lowerLive } from "./liveValues.js";
import { makeLiteral } from "./literals.js";
import { type Cell, constant, type FunctionValue, type Lowering, newScope, nullish, type Scope } from "./lowering.js";

/** A lifted function as it is lowered. */
export interface Restored {
  readonly parameters: readonly Parameter[];
  readonly fn: FunctionValue;
  readonly args: readonly Value[];
}

/** The field of a record in which a variable is shared. */
export const boxKey: Key = { kind: "field", name: "value" };

export function restore(lowering: Lowering, lifted: Lifted): Restored {
  const parameters = lifted.passed.map(({ type, name }, k): Parameter => {
    const value = newValue(type, { name: name ?? `argument${k + 1}` });
    return { value, name: value.name!, typeText: null, isOptional: false, isRest: false };
  });
  const passed = parameters.map(({ value }) => value);
  const restoring = new Restoring(lowering, lifted, passed);
  restoring.fillScopes(lowering.shared.boxes);
  return { parameters, fn: restoring.fn(lifted.fn), args: lifted.args.map((given) => restoring.value(given)) };
}

/** What was lifted, built up again from what is passed. */
export class Restoring {
  private readonly scopes = new Map<number, Scope>();

  constructor(
    private readonly lowering: Lowering,
    private readonly surroundings: Surroundings,
    private readonly passed: readonly Value[],
  ) {}

  closure({ node, scope, self }: GivenFunction & { kind: "closure" }): Closure {
    return { kind: "closure", node, scope: scope === null ? null : this.scope(scope), self: self && this.value(self) };
  }

  value(given: Given): Value {
    const { lowering } = this;
    switch (given.kind) {
      case "passed":
        return this.passed[given.index]!;
      case "constant":
        return given.value === null || given.value === undefined
          ? nullish(lowering, given.value)
          : constant(lowering, given.value);
      case "function":
        return functionValue(lowering, this.fn(given.fn));
      case "record": {
        const data = this.value(given.data);
        const members = [...given.functions].map(([name, one]): [string, Value] => [name, this.value(one)]);
        lowering.shared.functionFields.set(data, new Map(members));
        return data;
      }
      case "list": {
        const items = given.items.map((item) => this.value(item));
        const list = makeLiteral(lowering, given.type, items, null, { name: null });
        rememberList(lowering, list, items);
        // It is the caller's, who would not know of a change.
        lowering.shared.madeIn.delete(list);
        return list;
      }
      case "live":
        return lowerLive(lowering, given.object, null, null);
      case "there":
        return given.value;
    }
  }

  fn(fn: GivenFunction): FunctionValue {
    if (fn.kind === "closure") return this.closure(fn);
    if (fn.kind === "fixed") return fn.fn;
    if (fn.kind === "pullback") return { ...fn, given: fn.given.map((one) => this.value(one)) };
    if (fn.kind === "derivative") return { ...fn, fn: this.fn(fn.fn) };
    if (fn.kind === "kept") {
      const { object, self } = fn;
      return { ...fn, object: this.value(object), self: self && this.value(self) };
    }
    if (fn.kind === "choice") {
      const [whenTrue, whenFalse] = [this.fn(fn.whenTrue), this.fn(fn.whenFalse)];
      return { kind: "choice", condition: this.value(fn.condition), whenTrue, whenFalse };
    }
    return { kind: "partial", fn: this.fn(fn.fn), first: fn.first.map((one) => this.value(one)) };
  }

  private scope(position: number): Scope {
    const known = this.scopes.get(position);
    if (known) return known;
    const { outer, live, self, classes } = this.surroundings.scopes[position]!;
    const around = outer === null ? null : this.scope(outer);
    const own = { ...newScope(around, self && null), isCaptured: true };
    const scope: Scope = live ? liveScope(this.lowering, live) : own;
    this.scopes.set(position, scope);
    // Functions that the object itself holds may be of this activation.
    if (self && !live) Object.assign(own, { self: this.value(self) });
    for (const declaration of classes) this.lowering.shared.classScopes.set(declaration, scope);
    return scope;
  }

  /** Variables that are shared are remembered with their records in `boxes`. */
  fillScopes(boxes: Map<Cell, Value>): void {
    const { variables, shared } = this.lowering;
    this.surroundings.scopes.forEach(({ cells }, position) => {
      const scope = this.scope(position);
      for (const { symbol, name, given, isShared, there } of cells) {
        const cell: Cell = there ?? { kind: "cell", name };
        scope.cells.set(symbol, cell);
        if (there) continue;
        if (!given) {
          shared.lost.add(cell);
          continue;
        }
        const passed = this.value(given);
        if (isShared) boxes.set(cell, passed);
        const value = isShared ? loadAt(this.lowering, passed, boxKey, { name }) : passed;
        variables.set(cell, value);
        if (isShared) shared.declaredTypes.set(cell, value.type);
      }
    });
  }
}

/** At its end the function leaves the variables that it shares as they are then. */
export function leaveShared(lowering: Lowering): void {
  for (const [cell, box] of lowering.shared.boxes) {
    const value = lowering.variables.get(cell);
    if (value) lowering.builder.add({ kind: "store", object: box, key: boxKey, value, span: lowering.builder.span });
  }
}
