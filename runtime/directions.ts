/** Directions through the arguments: trees of the shape of a gradient. */
import { claimElements, claimObject, type Claims, noClaims } from "./claims.js";
import { sharedTangents } from "./shadows.js";
import { type Fields, isFloatArray, isIntegerArray, zeroTyped } from "./structure.js";

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** Box and Muller's normal numbers: their directions are evenly spread. */
export function randomNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A tree of the shape of `gradient` whose numbers `next` gives. */
export function treeLike(gradient: unknown, next: () => number): unknown {
  if (typeof gradient === "number") return next();
  if (typeof gradient !== "object" || gradient === null) return gradient;
  if (isIntegerArray(gradient)) return zeroTyped(gradient);
  if (isFloatArray(gradient)) {
    const result = zeroTyped(gradient);
    for (let i = 0; i < result.length; i++) result[i] = next();
    return result;
  }
  if (Array.isArray(gradient)) return gradient.map((item) => treeLike(item, next));
  return Object.fromEntries(Object.entries(gradient).map(([name, item]) => [name, treeLike(item, next)]));
}

/** Random directions of unit length, one tree for each argument; memory that is shared moves as one. */
export function unitDirections(
  args: readonly unknown[],
  gradients: readonly unknown[],
  random: () => number,
): readonly unknown[] {
  const trees = gradients.map((gradient) => treeLike(gradient, () => randomNormal(random)));
  const shared = sharedTangents(args, trees);
  const claims = noClaims();
  const squares = shared.reduce<number>((total, tree) => total + product(tree, tree, claims), 0);
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 1;
  const scaled = trees.map((tree) => mapNumbers(tree, (x) => x * scale));
  return sharedTangents(args, scaled);
}

function mapNumbers(tree: unknown, change: (x: number) => number): unknown {
  const numbers: number[] = [];
  eachNumber(tree, (x) => numbers.push(change(x)));
  let next = 0;
  return treeLike(tree, () => numbers[next++]!);
}

/** Visits the numbers of a tree in the order of `treeLike`. */
export function eachNumber(tree: unknown, visit: (x: number) => void): void {
  if (typeof tree === "number") visit(tree);
  if (typeof tree !== "object" || tree === null || isIntegerArray(tree)) return;
  if (isFloatArray(tree) || Array.isArray(tree)) for (let i = 0; i < tree.length; i++) eachNumber(tree[i], visit);
  else for (const item of Object.values(tree)) eachNumber(item, visit);
}

/** Where the numbers of a tree stand, in the same order: `[2].mass`. */
export function numberPaths(tree: unknown, path = ""): readonly string[] {
  if (typeof tree === "number") return [path];
  if (typeof tree !== "object" || tree === null || isIntegerArray(tree)) return [];
  const isList = isFloatArray(tree) || Array.isArray(tree);
  return Object.entries(tree).flatMap(([key, item]) =>
    numberPaths(item, isList ? `${path}[${key}]` : `${path}.${key}`),
  );
}

/** Σ aᵢ bᵢ over the numbers that both trees have; with `claims`, each place of `b` once. */
export function product(a: unknown, b: unknown, claims: Claims | null = null): number {
  if (typeof a === "number" && typeof b === "number") return times(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return 0;
  if (isIntegerArray(b)) return 0;
  let total = 0;
  if (isFloatArray(b)) {
    const pieces = claims ? claimElements(claims, b) : [0, b.length];
    for (let k = 0; k < pieces.length; k += 2)
      for (let i = pieces[k]!; i < pieces[k + 1]!; i++) total += times((a as Float64Array)[i]!, b[i]!);
    return total;
  }
  if (claims && !claimObject(claims, b)) return 0;
  for (const key of Object.keys(b)) total += product((a as Fields)[key], (b as Fields)[key], claims);
  return total;
}

/** A direction that does not move an element does not meet its slope, not even an infinite one. */
const times = (slope: number, move: number): number => (move === 0 ? 0 : slope * move);

/** Moves arguments, which the caller owns, by `t` along a direction; shared memory once. */
export function moveAlong(
  args: unknown[],
  positions: readonly number[],
  directions: readonly unknown[],
  t: number,
): void {
  const claims = noClaims();
  positions.forEach((position, k) => {
    const direction = directions[k];
    if (typeof args[position] === "number" && typeof direction === "number") args[position] += t * direction;
    else move(args[position], direction, t, claims);
  });
}

function move(target: unknown, direction: unknown, t: number, claims: Claims): void {
  if (typeof target !== "object" || typeof direction !== "object" || target === null || direction === null) return;
  if (isIntegerArray(target)) return;
  if (isFloatArray(target)) {
    const pieces = claimElements(claims, target);
    for (let k = 0; k < pieces.length; k += 2)
      for (let i = pieces[k]!; i < pieces[k + 1]!; i++) target[i]! += t * (direction as Float64Array)[i]!;
    return;
  }
  if (!claimObject(claims, target)) return;
  const [fields, moves] = [target as Fields, direction as Fields];
  for (const key of Object.keys(moves)) {
    const [x, by] = [fields[key], moves[key]];
    if (typeof x === "number" && typeof by === "number") fields[key] = x + t * by;
    else move(x, by, t, claims);
  }
}
