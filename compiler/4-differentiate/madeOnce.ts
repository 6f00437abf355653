/**
 * Functions made from a callee, one for each mask, also where callees call one another in a circle: what is being made
 * is called by an outline of it (names, parameters, results), and what it does to memory is found as a fixed point.
 *
 * Needs: plans whose outline does not depend on what they make. Guarantees: the effects that calls inside of a cycle
 * were made with cover those of what was made.
 *
 * before: pair of f asked for while it is made        after: its outline; made again until its effects are as assumed
 */
import type { InOneCycle } from "../3-analyse/callCycles.js";
import { invariant } from "../diagnostics.js";
import { nothingKnown } from "../ir/effects.js";
import type { CallEffects } from "../ir/ir.js";
import { joinEffects } from "../ir/joinEffects.js";
import { type CallMask, describeMask } from "./program.js";

/** Something to be made for one callee and mask. */
export interface Plan<Made> {
  /** As calls need to know it before it is made: with these effects, one for each of its functions. */
  outline(effects: readonly CallEffects[]): Made;
  make(): Made;
}

/** How a kind of things is made. */
export interface Making<Made> {
  plan(callee: string, mask: CallMask): Plan<Made>;
  /** The effects of its functions, in the order in which outlines take them. */
  effectsOf(made: Made): readonly CallEffects[];
}

/** Functions of one cycle, in the making. */
interface Round<Made> {
  readonly callee: string;
  readonly plans: Map<string, Plan<Made>>;
  /** What outlines say, by mask; from no effects upwards. */
  readonly assumed: Map<string, readonly CallEffects[]>;
}

/**
 * From no effects upwards every round adds a step of the longest chain of calls. What is kept depends on the effects, so
 * that these may go in a circle instead: after some rounds they only grow.
 */
const [growingFrom, mostRounds] = [8, 64];

export function madeOnce<Made>(
  isInOneCycle: InOneCycle,
  { plan, effectsOf }: Making<Made>,
): (callee: string, mask: CallMask) => Made {
  const finished = new Map<string, Made>();
  const open: Round<Made>[] = [];
  const enter = (round: Round<Made>, key: string, callee: string, mask: CallMask): void => {
    if (!round.plans.has(key)) round.plans.set(key, plan(callee, mask));
  };
  const makeAll = (round: Round<Made>): ReadonlyMap<string, Made> => {
    for (let k = 0; k < mostRounds; k++) {
      const made = new Map<string, Made>();
      // Making one may ask for more, which are made in turn.
      for (const [key, one] of round.plans) made.set(key, one.make());
      let isStable = true;
      for (const [key, one] of made) {
        const found = effectsOf(one);
        const before = round.assumed.get(key);
        const effects = before && k >= growingFrom ? found.map((each, n) => joinEffects(before[n]!, each)) : found;
        if (isInOneCycle(round.callee, round.callee)) isStable &&= JSON.stringify(effects) === JSON.stringify(before);
        round.assumed.set(key, effects);
      }
      if (isStable) return made;
    }
    return invariant(false, `the effects of ${round.callee} do not settle`) as never;
  };
  return (callee, mask) => {
    const key = describeMask(callee, mask);
    const known = finished.get(key);
    if (known) return known;
    const around = open.find((round) => isInOneCycle(round.callee, callee));
    if (around) {
      enter(around, key, callee, mask);
      const one = around.plans.get(key)!;
      return one.outline(around.assumed.get(key) ?? []);
    }
    const round: Round<Made> = { callee, plans: new Map(), assumed: new Map() };
    enter(round, key, callee, mask);
    open.push(round);
    for (const [mask, made] of makeAll(round)) finished.set(mask, made);
    open.pop();
    return finished.get(key)!;
  };
}

/** The effects of an outline's function, none where nothing is assumed yet. */
export function assumedEffects(effects: readonly CallEffects[], k: number): CallEffects {
  return effects[k] ?? nothingKnown;
}
