/**
 * Derivatives inside of what is differentiated, and their own. None of them is the adjoint of an adjoint: a gradient ∇f
 * along a seed v is the tangent of f along v, ⟨v, ∇f(x)⟩ = f'(x) v, so that the pullback of ∇f is the adjoint of a tangent,
 * and its pushforward the gradient of a tangent, of which the same holds again. A tangent keeps nothing, whatever the
 * order, and every order has parameters of its own for its directions: they cannot be confused.
 *
 * Needs: functions that write nothing that their callers see. Guarantees: the same of what is made.
 *
 * before: external grad f(x)        after: gradF(x); its pullback (x, v) → gradient of f'(x) v with respect to x
 */
import { invariant } from "../diagnostics.js";
import { BlockBuilder, newBlock, newParameter, newValue, numberType } from "../ir/build.js";
import { gradientType } from "../ir/gradientType.js";
import { derivativeKey, derivativeType, gathered, recordOf } from "../ir/innerDerivatives.js";
import type { InnerDerivative, IrFunction, Statement, Type, Unit, Value } from "../ir/ir.js";
import { loadAt } from "../ir/place.js";
import { adjoint } from "./adjoint.js";
import { type Derived, derivedFrom, pushed, type Shape } from "./derived.js";
import type { Derivatives, Owned, Program } from "./program.js";
import { checkShape, tangent } from "./tangentParameters.js";
import { literal } from "./verbShapes.js";

export function newDerivatives(
  programs: () => { readonly first: Program; readonly again: Program },
  derivatives: Unit["derivatives"],
): Derivatives {
  const known = new Map<string, Derived>();
  /** What Hessians are made of. */
  const products = new Map(
    [...derivatives.values()].map((inner): [string, InnerDerivative] => {
      const product: InnerDerivative = { ...inner, verb: "hvp" };
      return [derivativeKey(product), product];
    }),
  );
  const made = new Map<string, Owned>();
  const derivedOf = (key: string): Derived | null => {
    const found = known.get(key);
    if (found) return found;
    const inner = derivatives.get(key) ?? products.get(key);
    if (!inner) return null;
    const derived = derivedFrom(inner, programs().again);
    known.set(key, derived);
    return derived;
  };
  const require = (key: string): Derived => {
    const derived = derivedOf(key);
    invariant(derived, `no derivative ${key}`);
    return derived;
  };
  return {
    functionOf(key) {
      const before = made.get(key);
      if (before) return before;
      const derived = derivedOf(key);
      if (!derived) return null;
      const { first, again } = programs();
      const program = derived.isAgain ? again : first;
      const one = { fn: functionFrom(derived, program), program };
      made.set(key, one);
      return one;
    },
    pullback(key, wanted) {
      const pulled = `${key} pullback ${maskText(wanted)}`;
      const { again } = programs();
      if (!made.has(pulled)) made.set(pulled, { fn: pullbackOf(require(key), wanted, again), program: again });
      const { type } = made.get(pulled)!.fn.body.yields[0]!;
      const isAlone = wanted.filter(Boolean).length === 1;
      invariant(isAlone || type.kind === "tuple", "a pullback gives a tuple");
      return { key: pulled, parts: isAlone || type.kind !== "tuple" ? [type] : type.elements };
    },
    pushforward(key, wanted) {
      const pushed = `${key} pushforward ${maskText(wanted)}`;
      if (!known.has(pushed)) known.set(pushed, pushforwardOf(require(key), wanted, programs().again));
      return pushed;
    },
  };
}

function maskText(wanted: readonly boolean[]): string {
  return wanted.map((isWanted) => (isWanted ? "1" : "0")).join("");
}

function functionFrom(derived: Derived, program: Program): IrFunction {
  const { name, documentation, source, gradient, checked } = derived;
  const base = program.prepare(source(program));
  const checks = new BlockBuilder();
  for (const { of, along } of checked) {
    const [value, vector] = [base.parameters[of]!.value, base.parameters[along]!.value];
    checkShape(checks, { primal: value, path: [], tangent: vector });
  }
  const named = { ...base, name, groups: null, returnTypeText: null, documentation: [documentation] };
  if (!gradient)
    return program.finishTangent({
      ...named,
      body: { ...base.body, statements: [...checks.statements, ...base.body.statements] },
    });
  const wrt = gradient.parts.map((k) => ({ value: base.parameters[k]!.value, path: [] }));
  const sweeps = adjoint(base, wrt, program);
  const statements: Statement[] = [...checks.statements, ...sweeps.statements];
  const result = handedOut(statements, gradient.shape, base.body.yields[0]!, sweeps.gradients);
  return program.finishAdjoint({ ...named, body: newBlock(statements, [result]) });
}

