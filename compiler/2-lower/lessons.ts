/** What attempts to lower a file have found out too late. The next attempt knows it from the beginning. */
import type { Node } from "ts-morph";
import type { ClassNode } from "./classes.js";

export interface Lessons {
  /** Functions of packages that call themselves. */
  readonly recursive: Set<Node>;
  /** Functions that are called where what was there when they were made no longer is. */
  readonly escaping: Set<Node>;
  /** Where arrays are made whose functions must be kept in memory from the beginning. */
  readonly keptLists: Set<Node>;
  /** Places at which functions are kept that go to one array. */
  readonly keptTogether: Set<Node>[];
  /** Large functions of packages that must be lowered in place. */
  readonly inseparable: Set<Node>;
  /** Classes whose instances must say of which they are. */
  readonly taggedClasses: Set<ClassNode>;
  /** Those among them that come from outside and are made by differentiated functions, too. */
  readonly madeClasses: Set<ClassNode>;
  /** Names of fields that are stored to after their objects are made. */
  readonly changingFields: Set<string>;
  /** Names of fields that were taken for what they hold at first. */
  readonly foldedFields: Set<string>;
  /** Names of fields that something is stored to later which may be missing. */
  readonly uncertainFields: Set<string>;
  /** Names of fields in which an object was taken to be there. */
  readonly trustedFields: Set<string>;
  /** Objects and variables of packages that functions write: scratch, if they write it before they read it. */
  readonly scratchObjects: Set<object>;
  readonly scratchVariables: Set<Node>;
}

export function newLessons(): Lessons {
  return {
    recursive: new Set(),
    escaping: new Set(),
    keptLists: new Set(),
    keptTogether: [],
    inseparable: new Set(),
    taggedClasses: new Set(),
    madeClasses: new Set(),
    changingFields: new Set(),
    foldedFields: new Set(),
    uncertainFields: new Set(),
    trustedFields: new Set(),
    scratchObjects: new Set(),
    scratchVariables: new Set(),
  };
}

/** Thrown when a lesson was learned, to begin again: with the function at hand, in the end perhaps with all of the file. */
export class LessonLearned extends Error {
  constructor(readonly concernsAll: boolean) {
    super("Something was found out while lowering.");
  }
}

/** What is kept at the one place goes where what is kept at the other does; begins again, unless that was known. */
export function learnTogether({ keptTogether }: Lessons, one: Node, other: Node): void {
  const groups = keptTogether.filter((group) => group.has(one) || group.has(other));
  if (groups.some((group) => group.has(one) && group.has(other))) return;
  const merged = new Set([one, other, ...groups.flatMap((group) => [...group])]);
  for (const group of groups) keptTogether.splice(keptTogether.indexOf(group), 1);
  keptTogether.push(merged);
  throw new LessonLearned(false);
}

/** Adds to what is known of a function; begins again, unless it was known already. */
export function learnOfFunction(known: Set<Node>, found: Node): void {
  learnOnce(known, found, false);
}

/** The same of several things at once. */
export function learnAll<T>(known: Set<T>, found: readonly T[]): void {
  const before = known.size;
  for (const one of found) known.add(one);
  if (known.size > before) throw new LessonLearned(true);
}

/** Adds to what is known of fields or scratch, which functions lowered before may have taken for something else. */
export function learn<T>(known: Set<T>, found: T): void {
  learnOnce(known, found, true);
}

function learnOnce<T>(known: Set<T>, found: T, concernsAll: boolean): void {
  if (known.has(found)) return;
  known.add(found);
  throw new LessonLearned(concernsAll);
}
