/** Random types of records: their fields, and expressions that make a record or reach one. */
import { both, type Both, joined } from "./both.js";
import { bounded, condition, integer, literal, real } from "./expressions.js";
import { calledMethod, helperCall } from "./functionCalls.js";
import type { Statement } from "./program.js";
import type { Random } from "./random.js";
import type { Generator, Scope } from "./scope.js";

type Named<Kind extends string, Rest = unknown> = { readonly name: string; readonly kind: Kind } & Rest;

export type Field =
  | Named<"real">
  /** May be missing. */
  | Named<"optional">
  /** At least 3 numbers; one that is still is made of numbers written out. */
  | Named<"list", { readonly isStill: boolean }>
  | Named<"object", { readonly shape: Shape }>
  /** A record that may be missing. */
  | Named<"maybe", { readonly shape: Shape }>
  /** At least 2 records. */
  | Named<"group", { readonly shape: Shape }>;

export type ParameterType = "real" | "optional" | "rest";

export interface Method {
  readonly name: string;
  readonly parameters: readonly ParameterType[];
  readonly result: "number" | "nothing" | Shape;
}

export interface Shape {
  readonly name: string;
  readonly fields: Field[];
  /** The value of `kind`, in a variant of a union. */
  readonly tag: string | null;
  /** What a class has; null for an interface. */
  readonly class: {
    /** Of the constructor. */
    readonly parameters: readonly ("real" | Shape)[];
    readonly methods: Method[];
    /** Static methods that give an instance. */
    readonly makers: string[];
    readonly getters: string[];
    readonly setters: string[];
  } | null;
}

export interface Union {
  readonly name: string;
  readonly variants: readonly Shape[];
}

/** `name: type`. */
export function fieldText(field: Field): string {
  const { name } = field;
  switch (field.kind) {
    case "real":
      return `${name}: number`;
    case "optional":
      return `${name}?: number`;
    case "list":
      return `${name}: number[]`;
    case "object":
      return `${name}: ${field.shape.name}`;
    case "maybe":
      return `${name}?: ${field.shape.name}`;
    case "group":
      return `${name}: ${field.shape.name}[]`;
  }
}

export function declareShape({ name, fields, tag }: Shape): Statement {
  const parts = [...(tag === null ? [] : [`kind: "${tag}"`]), ...fields.map(fieldText)];
  return {
    kind: "line",
    isPinned: true,
    text: { plain: `export interface ${name} { ${parts.join("; ")} }`, dual: "" },
  };
}

/** One that may hold records of the `known` shapes. */
export function randomShape(random: Random, name: string, known: readonly Shape[], tag: string | null = null): Shape {
  const fields: Field[] = [{ name: "p", kind: "real" }];
  if (random.chance(0.6)) fields.push({ name: "q", kind: "real" });
  if (random.chance(0.3)) fields.push({ name: "e", kind: "optional" });
  if (random.chance(0.4)) fields.push({ name: "w", kind: "list", isStill: random.chance(0.4) });
  const shape: Shape = { name, fields, tag, class: null };
  if (known.length > 0 && random.chance(0.6))
    fields.push({ name: "inside", kind: "object", shape: random.pick(known) });
  if (known.length > 0 && random.chance(0.3)) fields.push({ name: "items", kind: "group", shape: random.pick(known) });
  const next = random.pick([shape, ...known]);
  if (random.chance(0.25)) fields.push({ name: "next", kind: "maybe", shape: next });
  return shape;
}

// ---------------------------------------------------------------------------------------------------------- places

export interface Place {
  readonly text: Both;
  readonly shape: Shape;
}

/** An item of an array that has some. */
export function itemOf(generator: Generator, scope: Scope, group: Both): Both {
  const { random } = generator;
  const kind = random.integer(0, 3);
  if (kind === 0) return both`${group}[${group}.length - 1]`;
  if (kind === 1) return both`${group}[${random.integer(0, 1)}]`;
  return both`${group}[${integer(generator, scope, 0)} % ${kind === 2 ? both`${group}.length` : both`2`}]`;
}

/** A record that is at hand, of the shape asked for; null where none is found. */
export function objectPlace(generator: Generator, scope: Scope, wanted?: Shape): Place | null {
  const { random } = generator;
  const roots = [...scope.objects, ...scope.groups];
  if (roots.length === 0) return null;
  for (let attempt = 0; attempt < 4; attempt++) {
    const root = random.pick(roots);
    const name = both`${root.name}`;
    let place: Place = { text: "least" in root ? itemOf(generator, scope, name) : name, shape: root.shape };
    for (let step = 0; step < 3; step++) {
      if (wanted ? place.shape === wanted : random.chance(0.6)) return place;
      const steps = place.shape.fields.filter((field) => field.kind === "object" || field.kind === "group");
      if (steps.length === 0) break;
      const field = random.pick(steps);
      const text = both`${place.text}.${field.name}`;
      place = { text: field.kind === "group" ? itemOf(generator, scope, text) : text, shape: field.shape };
    }
    if (!wanted) return place;
  }
  return null;
}

