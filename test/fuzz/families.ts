/** Random classes of one interface, in functions: instances are chosen, gathered in arrays, replaced and asked. */
import { line } from "./arrayStatements.js";
import { both, type Both, joined } from "./both.js";
import { returned } from "./controlStatements.js";
import { bounded, condition, integer, literal, operate } from "./expressions.js";
import { declare } from "./objectStatements.js";
import type { Statement } from "./program.js";
import { type Family, freshName, type Generator, inner, insideFunction, type Scope } from "./scope.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const pinned = (text: Both): Statement => ({ kind: "line", text, isPinned: true });
const typed = (name: string, type: string): Both => ({ plain: `${name}: ${type}`, dual: name });
const typeOnly = (text: string): Both => ({ plain: text, dual: "" });

/** An interface, or a base class with a field of its own, and two or three classes that have what it says. */
const declareFamily: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.loops > 0) return null;
  const name = freshName(generator, "Kind");
  const isAbstract = random.chance(0.4);
  const changes = random.chance(0.6);
  const classes = Array.from({ length: random.integer(2, 3) }, () => {
    const fields = ["p", ...(random.chance(0.5) ? ["q"] : [])];
    return { name: freshName(generator, "Case"), fields };
  });
  const family: Family = { name, classes, changes };
  const signatures = ["value(t: number): number", ...(changes ? ["change(t: number): void"] : [])];
  const head: Statement = isAbstract
    ? abstractBase(name, signatures)
    : pinned(typeOnly(`interface ${name} { ${signatures.join("; ")} }`));
  const declared = classes.map((one): Statement => {
    const parameters = joined(one.fields.map((field): Both => ({ plain: `public ${field}: number`, dual: field })));
    const stores = one.fields.map((field) => both`this.${field} = ${field};`);
    const first = isAbstract ? [pinned(both`super();`)] : [];
    const inherits = isAbstract ? both` extends ${name}` : typeOnly(` implements ${name}`);
    const members: Both[] = [both`constructor(${parameters}) {`];
    const bodies: Statement[][] = [[...first, ...stores.map(({ dual }) => pinned({ plain: "", dual }))]];
    members.push(both`value(${typed("t", "number")})${typeOnly(": number")} {`);
    bodies.push(method(generator, scope, one.fields, isAbstract, true));
    if (changes) {
      members.push(both`change(${typed("t", "number")})${typeOnly(": void")} {`);
      bodies.push(method(generator, scope, one.fields, isAbstract, false));
    }
    return {
      kind: "nest",
      heads: members.map((member, k) => (k === 0 ? both`class ${one.name}${inherits} { ${member}` : both`} ${member}`)),
      bodies,
      end: both`} }`,
    };
  });
  scope.families.push(family);
  return [head, ...declared, ...(declareMember(generator, scope) ?? [])];
};

function abstractBase(name: string, signatures: readonly string[]): Statement {
  const own = { plain: "scale: number = 0.8;", dual: `scale = ${literal(0.8).dual};` };
  return pinned(
    both`${typeOnly("abstract ")}class ${name} { ${own} ${typeOnly(signatures.map((text) => `abstract ${text};`).join(" "))} }`,
  );
}

function method(
  generator: Generator,
  scope: Scope,
  fields: readonly string[],
  hasScale: boolean,
  gives: boolean,
): Statement[] {
  const { random } = generator;
  const inside = insideFunction(scope, gives ? "number" : "never");
  // What `this` is outside of the class has no name in it, and neither have the families: calls end.
  for (const list of [inside.objects, inside.functions, inside.members, inside.crowds, inside.families])
    list.length = 0;
  for (const object of scope.objects) if (!object.name.startsWith("this")) inside.objects.push(object);
  inside.reals.push({ name: "t", isConstant: false });
  for (const field of fields) inside.reals.push({ name: `this.${field}`, isConstant: false });
  if (hasScale) inside.reals.push({ name: "this.scale", isConstant: false });
  const body = [...statements(generator, inside, random.integer(0, 2))];
  if (gives) return [...body, pinned(both`return ${returned(generator, inside)};`)];
  return [...body, pinned(both`this.p = ${operate(both`this.p`, "%", literal(2))};`)];
}

function instance(generator: Generator, scope: Scope, family: Family): Both {
  const { random } = generator;
  const known = scope.members.filter((member) => member.family === family);
  if (known.length > 0 && random.chance(0.2)) return both`${random.pick(known).name}`;
  const { name, fields } = random.pick(family.classes);
  return both`new ${name}(${joined(fields.map(() => bounded(generator, scope, 1)))})`;
}

