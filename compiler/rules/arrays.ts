/**
 * The array primitives of the runtime: for each operand the runtime function that is its pullback and what it reads.
 * A pullback of an array operand is called as f(shadow, …reads) and adds into the shadow; that of a number operand
 * returns the number to add. A pushforward is called as f(…arguments, …tangents) with zeros for inactive tangents.
 */
export interface Pullback {
  readonly function: string;
  /** "seed" is the adjoint of the result: a number, or the shadow of an array. Numbers name arguments. */
  readonly reads: readonly ("seed" | "result" | number)[];
}

export interface ArrayRule {
  readonly result: "number" | "array";
  readonly pullbacks: readonly (Pullback | null)[];
  readonly pushforward: string;
}

export const arrayRules = {
  dot: {
    result: "number",
    pullbacks: [
      { function: "addScaled", reads: ["seed", 1] },
      { function: "addScaled", reads: ["seed", 0] },
    ],
    pushforward: "dotTangent",
  },
  sum: { result: "number", pullbacks: [{ function: "addConstant", reads: ["seed"] }], pushforward: "sumTangent" },
  mean: { result: "number", pullbacks: [{ function: "meanPullback", reads: ["seed"] }], pushforward: "meanTangent" },
  norm: {
    result: "number",
    pullbacks: [{ function: "normPullback", reads: ["seed", 0, "result"] }],
    pushforward: "normTangent",
  },
  // Of one array, since a call of `Math.hypot` takes its elements apart.
  hypotOf: {
    result: "number",
    pullbacks: [{ function: "normPullback", reads: ["seed", 0, "result"] }],
    pushforward: "normTangent",
  },
  axpy: {
    result: "array",
    pullbacks: [
      { function: "dot", reads: ["seed", 1] },
      { function: "addScaled", reads: [0, "seed"] },
      { function: "addTo", reads: ["seed"] },
    ],
    pushforward: "axpyTangent",
  },
  matvec: {
    result: "array",
    pullbacks: [
      { function: "addOuter", reads: ["seed", 1, 2, 3] },
      { function: "addMatvecTransposed", reads: [0, "seed", 2, 3] },
      null,
      null,
    ],
    pushforward: "matvecTangent",
  },
  matmul: {
    result: "array",
    pullbacks: [
      { function: "addMatmulRightTransposed", reads: ["seed", 1, 2, 3, 4] },
      { function: "addMatmulLeftTransposed", reads: [0, "seed", 2, 3, 4] },
      null,
      null,
      null,
    ],
    pushforward: "matmulTangent",
  },
  transpose: {
    result: "array",
    pullbacks: [{ function: "addTransposed", reads: ["seed", 1, 2] }, null, null],
    pushforward: "transposeTangent",
  },
  logSumExp: {
    result: "number",
    pullbacks: [{ function: "logSumExpPullback", reads: ["seed", 0, "result"] }],
    pushforward: "logSumExpTangent",
  },
  softmax: {
    result: "array",
    pullbacks: [{ function: "softmaxPullback", reads: ["seed", "result"] }],
    pushforward: "softmaxTangent",
  },
} as const satisfies Record<string, ArrayRule>;

export function isArrayPrimitive(name: string): boolean {
  return Object.hasOwn(arrayRules, name);
}

export function arrayRule(name: string): ArrayRule {
  const rule = (arrayRules as Record<string, ArrayRule>)[name];
  if (!rule) throw new Error(`no rule for the array primitive ${name}`);
  return rule;
}