/** A number of a record. */
export function objectReal(generator: Generator, scope: Scope): Both | null {
  const { random } = generator;
  const place = objectPlace(generator, scope);
  if (!place) return null;
  const getters = place.shape.class?.getters ?? [];
  if (getters.length > 0 && random.chance(0.3)) return both`${place.text}.${random.pick(getters)}`;
  const field = random.pick(place.shape.fields);
  const text = both`${place.text}.${field.name}`;
  if (field.kind === "real") return text;
  if (field.kind === "optional") return both`(${text} ?? ${literal(0.4)})`;
  if (field.kind === "list") return both`${text}[${integer(generator, scope, 0)} % 3]`;
  if (field.kind === "maybe") return both`(${text}?.${firstReal(field.shape)} ?? ${literal(0.6)})`;
  const item = field.kind === "group" ? itemOf(generator, scope, text) : text;
  return both`${item}.${firstReal(field.shape)}`;
}

/** A field that every record of the shape has. */
export function firstReal(shape: Shape): string {
  return shape.fields.find(({ kind }) => kind === "real")!.name;
}

// --------------------------------------------------------------------------------------------------------- records

/** A new record. */
export function construct(generator: Generator, scope: Scope, shape: Shape, depth = 1): Both {
  const { random } = generator;
  const record = (inside: Shape): Both =>
    depth > 0 ? objectExpression(generator, scope, inside, depth - 1) : construct(generator, scope, inside, -1);
  if (shape.class) {
    if (shape.class.makers.length > 0 && random.chance(0.4))
      return both`${shape.name}.${random.pick(shape.class.makers)}(${bounded(generator, scope, 1)})`;
    const args = shape.class.parameters.map((type) => (type === "real" ? bounded(generator, scope, 1) : record(type)));
    return both`new ${shape.name}(${joined(args)})`;
  }
  const source = random.chance(0.3) ? objectPlace(generator, scope, shape) : null;
  const parts: Both[] = source ? [both`...${source.text}`] : shape.tag === null ? [] : [both`kind: "${shape.tag}"`];
  for (const field of shape.fields) {
    if (source && random.chance(0.6)) continue;
    const value = fieldValue(generator, scope, field, record);
    if (value) parts.push(both`${field.name}: ${value}`);
  }
  return both`{ ${joined(parts)} }`;
}

/** Null where the field is left out. */
function fieldValue(generator: Generator, scope: Scope, field: Field, record: (shape: Shape) => Both): Both | null {
  const { random } = generator;
  if (field.kind === "real") return bounded(generator, scope, 1);
  if (field.kind === "optional") return optionalReal(generator, scope);
  if (field.kind === "list") return field.isStill ? stillList(random) : listValue(generator, scope);
  if (field.kind === "object") return record(field.shape);
  if (field.kind === "group") {
    const twice = objectPlace(generator, scope, field.shape);
    if (twice && random.chance(0.4)) return both`[${twice.text}, ${twice.text}]`;
    return both`[${record(field.shape)}, ${record(field.shape)}]`;
  }
  // A record may hold another of its own shape; one that is at hand, so that this ends.
  const known = objectPlace(generator, scope, field.shape);
  if (known && random.chance(0.6)) return known.text;
  return random.chance(0.5) ? null : both`undefined`;
}

/** A number or nothing. */
export function optionalReal(generator: Generator, scope: Scope): Both | null {
  const { random } = generator;
  const kind = random.integer(0, 3);
  if (kind === 0) return null;
  if (kind === 1) return both`undefined`;
  const value = bounded(generator, scope, 1);
  return kind === 2 ? value : both`(${condition(generator, scope, 0)} ? ${value} : undefined)`;
}

/** At least three numbers: an array that is known, or a new one. */
export function listValue(generator: Generator, scope: Scope): Both {
  const { random } = generator;
  const lists = scope.arrays.filter(({ kind, least }) => kind === "list" && least >= 3);
  if (lists.length > 0 && random.chance(0.6)) return both`${random.pick(lists).name}`;
  const [first, second] = [bounded(generator, scope, 1), real(generator, scope, 0)];
  return both`[${first}, ${second}, ${literal(0.5)}]`;
}

/** Numbers that stand still, beside those that move. */
export function stillList(random: Random): Both {
  return both`[${literal(random.pick([0.4, 1.3]))}, ${literal(-1.1)}, ${literal(0.8)}]`;
}

/** Any expression for a record of the shape. */
export function objectExpression(generator: Generator, scope: Scope, shape: Shape, depth = 1): Both {
  const { random } = generator;
  const kind = random.integer(0, 9);
  if (kind <= 3) return objectPlace(generator, scope, shape)?.text ?? construct(generator, scope, shape, depth);
  if (kind === 4 && depth > 0) {
    const inside = (): Both => objectExpression(generator, scope, shape, depth - 1);
    return both`(${condition(generator, scope)} ? ${inside()} : ${inside()})`;
  }
  if (kind === 5) return helperCall(generator, scope, shape) ?? construct(generator, scope, shape, depth);
  if (kind === 6) return calledMethod(generator, scope, shape) ?? construct(generator, scope, shape, depth);
  if (kind === 7) {
    const maybe = objectPlace(generator, scope);
    const field = maybe?.shape.fields.find((one) => one.kind === "maybe" && one.shape === shape);
    if (maybe && field) return both`(${maybe.text}.${field.name} ?? ${construct(generator, scope, shape, 0)})`;
  }
  return construct(generator, scope, shape, depth);
}