const declareMember: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.families.length === 0) return declareFamily(generator, scope);
  const family = random.pick(scope.families);
  const name = freshName(generator, "one");
  const isConstant = random.chance(0.5);
  const [first, second] = [instance(generator, scope, family), instance(generator, scope, family)];
  const value = random.chance(0.4) ? both`${condition(generator, scope)} ? ${first} : ${second}` : first;
  scope.members.push({ name, family, isConstant });
  return [declare(isConstant ? "const" : "let", name, family.name, value)];
};

const replaceMember: Maker = (generator, scope) => {
  const { random } = generator;
  const variables = scope.members.filter(({ isConstant }) => !isConstant);
  if (variables.length === 0) return null;
  const { name, family } = random.pick(variables);
  const value = instance(generator, scope, family);
  return [
    line(
      random.chance(0.6) ? both`if (${condition(generator, scope)}) ${name} = ${value};` : both`${name} = ${value};`,
    ),
  ];
};

const declareCrowd: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.families.length === 0 || scope.loops > 1) return null;
  const family = random.pick(scope.families);
  const name = freshName(generator, "crowd");
  const items = Array.from({ length: random.integer(1, 3) }, () => instance(generator, scope, family));
  const result = [declare("const", name, `${family.name}[]`, both`[${joined(items)}]`)];
  if (random.chance(0.4)) {
    const i = freshName(generator, "i");
    const inside = inner(scope, { loops: scope.loops + 1 });
    inside.integers.push({ name: i, isConstant: true, range: null, indexes: null });
    const push = both`${name}.push(${instance(generator, inside, family)});`;
    result.push(line(both`for (let ${i} = 0; ${i} < ${random.integer(1, 3)}; ${i}++) ${push}`));
  }
  scope.crowds.push({ name, family });
  return result;
};

/** The name of a member at hand. */
function anyMember(generator: Generator, scope: Scope): { readonly text: Both; readonly family: Family } | null {
  const { random } = generator;
  const ways = [
    ...scope.members.map(({ name, family }) => ({ text: both`${name}`, family })),
    ...scope.crowds.map(({ name, family }) => ({
      text: both`${name}[${integer(generator, scope, 0)} % ${name}.length]`,
      family,
    })),
  ];
  return ways.length > 0 ? random.pick(ways) : null;
}

const askMember: Maker = (generator, scope) => {
  const { random } = generator;
  const member = anyMember(generator, scope);
  if (!member) return scope.families.length === 0 ? declareFamily(generator, scope) : null;
  if (scope.loops > 2) return null;
  if (member.family.changes && random.chance(0.3))
    return [line(both`${member.text}.change(${bounded(generator, scope, 1)});`)];
  const name = freshName(generator, "s");
  const text = both`let ${name} = ${member.text}.value(${bounded(generator, scope, 1)});`;
  scope.reals.push({ name, isConstant: false });
  return [line(text)];
};

const visitCrowd: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.crowds.length === 0 || scope.loops > 1) return null;
  const { name, family } = random.pick(scope.crowds);
  const item = freshName(generator, "one");
  const inside = inner(scope, { loops: scope.loops + 1, jumps: [...scope.jumps, { kind: "loop", label: null }] });
  inside.members.push({ name: item, family, isConstant: true });
  // A crowd does not grow while it is visited.
  inside.crowds.length = 0;
  const asked = askMember(generator, inside) ?? [];
  const body = [...asked, ...statements(generator, inside, random.integer(1, 2))];
  return [{ kind: "nest", heads: [both`for (const ${item} of ${name}) {`], bodies: [body], end: both`}` }];
};

const tellApart: Maker = (generator, scope) => {
  const { random } = generator;
  if (scope.members.length === 0 || scope.depth > 3) return null;
  const { name, family } = random.pick(scope.members);
  const one = random.pick(family.classes);
  const inside = inner(scope);
  // It may be replaced by one of another class.
  inside.members.length = 0;
  for (const field of one.fields) inside.reals.push({ name: `${name}.${field}`, isConstant: false });
  const body = statements(generator, inside, random.integer(1, 2));
  return [{ kind: "nest", heads: [both`if (${name} instanceof ${one.name}) {`], bodies: [body], end: both`}` }];
};

export const familyStatements: readonly (readonly [number, Maker])[] = [
  [2, declareFamily],
  [2, declareMember],
  [2, replaceMember],
  [2, declareCrowd],
  [4, askMember],
  [2, visitCrowd],
  [2, tellApart],
];
