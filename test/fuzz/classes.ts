/** Random classes: fields, constructors, methods that change `this` or give new instances, accessors, inheritance. */
import { line } from "./arrayStatements.js";
import { both, type Both, joined } from "./both.js";
import { enter } from "./closures.js";
import { returned } from "./controlStatements.js";
import { bounded, literal, operate } from "./expressions.js";
import { parameterTexts } from "./functionCalls.js";
import {
  construct,
  type Field,
  fieldText,
  type Method,
  objectExpression,
  type ParameterType,
  type Shape,
} from "./shapes.js";
import type { Statement } from "./program.js";
import { emptyScope, freshName, type Generator, insideFunction, type Scope } from "./scope.js";
import { statements } from "./statements.js";

interface Member {
  readonly head: Both;
  readonly body: readonly Statement[];
}

const pinned = (text: Both): Statement => ({ kind: "line", text, isPinned: true });
const typed = (name: string, type: string): Both => ({ plain: `${name}: ${type}`, dual: name });
const typeOnly = (text: string): Both => ({ plain: text, dual: "" });

/** Inside of a method of the class: `this`, and nothing of the function that calls it. */
function insideMethod(shape: Shape, returns: Scope["returns"]): Scope {
  const scope = insideFunction(emptyScope(), returns);
  scope.objects.push({ name: "this", shape, isConstant: true });
  return scope;
}

export interface DeclaredClass {
  readonly shape: Shape;
  readonly declaration: Statement;
}

/** A class that may hold records of the known shapes, and may extend one of the classes. */
export function randomClass(generator: Generator, name: string, base: Shape | null): DeclaredClass {
  const { random, shapes } = generator;
  const own: Field[] = [];
  const stem = base ? "b" : "a";
  own.push({ name: `${stem}1`, kind: "real" });
  if (random.chance(0.6)) own.push({ name: `${stem}2`, kind: "real" });
  if (random.chance(0.4)) own.push({ name: `${stem}List`, kind: "list", isStill: false });
  const held = shapes.filter((shape) => shape.class === null || shape !== base);
  if (held.length > 0 && random.chance(0.4))
    own.push({ name: `${stem}Part`, kind: "object", shape: random.pick(held) });
  const fields = [...(base?.fields ?? []), ...own];
  // The first field and any record come from outside; the others have initial values.
  const given = own.filter((field, k) => k === 0 || field.kind === "object");
  const typeOf = (field: Field): "real" | Shape => (field.kind === "object" ? field.shape : "real");
  const parameters = [...(base?.class?.parameters ?? []), ...given.map(typeOf)];
  const known = base?.class;
  const shape: Shape = {
    name,
    fields,
    tag: null,
    class: {
      parameters,
      methods: [...(known?.methods.filter((method) => method.result !== base) ?? [])],
      makers: [],
      getters: [...(known?.getters ?? [])],
      setters: [...(known?.setters ?? [])],
    },
  };
  const members = [
    constructorOf(generator, shape, base, given),
    ...methodsOf(generator, shape, base),
    ...accessorsOf(generator, shape, stem),
  ];
  if (random.chance(0.4)) members.push(makerOf(generator, shape));
  const start = own.filter((field) => !given.includes(field)).map((field) => initialField(generator, field));
  const inherits = base ? ` extends ${base.name}` : "";
  const head = both`${typeOnly("export ")}class ${name}${inherits} {`;
  const declaration: Statement = {
    kind: "nest",
    heads: [head, ...members.map((member, k) => (k === 0 ? member.head : both`} ${member.head}`))],
    bodies: [[...givenFields(members[0]!, given), ...start], ...members.map(({ body }) => body)],
    end: both`} }`,
  };
  return { shape, declaration };
}

function initialField(generator: Generator, field: Field): Statement {
  const value =
    field.kind === "list"
      ? both`[${literal(0.2)}, ${literal(0.4)}, ${literal(0.6)}]`
      : literal(generator.random.pick([0.5, 1.2]));
  const type = field.kind === "list" ? "number[]" : "number";
  return pinned(both`${typed(field.name, type)} = ${value};`);
}

/** Fields that the constructor assigns; parameter properties need no declaration. */
function givenFields(constructor: Member, given: readonly Field[]): Statement[] {
  return given
    .filter(({ name }) => !constructor.head.plain.includes(`public ${name}:`))
    .map((field) => pinned(typeOnly(`${fieldText(field)};`)));
}

function constructorOf(generator: Generator, shape: Shape, base: Shape | null, given: readonly Field[]): Member {
  const { random } = generator;
  const inherited = base?.class?.parameters ?? [];
  // Methods may make instances.
  const scope = insideMethod(withMethods(shape, []), "never");
  const parameters: Both[] = inherited.map((type, k) => typed(`base${k}`, type === "real" ? "number" : type.name));
  const first: Statement[] = base ? [pinned(both`super(${inherited.map((_, k) => `base${k}`).join(", ")});`)] : [];
  for (const field of given) {
    const type = fieldText(field).replace(/^.*?: /, "");
    const assign = both`this.${field.name} = ${field.name};`;
    if (random.chance(0.6)) {
      parameters.push({ plain: `public ${field.name}: ${type}`, dual: field.name });
      first.push(pinned({ plain: "", dual: assign.dual }));
    } else {
      parameters.push(typed(field.name, type));
      first.push(pinned(assign));
    }
    if (field.kind === "real") scope.reals.push({ name: field.name, isConstant: false });
  }
  const rest = random.chance(0.3) ? statements(generator, scope, 1) : [];
  return { head: both`constructor(${joined(parameters)}) {`, body: [...first, ...rest] };
}

