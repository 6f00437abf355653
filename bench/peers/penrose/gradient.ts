/** From a problem as it is written for a tape to its gradient by Penrose's compiler of graphs of numbers. */
import { genGradient } from "@penrose/core/dist/engine/Autodiff";
import * as ad from "@penrose/core/dist/engine/AutodiffFunctions";
import type { Num, Var } from "@penrose/core/dist/types/ad";
import type { Gradient } from "../peer.js";
import type { Tape, TapeProblem } from "../tapes/tape.js";

/** A number of the graph, and its value where the graph is built. */
interface Followed {
  readonly node: Num;
  readonly value: number;
}

const followed = (node: Num, value: number): Followed => ({ node, value });

const graph: Tape<Followed> = {
  valueOf: ({ value }) => value,
  add: (a, b) => followed(ad.add(a.node, b.node), a.value + b.value),
  subtract: (a, b) => followed(ad.sub(a.node, b.node), a.value - b.value),
  multiply: (a, b) => followed(ad.mul(a.node, b.node), a.value * b.value),
  divide: (a, b) => followed(ad.div(a.node, b.node), a.value / b.value),
  addNumber: (a, number) => followed(ad.add(a.node, number), a.value + number),
  scale: (a, number) => followed(ad.mul(a.node, number), a.value * number),
  subtractFrom: (number, a) => followed(ad.sub(number, a.node), number - a.value),
  least: (a, b) => followed(ad.min(a.node, b.node), Math.min(a.value, b.value)),
  square: (a) => followed(ad.squared(a.node), a.value * a.value),
  sqrt: (a) => followed(ad.sqrt(a.node), Math.sqrt(a.value)),
  exp: (a) => followed(ad.exp(a.node), Math.exp(a.value)),
  log: (a) => followed(ad.ln(a.node), Math.log(a.value)),
  log1p: (a) => followed(ad.log1p(a.node), Math.log1p(a.value)),
  sin: (a) => followed(ad.sin(a.node), Math.sin(a.value)),
  cos: (a) => followed(ad.cos(a.node), Math.cos(a.value)),
  tanh: (a) => followed(ad.tanh(a.node), Math.tanh(a.value)),
  sigmoid: (a) => followed(ad.div(1, ad.add(1, ad.exp(ad.neg(a.node)))), 1 / (1 + Math.exp(-a.value))),
};

/**
 * The terms of a sum. Penrose compiles each objective to a function of its own, and a whole problem would be longer than
 * WebAssembly allows a function to be.
 */
function termsOf(sum: Num): Num[] {
  const terms: Num[] = [];
  const open: { node: Num; factor: number }[] = [{ node: sum, factor: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, factor } = next;
    if (typeof node !== "number" && node.tag === "Binary" && node.binop === "+") {
      open.push({ node: node.right, factor }, { node: node.left, factor });
    } else if (typeof node !== "number" && node.tag === "Binary" && node.binop === "-") {
      open.push({ node: node.right, factor: -factor }, { node: node.left, factor });
    } else if (
      typeof node !== "number" &&
      node.tag === "Binary" &&
      node.binop === "*" &&
      typeof node.right === "number"
    ) {
      open.push({ node: node.left, factor: factor * node.right });
    } else {
      terms.push(factor === 1 ? node : ad.mul(node, factor));
    }
  }
  return terms;
}

/** In groups, since each objective costs a call. */
function objectivesOf(sum: Num, groupSize: number): Num[] {
  const terms = termsOf(sum);
  return Array.from({ length: Math.ceil(terms.length / groupSize) }, (_, group) =>
    ad.addN(terms.slice(group * groupSize, (group + 1) * groupSize)),
  );
}

export async function gradientOf({ parameters, primal }: TapeProblem<Followed>, groupSize: number): Promise<Gradient> {
  const inputs = parameters.map((parameter) =>
    Array.from(parameter, (value) => followed({ tag: "Var", val: value } satisfies Var, value)),
  );
  const variables = inputs.flat().map(({ node }) => node as Var);
  const objectives = objectivesOf(primal(graph, inputs).node, groupSize);
  const evaluate = await genGradient(variables, objectives, []);
  const at = Float64Array.from(variables, ({ val }) => val);
  const gradient = new Float64Array(at.length);
  const masks = { inputMask: variables.map(() => true), objMask: objectives.map(() => true), constrMask: [] };
  return () => {
    evaluate(masks, at, 0, gradient);
    let start = 0;
    return parameters.map(({ length }) => gradient.slice(start, (start += length)));
  };
}
