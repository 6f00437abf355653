/**
 * Writes code for values in place of objects: what each slot holds is followed from statement to statement, into
 * branches and loops.
 *
 * Needs: candidates (scalarCandidates). Guarantees: every reference of a candidate is gone, but for uses of what
 * `replaced` names, which the caller substitutes.
 *
 * before: loop (…) {store q.x, b}        after: qX = loop (…, qX' = qX) {yield …, b}
 */
import { copyOfValue, newValue, numberType } from "../ir/build.js";
import type { Block, IfStatement, LoopStatement, Span, Statement, Value } from "../ir/ir.js";
import { isReference, isScalar } from "../ir/types.js";
import { visitStatements, endsInThrow } from "../ir/walk.js";
import type { Candidates } from "./objectGroups.js";
import { nameOf, roundsToSingle, slotOf, slotType } from "./slots.js";

/** What each slot of each object holds at a point. */
type Contents = Map<Value, readonly Value[]>;

export class SlotRewriter {
  readonly replaced = new Map<Value, Value>();
  /** Temporaries that are stored, under the name of the variable. */
  readonly renamed = new Map<Value, Value>();
  private readonly computed = new Set<Value>();
  private contents: Contents = new Map();

  constructor(
    private readonly candidates: Candidates,
    private readonly constants: ReadonlyMap<Value, number>,
  ) {}

  block(block: Block): Block {
    return { ...block, statements: block.statements.flatMap((statement) => this.statement(statement)) };
  }

  private statement(statement: Statement): readonly Statement[] {
    if (statement.kind === "if") return [this.branches(statement)];
    if (statement.kind === "loop") return [this.loop(statement)];
    if (statement.kind === "apply") this.computed.add(statement.result);
    const made = "result" in statement && statement.result && this.candidates.has(statement.result);
    if (made) return this.making(statement);
    const isAccess = "object" in statement && this.candidates.has(statement.object);
    return isAccess ? this.access(statement) : [statement];
  }

  /** A statement whose result is a candidate. */
  private making(statement: Statement): readonly Statement[] {
    switch (statement.kind) {
      case "literal":
        return this.fill(statement.result, statement.elements, statement.span);
      case "allocate":
        return this.allocation(statement);
      case "placeholder":
        return this.fresh(statement.result).map((result) => ({ ...statement, result }));
      case "slice":
        return this.fill(statement.result, this.contents.get(statement.object)!, statement.span);
      case "stop": {
        const parts = this.contents.get(statement.object)!.map((value) => stopOf(value, statement.span));
        this.contents.set(
          statement.result,
          parts.map((part) => part.value),
        );
        return parts.flatMap((part) => part.statement ?? []);
      }
      default:
        return [statement];
    }
  }

  private allocation({ result, fill, span }: Statement & { kind: "allocate" }): readonly Statement[] {
    const slots = this.candidates.get(result)!;
    if (fill)
      return this.fill(
        result,
        slots.map(() => fill),
        span,
      );
    // Of an array without numbers each place is written before it is read: what stands here is never used.
    const zero = newValue(slotType(result.type, slots[0]!)!, { span });
    const start: Statement =
      result.type.kind === "typedArray"
        ? { kind: "constant", result: zero, value: 0, text: null, span }
        : { kind: "placeholder", result: zero, span };
    this.contents.set(
      result,
      slots.map(() => zero),
    );
    return [start];
  }

  /** A statement that reads or writes a candidate. */
  private access(statement: Statement & { object: Value }): readonly Statement[] {
    const { object, span } = statement;
    const held = this.contents.get(object)!;
    const slots = this.candidates.get(object)!;
    switch (statement.kind) {
      case "load":
        this.replaced.set(statement.result, held[slots.indexOf(slotOf(statement.key, this.constants)!)]!);
        return [];
      case "length":
        return [{ kind: "constant", result: statement.result, value: slots.length, text: null, span }];
      case "fill":
        return this.fill(
          object,
          slots.map(() => statement.value),
          span,
        );
      case "store":
      case "addTo": {
        const at = slots.indexOf(slotOf(statement.key, this.constants)!);
        if (statement.kind === "store") {
          this.name(statement.value, nameOf(object, slots[at]!));
          return this.fill(object, held.with(at, statement.value), span, [at]);
        }
        const options = { name: nameOf(object, slots[at]!), role: object.role, span };
        const result = newValue(statement.value.type, options);
        const args = [held[at]!, statement.value];
        const sum: Statement = { kind: "apply", result, primitive: "add", arguments: args, span };
        return [sum, ...this.fill(object, held.with(at, result), span, [at])];
      }
      default:
        return [statement];
    }
  }

  private name(value: Value, name: string | null): void {
    if (value.name === null && name !== null && this.computed.has(value) && !this.renamed.has(value))
      this.renamed.set(value, { ...copyOfValue(value), name });
  }

