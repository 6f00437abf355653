import type { RegionState } from "../3-analyse/regionState.js";
import type { Value } from "../ir/ir.js";
import type { Stacks } from "./snapshotStacks.js";

/** What the forward sweep has written down of a part that the reverse sweep runs again. */
export interface Checkpointed {
  readonly state: RegionState;
  /** The references whose shadows move with them, before and behind the part. */
  readonly moving: readonly MovingReference[];
  /** Copies of what the part changes, from before it; null when it changes nothing, or there are stacks. */
  readonly first: Value | null;
  /** Copies of what the part only reads. */
  readonly read: ReadonlyMap<Value, Value>;
  /** Snapshots taken on the way, and their number at the end. */
  readonly stacks: { readonly all: Stacks; readonly count: Value } | null;
}

export interface MovingReference {
  /** Before the part as its surroundings name it, and as the part itself does; null where it is not there yet. */
  readonly before: { readonly outside: Value; readonly inside: Value } | null;
  readonly behind: { readonly outside: Value; readonly inside: Value };
}