function handedOut(statements: Statement[], shape: Shape, value: Value, gradients: readonly Value[]): Value {
  const { verb, isBare } = shape;
  if (verb === "hvp") {
    const half = gradients.length / 2;
    const [grad, hvp] = [gradients.slice(0, half), gradients.slice(half)].map((parts) =>
      together(statements, parts, isBare),
    ) as [Value, Value];
    return literal(statements, recordOf({ grad: grad.type, hvp: hvp.type }), [grad, hvp], ["grad", "hvp"]);
  }
  const grad = together(statements, gradients, isBare);
  if (verb === "grad") return grad;
  return literal(statements, recordOf({ value: numberType, grad: grad.type }), [value, grad], ["value", "grad"]);
}

function together(statements: Statement[], parts: readonly Value[], isBare: boolean): Value {
  const types = parts.map((part) => part.type);
  return isBare ? parts[0]! : literal(statements, gathered(types, false), parts, null);
}

/** The seeds of the gradients, out of one for all that is handed out; of the value, where that is. */
function seedsFrom(
  builder: BlockBuilder,
  { verb, isBare }: Shape,
  names: readonly (string | null)[],
  seed: Value,
): Seeds {
  const load = (path: readonly string[], name: string | null): Value =>
    path.length === 0 ? seed : loadAt(builder, seed, path, { name, role: "tangent" });
  const parts = (path: readonly string[], of: readonly (string | null)[]): readonly Value[] =>
    of.map((name, k) => load(isBare ? path : [...path, String(k)], name));
  const half = names.length / 2;
  if (verb === "hvp")
    return { value: null, parts: [...parts(["grad"], names.slice(0, half)), ...parts(["hvp"], names.slice(half))] };
  if (verb === "valueAndGrad") return { value: load(["value"], "value"), parts: parts(["grad"], names) };
  return { value: null, parts: parts([], names) };
}

interface Seeds {
  readonly value: Value | null;
  readonly parts: readonly Value[];
}

/** Arguments and a seed in, the gradient of ⟨seed, result⟩ with respect to what is wanted out. */
function pullbackOf(derived: Derived, wanted: readonly boolean[], program: Program): IrFunction {
  const { source, gradient } = derived;
  const base = program.prepare(source(program));
  const seed = newValue(seedType(base, gradient), { name: "seed", role: "adjoint" });
  const along = gradient ? alongSeed(base, gradient, seed, program) : base;
  const fn = program.prepare(along);
  const wrt = base.parameters.filter((_, k) => wanted[k]).map(({ value }) => ({ value, path: [] }));
  const options = gradient ? undefined : { seed, isPrivate: true };
  const sweeps = adjoint(fn, wrt, program, options);
  // Both sweeps run at once, and the seed is there from the start.
  const statements = sweeps.statements.filter(({ kind }) => kind !== "receive");
  const result = together(statements, sweeps.gradients, wrt.length === 1);
  return program.finishAdjoint({
    ...fn,
    name: `${program.stemFor(derived.name, "Pullback")}Pullback`,
    parameters: [...base.parameters, newParameter(seed, "seed")],
    groups: null,
    returnTypeText: null,
    body: newBlock(statements, [result]),
    documentation: [`Gradient of the product of a seed and what {@link ${derived.name}} gives.`],
  });
}

/** What a seed of the result is like. */
function seedType(base: IrFunction, gradient: Derived["gradient"]): Type {
  const given = base.body.yields[0]!.type;
  if (!gradient) return gradientType(given);
  const types = gradient.parts.map((k) => gradientType(base.parameters[k]!.value.type));
  // With a vector the gradients are by both, and each is handed out in its half.
  const own = gradient.shape.verb === "hvp" ? types.slice(types.length / 2) : types;
  return derivativeType(gradient.shape, own, given);
}

/** ⟨seed, result⟩ of a gradient: the tangent along the seed. */
function alongSeed(
  base: IrFunction,
  { parts, shape }: NonNullable<Derived["gradient"]>,
  seed: Value,
  program: Program,
): IrFunction {
  const builder = new BlockBuilder();
  const names = parts.map((k) => base.parameters[k]!.value.name);
  const seeds = seedsFrom(builder, shape, names, seed);
  const directions = parts.map((k, position) => ({
    primal: base.parameters[k]!.value,
    path: [],
    tangent: seeds.parts[position]!,
  }));
  const one = tangent(base, directions, program, { checksShapes: false });
  one.statements.forEach((statement) => builder.add(statement));
  const ofValue = seeds.value && builder.apply("multiply", [seeds.value, one.value]);
  const total = ofValue ? builder.apply("add", [ofValue, one.tangent]) : one.tangent;
  return {
    ...base,
    parameters: [...base.parameters, newParameter(seed, "seed")],
    body: newBlock(builder.statements, [total]),
  };
}

/** Behind the arguments it takes a tangent for each that is wanted. */
function pushforwardOf(derived: Derived, wanted: readonly boolean[], program: Program): Derived {
  const positions = wanted.flatMap((isWanted, k) => (isWanted ? [k] : []));
  return {
    name: `${program.stemFor(derived.name, "Pushforward")}Pushforward`,
    documentation: `Tangent of what {@link ${derived.name}} gives.`,
    source: (own) => pushed(own, own.prepare(derived.source(own)), positions, { isPair: false }),
    gradient: derived.gradient,
    isAgain: true,
    checked: [],
  };
}