  /** Says what the slots hold from here on; those `written` (all when nothing is said) round where the array does. */
  private fill(
    object: Value,
    values: readonly Value[],
    span: Span | null,
    written: readonly number[] = values.map((_, k) => k),
  ): readonly Statement[] {
    if (!roundsToSingle(object.type)) {
      this.contents.set(object, values);
      return [];
    }
    const statements: Statement[] = [];
    const rounded = values.map((value, k) => {
      if (!written.includes(k)) return value;
      const result = newValue(numberType, { name: nameOf(object, String(k)), role: object.role, span });
      statements.push({ kind: "apply", result, primitive: "fround", arguments: [value], span });
      return result;
    });
    this.contents.set(object, rounded);
    return statements;
  }

  // ------------------------------------------------------------------------------------------- branches and loops

  private branches(statement: IfStatement): Statement {
    const before = this.contents;
    const [first, second] = [statement.then, statement.else].map((block) => {
      this.contents = new Map(before);
      const inside = this.block(block);
      return { inside, contents: this.contents, yields: this.expand(block.yields), isLeft: endsInThrow(block) };
    }) as [Branch, Branch];
    this.contents = new Map(before);
    const results = [...statement.results.flatMap((result) => this.handed(result))];
    for (const [object, held] of before) {
      const after = held.map((value, slot) => {
        const [one, other] = [first, second].map((branch) =>
          branch.isLeft ? value : branch.contents.get(object)![slot]!,
        ) as [Value, Value];
        if (one === other) return one;
        first.yields.push(one);
        second.yields.push(other);
        const result = this.slotValue(object, slot);
        results.push(result);
        return result;
      });
      this.contents.set(object, after);
    }
    const blockOf = ({ inside, yields, isLeft }: Branch): Block => ({ ...inside, yields: isLeft ? [] : yields });
    return { ...statement, then: blockOf(first), else: blockOf(second), results };
  }

  private loop(statement: LoopStatement): Statement {
    const carried = this.writtenBelow(statement);
    const before = this.contents;
    const initial = [...this.expand(statement.initial)];
    for (const { object, slot } of carried) initial.push(before.get(object)![slot]!);
    this.contents = new Map(before);
    const parameters = statement.parameters.flatMap((parameter) => this.handed(parameter));
    parameters.push(...carried.map((place) => this.renew(place)));
    const test = statement.test && this.block(statement.test);
    const inside = this.block(statement.body);
    const yields = endsInThrow(statement.body) ? [] : this.expand(statement.body.yields);
    if (!endsInThrow(statement.body))
      for (const { object, slot } of carried) yields.push(this.contents.get(object)![slot]!);
    this.contents = new Map(before);
    const results = statement.results.flatMap((result) => this.handed(result));
    results.push(...carried.map((place) => this.renew(place)));
    return { ...statement, initial, parameters, test, body: { ...inside, yields }, results };
  }

  /** The slots of objects made outside that a loop writes. */
  private writtenBelow(loop: LoopStatement): readonly SlotPlace[] {
    const found = new Map<Value, Set<number>>();
    visitStatements(loop.body, (statement) => {
      if (statement.kind !== "store" && statement.kind !== "addTo" && statement.kind !== "fill") return;
      if (!this.contents.has(statement.object)) return;
      const slots = this.candidates.get(statement.object)!;
      const written =
        statement.kind === "fill" ? slots.map((_, k) => k) : [slots.indexOf(slotOf(statement.key, this.constants)!)];
      found.set(statement.object, new Set([...(found.get(statement.object) ?? []), ...written]));
    });
    return [...found].flatMap(([object, slots]) =>
      [...slots].sort((a, b) => a - b).map((slot): SlotPlace => ({ object, slot })),
    );
  }

  /** From here on a slot holds another value. */
  private renew({ object, slot }: SlotPlace): Value {
    const value = this.slotValue(object, slot);
    this.contents.set(object, this.contents.get(object)!.with(slot, value));
    return value;
  }

  private slotValue(object: Value, at: number): Value {
    const slot = this.candidates.get(object)![at]!;
    const { role, span } = object;
    return newValue(slotType(object.type, slot)!, { name: nameOf(object, slot), role, span });
  }

  /** Fresh values for the slots of something handed over. */
  private fresh(object: Value): readonly Value[] {
    const made = this.candidates.get(object)!.map((_, at) => this.slotValue(object, at));
    this.contents.set(object, made);
    return made;
  }

  private handed(value: Value): readonly Value[] {
    return this.candidates.has(value) ? this.fresh(value) : [value];
  }

  private expand(values: readonly Value[]): Value[] {
    return values.flatMap((value) => (this.candidates.has(value) ? this.contents.get(value)! : [value]));
  }
}

interface Branch {
  readonly inside: Block;
  readonly contents: Contents;
  readonly yields: Value[];
  /** It ends in a throw. */
  readonly isLeft: boolean;
}

interface SlotPlace {
  readonly object: Value;
  readonly slot: number;
}

/** A slot of what `stop` gives. */
function stopOf(value: Value, span: Span | null): { readonly value: Value; readonly statement: Statement | null } {
  if (!isScalar(value.type) && !isReference(value.type)) return { value, statement: null };
  const result = newValue(value.type, { role: value.role, span });
  const statement: Statement = isScalar(value.type)
    ? { kind: "apply", result, primitive: "stopGradient", arguments: [value], span }
    : { kind: "stop", result, object: value, span };
  return { value: result, statement };
}
