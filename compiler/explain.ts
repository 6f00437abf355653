/** What `adjoint explain` says of one generated function: what is active, what is kept and why. */
import { activity } from "./3-analyse/activity.js";
import { questionOf, requestedWrt } from "./3-analyse/requested.js";
import { aliasClasses } from "./3-analyse/aliases.js";
import type { KeptValue } from "./4-differentiate/keep.js";
import { primitiveNamed } from "./ir/primitives.js";
import type { IrFunction, Value } from "./ir/ir.js";
import { isReference, isScalar } from "./ir/types.js";
import { resultsOf, scopedValuesOf, visitStatements } from "./ir/walk.js";
import type { Request } from "./requests.js";
import { hasDerivative } from "./rules/index.js";

export interface Explanation {
  readonly function: string;
  readonly generated: string;
  /** Names of the variables that carry a derivative. */
  readonly active: readonly string[];
  /** Names of the variables that carry none. */
  readonly inactive: readonly string[];
  readonly kept: readonly { readonly name: string; readonly place: KeptValue["place"]; readonly reason: string }[];
  /** Operations on active values whose derivative is zero. */
  readonly zeroDerivatives: readonly string[];
  readonly lines: readonly string[];
}

const places: Readonly<Record<KeptValue["place"], string>> = {
  result: "handed out of its branch",
  sized: "one slot for every iteration, in an array sized once before the loop",
  growing: "in storage that grows, since the number of iterations is not known beforehand",
};

export function explain(
  fn: IrFunction,
  request: Request,
  generated: string,
  kept: readonly KeptValue[],
  notes: readonly string[] = [],
): Explanation {
  const facts = activity(fn, aliasClasses(fn), questionOf(fn, requestedWrt(fn, request)));
  const active = new Set<string>();
  const others = new Set<string>();
  const zeroDerivatives = new Set<string>();
  const see = (value: Value): void => {
    if (value.name === null || !(isScalar(value.type) || isReference(value.type))) return;
    const carries = isReference(value.type) ? facts.hasShadow(value) : facts.isActive(value);
    (carries ? active : others).add(value.name);
  };
  fn.parameters.forEach((parameter) => see(parameter.value));
  visitStatements(fn.body, (statement) => {
    [...resultsOf(statement), ...scopedValuesOf(statement)].forEach(see);
    if (statement.kind === "stop" && facts.isVaried(statement.object)) zeroDerivatives.add("stopGradient");
    if (statement.kind !== "apply" || primitiveNamed(statement.primitive).result === "boolean") return;
    const stops = statement.arguments.some(
      (value, k) => facts.isVaried(value) && !hasDerivative(statement.primitive, k),
    );
    if (stops) zeroDerivatives.add(statement.primitive);
  });
  const inactive = [...others].filter((name) => !active.has(name));
  const keptValues = kept.map(({ value, place, reason }) => ({
    name: value.name ?? "an unnamed intermediate",
    place,
    reason,
  }));
  const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));
  const lines = [
    `${generated} (from ${request.displayName})`,
    ...notes.map((note) => `  ${note}`),
    `  active: ${list([...active])}`,
    `  inactive: ${list(inactive)}`,
    ...[...zeroDerivatives].map((name) => `  derivative zero: ${name} of an active value`),
    ...(keptValues.length === 0
      ? ["  kept: nothing; whatever the reverse sweep reads is in scope or computed again"]
      : []),
    ...keptValues.map((one) => `  kept: ${one.name}, ${places[one.place]}; ${one.reason}`),
  ];
  return {
    function: request.displayName,
    generated,
    active: [...active],
    inactive,
    kept: keptValues,
    zeroDerivatives: [...zeroDerivatives],
    lines,
  };
}
