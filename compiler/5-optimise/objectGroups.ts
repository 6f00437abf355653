/**
 * Groups of references that flow into each other, and what is done to them: which objects may become their slots.
 *
 * Needs: every use of every reference, told by scalarCandidates. Guarantees: of a group that survives, everything done
 * is known, and where anything is written, two names for one object are never used one after the other.
 *
 * before: p = literal {x: a}; q = loop (r = p) {store r.x, b; yield r}        {p, r, q}, written, handed on each time
 */
import { mayFollow, type Place } from "../3-analyse/places.js";
import type { Value } from "../ir/ir.js";
import { slotType } from "./slots.js";

/** The slots of every reference that is replaced. */
export type Candidates = ReadonlyMap<Value, readonly string[]>;

/** A reference that is handed on under another name, or written. */
interface Uses {
  readonly all: Place[];
  readonly flows: Place[];
  readonly writes: Place[];
}

export class ObjectGroups {
  private readonly parents = new Map<Value, Value>();
  private readonly spoiled = new Set<Value>();
  private readonly touched = new Map<Value, Set<string>>();
  private readonly made = new Set<Value>();
  private readonly shapes = new Map<Value, readonly string[]>();
  private readonly uses = new Map<Value, Uses>();
  private readonly depths = new Map<Value, number>();

  /** The reference is made `depth` steps below the function's body. */
  define(value: Value, depth: number): void {
    this.depths.set(value, depth);
  }
  /** An object of these slots is made here. */
  make(value: Value, slots: readonly string[]): void {
    this.made.add(value);
    this.shapes.set(value, slots);
  }
  /** A copy of the object is made here. */
  copy(from: Value, to: Value): void {
    this.made.add(to);
    this.join(from, to);
  }
  /** One is replaced only if the other is. */
  join(a: Value, b: Value): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first !== second) this.parents.set(second, first);
  }
  /** The object gets another name. */
  flow(from: Value, to: Value, place: Place): void {
    this.join(from, to);
    // Twice in one place is two names, too.
    const own = [...place];
    this.usesOf(from).all.push(own);
    this.usesOf(from).flows.push(own);
  }
  /** Something is done to the object that its slots alone cannot do. */
  spoil(value: Value): void {
    this.spoiled.add(value);
  }
  read(value: Value, slot: string | null, place: Place): void {
    this.usesOf(value).all.push(place);
    if (slot !== null) this.touch(value, slot);
  }
  write(value: Value, slot: string | null, place: Place): void {
    this.read(value, slot, place);
    this.usesOf(value).writes.push(place);
  }

  survivors(): Candidates {
    const result = new Map<Value, readonly string[]>();
    for (const group of this.groups()) {
      const shape = this.shapeOf(group);
      if (!shape || group.some((value) => this.spoiled.has(value))) continue;
      if (!this.hasOneNameAtATime(group)) continue;
      const slots = group.flatMap((value) => [...(this.touched.get(value) ?? [])]);
      if (!slots.every((slot) => shape.includes(slot))) continue;
      const hasType = group.every((value) => shape.every((slot) => slotType(value.type, slot) !== null));
      if (hasType) group.forEach((value) => result.set(value, shape));
    }
    return result;
  }

  private find(value: Value): Value {
    const parent = this.parents.get(value);
    return parent ? this.find(parent) : value;
  }
  private usesOf(value: Value): Uses {
    let uses = this.uses.get(value);
    if (!uses) this.uses.set(value, (uses = { all: [], flows: [], writes: [] }));
    return uses;
  }
  private touch(value: Value, slot: string): void {
    this.touched.set(value, (this.touched.get(value) ?? new Set()).add(slot));
  }

  private groups(): Iterable<readonly Value[]> {
    const members = new Map<Value, Value[]>();
    for (const value of new Set([...this.parents.keys(), ...this.parents.values(), ...this.shapes.keys()])) {
      const root = this.find(value);
      members.set(root, [...(members.get(root) ?? []), value]);
    }
    return members.values();
  }

  /** The slots that all objects of the group are made with. */
  private shapeOf(group: readonly Value[]): readonly string[] | null {
    const shapes = group.map((value) => this.shapes.get(value)).filter((shape) => shape !== undefined);
    const [first] = shapes;
    return first && shapes.every((shape) => shape.join() === first.join()) ? first : null;
  }

  /**
   * Copies of the slots stand for the object as long as nobody writes it, or all is written before it has a second
   * name, or a name is never used again once the object has another.
   */
  private hasOneNameAtATime(group: readonly Value[]): boolean {
    const written = group.filter((value) => this.usesOf(value).writes.length > 0);
    if (written.length === 0) return true;
    const isHandedOn = (value: Value): boolean => {
      const { all, flows } = this.usesOf(value);
      const depth = this.depths.get(value)!;
      return flows.every(
        (flow) => !isRepeated(flow, depth) && !all.some((use) => use !== flow && mayFollow(flow, use, depth)),
      );
    };
    const isFinished = (value: Value): boolean => {
      const { flows, writes } = this.usesOf(value);
      const depth = this.depths.get(value)!;
      return this.made.has(value) && !flows.some((flow) => writes.some((write) => mayFollow(flow, write, depth)));
    };
    return written.every(isFinished) || group.every(isHandedOn);
  }
}

/** The same object is handed on in every iteration of some loop. */
function isRepeated(flow: Place, depth: number): boolean {
  return flow.some((step, k) => k > depth && step.isLoop);
}
