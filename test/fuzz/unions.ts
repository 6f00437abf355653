/** Random statements about unions of records that a field tells apart. */
import { both, type Both } from "./both.js";
import { condition } from "./expressions.js";
import { declare } from "./objectStatements.js";
import { construct, declareShape, randomShape, type Shape, type Union } from "./shapes.js";
import type { Statement } from "./program.js";
import type { Random } from "./random.js";
import { freshName, type Generator, inner, type Scope } from "./scope.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

export function randomUnion(random: Random, name: string, known: readonly Shape[]): Union {
  const count = random.integer(2, 3);
  const variants = ["a", "b", "c"].slice(0, count).map((tag) => randomShape(random, `${name}_${tag}`, known, tag));
  return { name, variants };
}

export function declareUnion({ name, variants }: Union): Statement[] {
  const type = `export type ${name} = ${variants.map((shape) => shape.name).join(" | ")};`;
  return [...variants.map(declareShape), { kind: "line", isPinned: true, text: { plain: type, dual: "" } }];
}

/** A variable whose variant depends on what happens. */
const declareVariant: Maker = (generator, scope) => {
  const { random } = generator;
  if (generator.unions.length === 0) return null;
  const union = random.pick(generator.unions);
  const name = freshName(generator, "u");
  const known = scope.unions.filter((other) => other.union === union);
  const one = (): Both =>
    known.length > 0 && random.chance(0.3)
      ? both`${random.pick(known).name}`
      : construct(generator, scope, random.pick(union.variants), 0);
  const [first, second] = [
    construct(generator, scope, union.variants[0]!, 0),
    construct(generator, scope, union.variants[1]!, 0),
  ];
  const test = condition(generator, scope);
  const start: Both = {
    plain: `(${test.plain} ? ${first.plain} : ${second.plain}) as ${union.name}`,
    dual: `${test.dual} ? ${first.dual} : ${second.dual}`,
  };
  scope.unions.push({ name, union });
  if (random.chance(0.5)) return [declare("const", name, union.name, start)];
  const before = freshName(generator, "before");
  return [
    declare("let", before, union.name, start),
    { kind: "line", text: both`if (${condition(generator, scope)}) ${before} = ${one()};` },
    declare("const", name, union.name, both`${before}`),
  ];
};

/** `switch (u.kind)` and `if (u.kind === "a")`. */
const tellApart: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.unions.length === 0 || scope.depth > 3) return null;
  const { name, union } = random.pick(scope.unions);
  const body = (shape: Shape, isCase: boolean): readonly Statement[] => {
    const jumps = isCase ? [...scope.jumps, { kind: "switch" as const, label: null }] : scope.jumps;
    const inside = inner(scope, { jumps });
    inside.objects.push({ name, shape, isConstant: true });
    // It is told apart already.
    inside.unions.splice(0, inside.unions.length, ...scope.unions.filter((other) => other.name !== name));
    return statements(generator, inside, random.integer(1, 2));
  };
  if (random.chance(0.5)) {
    const variant = random.pick(union.variants);
    return [
      {
        kind: "nest",
        heads: [both`if (${name}.kind === "${variant.tag!}") {`],
        bodies: [body(variant, false)],
        end: both`}`,
      },
    ];
  }
  const stop: Statement = { kind: "line", text: both`break;`, isPinned: true };
  const heads = union.variants.map(({ tag }, k) =>
    k === 0 ? both`switch (${name}.kind) { case "${tag!}": {` : both`} case "${tag!}": {`,
  );
  return [{ kind: "nest", heads, bodies: union.variants.map((shape) => [...body(shape, true), stop]), end: both`} }` }];
};

export const unionStatements: readonly (readonly [number, Maker])[] = [
  [3, declareVariant],
  [4, tellApart],
];
