import type { Span } from "./ir/ir.js";

/** What a tag (later: a marker) asks for. */
export type Verb = "grad" | "valueAndGrad" | "vjp" | "jvp" | "jacobian" | "hessian" | "hvp" | "into";

/** Verbs that differentiate twice. */
export const secondVerbs: ReadonlySet<Verb> = new Set<Verb>(["hessian", "hvp"]);

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
  /** True when the gradient is bare (exactly one name in the tag, or none): not a tuple. */
  readonly isBare: boolean;
  /** Field of the returned record that is differentiated, when given. */
  readonly of: string | null;
  readonly span: Span;
}