function methodsOf(generator: Generator, shape: Shape, base: Shape | null): Member[] {
  const { random } = generator;
  const methods = shape.class!.methods;
  const members: Member[] = [];
  for (let k = random.integer(1, 3); k > 0; k--) {
    const overridden = base && methods.length > 0 && random.chance(0.5) ? random.pick(methods) : null;
    const types: readonly ParameterType[] =
      overridden?.parameters ?? random.pick([[], ["real"], ["real"], ["real", "optional"]] as const);
    const result = overridden?.result ?? random.pick(["number", "number", "nothing", shape, shape] as const);
    const name = overridden?.name ?? freshName(generator, "m");
    if (members.some(({ head }) => head.plain.startsWith(`${name}(`))) continue;
    members.push(methodOf(generator, shape, { name, parameters: types, result }, overridden !== null));
    // Only now: a method calls those before it, so that this ends.
    if (!overridden) methods.push({ name, parameters: types, result });
  }
  return members;
}

function methodOf(
  generator: Generator,
  shape: Shape,
  { name, parameters, result }: Method,
  isOverride: boolean,
): Member {
  const { random } = generator;
  const scope = insideMethod(overriding(shape, name), result === "number" ? "number" : "never");
  const names = parameters.map((_, k) => `t${k}`);
  enter(scope, names, parameters);
  const givesNew = typeof result === "object" && random.chance(0.5);
  const body = [...statements(generator, scope, random.integer(givesNew ? 0 : 1, 2))];
  const inherited = both`super.${name}(${names.join(", ")})`;
  const asks = isOverride && random.chance(0.6);
  if (result === "number") {
    const value = returned(generator, scope);
    body.push(pinned(both`return ${asks ? operate(inherited, "+", value) : value};`));
  } else if (result === "nothing") {
    if (asks) body.push(line(both`${inherited};`));
  } else body.push(pinned(both`return ${givesNew ? newInstance(generator, scope, shape) : both`this`};`));
  const type = typeof result === "object" ? result.name : result === "nothing" ? "void" : "number";
  return { head: both`${name}(${parameterTexts(names, parameters)})${typeOnly(`: ${type}`)} {`, body };
}

/** Without the method that is being written, and those after it: none calls itself. */
function overriding(shape: Shape, name: string): Shape {
  const methods = shape.class!.methods;
  const at = methods.findIndex((method) => method.name === name);
  return at < 0 ? shape : withMethods(shape, methods.slice(0, at));
}

/** Accessors may call any method. */
function withMethods(shape: Shape, methods: Method[]): Shape {
  return { ...shape, class: { ...shape.class!, methods, getters: [], setters: [] } };
}

function newInstance(generator: Generator, scope: Scope, shape: Shape): Both {
  const args = shape.class!.parameters.map((type, k): Both => {
    const own = shape.fields.filter((field) =>
      type === "real" ? field.kind === "real" : "shape" in field && field.shape === type,
    )[k];
    if (own && generator.random.chance(0.5)) return both`this.${own.name}`;
    if (type !== "real") return objectExpression(generator, scope, type, 0);
    return bounded(generator, scope, 1);
  });
  return both`new ${shape.name}(${joined(args)})`;
}

function accessorsOf(generator: Generator, shape: Shape, stem: string): Member[] {
  const { random } = generator;
  const members: Member[] = [];
  const [getter, setter] = [`${stem}Value`, `${stem}Input`];
  if (random.chance(0.4)) {
    const scope = insideMethod(shape, "number");
    const body = [pinned(both`return ${returned(generator, scope)};`)];
    members.push({ head: both`get ${getter}()${typeOnly(": number")} {`, body });
    shape.class!.getters.push(getter);
  }
  if (random.chance(0.3)) {
    const scope = insideMethod(shape, "never");
    scope.reals.push({ name: "value", isConstant: false });
    const field = random.pick(shape.fields.filter(({ kind }) => kind === "real"));
    const body = [
      pinned(both`this.${field.name} = ${operate(both`value`, "*", literal(0.5))};`),
      ...statements(generator, scope, 1),
    ];
    members.push({ head: both`set ${setter}(${typed("value", "number")}) {`, body });
    shape.class!.setters.push(setter);
  }
  return members;
}

function makerOf(generator: Generator, shape: Shape): Member {
  const scope = insideFunction(emptyScope(), "never");
  scope.reals.push({ name: "seed", isConstant: false });
  const body = [...statements(generator, scope, 1)];
  body.push(
    pinned(both`return ${construct(generator, scope, { ...shape, class: { ...shape.class!, makers: [] } }, 0)};`),
  );
  shape.class!.makers.push("make");
  return { head: both`static make(${typed("seed", "number")})${typeOnly(`: ${shape.name}`)} {`, body };
}
