import type { Span } from "./ir/ir.js";

/** What a tag (later: a marker) asks for. */
export type Verb = "grad" | "valueAndGrad" | "vjp" | "jvp" | "jacobian" | "hessian" | "hvp" | "into";

/** Verbs that differentiate twice. */
export const secondVerbs: ReadonlySet<Verb> = new Set<Verb>(["hessian", "hvp"]);

/** A place in a function's result, or in one of its parameters as it leaves it. */
export interface OutputPlace {
  readonly parameter: number | null;
  /** The fields that lead to it. */
  readonly path: readonly string[];
  /** As it is written; where the result has fields of these names, those are meant. */
  readonly written: readonly string[];
}

/** One `@differentiable` tag on one function. Emission order is source order, then the order of `verbs`. */
export interface Request {
  /** Key of the function in the unit's table. */
  readonly function: string;
  /** The name of the function in the source, for documentation (`loss`, `Circle.area`). */
  readonly displayName: string;
  /** Capitalised stem of the generated names: `Loss` gives `gradLoss`. */
  readonly stem: string;
  readonly verbs: readonly Verb[];
  /** Positions of the parameters to differentiate with respect to, in the order written. */
  readonly wrt: readonly number[];
  /** For each of them the fields that lead to the part of it that is meant; none for the whole. */
  readonly wrtPaths: readonly (readonly string[])[];
  /** True when the gradient is bare (exactly one name in the tag, or none): not a tuple. */
  readonly isBare: boolean;
  /** What is differentiated where it is not the result: fields of it, or of an argument that the function writes. */
  readonly of: readonly OutputPlace[] | null;
  readonly span: Span;
}
