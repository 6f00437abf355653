/** Values as TypeScript expressions, with no more parentheses than they need. */
import { invariant } from "../diagnostics.js";
import { primitiveNamed } from "../ir/primitives.js";
import type { Block, ClosureStatement, ExternalCallee, IfStatement, Key, Statement, Type, Value } from "../ir/ir.js";
import { replaceLocals } from "../ir/references.js";
import { fieldType, missingOf } from "../ir/types.js";
import { isNarrowedAway } from "./clearedFields.js";
import { nameOf, type Printer } from "./printer.js";
import { runtimeNameOf, zerosFunction } from "./runtimeNames.js";
import { fieldText, memberText, typeText, zeroText, zerosLikeText } from "./typeText.js";

/** An expression and how tightly it binds. */
interface Text {
  readonly text: string;
  readonly precedence: number;
}

const primary: number = 20;
const unary = 14;
const factor = 12;
const conditional = 2;

export function runtimeCall(printer: Printer, name: string, args: readonly Value[]): string {
  return `${printer.context.runtimeName(name)}(${args.map((value) => expression(printer, value).text).join(", ")})`;
}

export function conditionText(printer: Printer, value: Value): string {
  const definition = printer.folding.isFolded(value) ? printer.folding.definitionOf(value) : undefined;
  if (definition?.kind === "apply" && definition.primitive === "not") {
    const inner = definition.arguments[0]!;
    const innerDefinition = printer.folding.isFolded(inner) ? printer.folding.definitionOf(inner) : undefined;
    if (innerDefinition?.kind === "apply" && innerDefinition.primitive === "not")
      return expression(printer, innerDefinition.arguments[0]!).text;
  }
  return expression(printer, value).text;
}

const opposite: Readonly<Record<string, string>> = { equal: "!==", notEqual: "===" };

export function negated(printer: Printer, value: Value): string {
  const definition = printer.folding.isFolded(value) ? printer.folding.definitionOf(value) : undefined;
  if (definition?.kind === "apply") {
    const [a, b] = definition.arguments;
    if (definition.primitive === "not") return conditionText(printer, a!);
    const { form } = primitiveNamed(definition.primitive);
    if (form.kind === "suffix")
      return `${wrap(expression(printer, a!), form.precedence + 1)} ${form.text.replace("==", "!=")}`;
    const operator = opposite[definition.primitive];
    if (operator) return `${wrap(expression(printer, a!), 9)} ${operator} ${wrap(expression(printer, b!), 9)}`;
  }
  return `!${wrap(expression(printer, value), unary)}`;
}

export function wrap(of: Text, precedence: number): string {
  return of.precedence < precedence ? `(${of.text})` : of.text;
}

export function expression(printer: Printer, value: Value): Text {
  if (!printer.folding.isFolded(value)) return { text: nameOf(printer, value), precedence: primary };
  const statement = printer.folding.definitionOf(value);
  invariant(statement, `folded value ${value.id} has no definition`);
  return expressionOf(printer, statement);
}

export function object(printer: Printer, value: Value): string {
  const text = wrap(expression(printer, value), primary);
  // At the start of a statement a brace would open a block.
  return text.startsWith("{") ? `(${text})` : text;
}

export function place(printer: Printer, of: Value, key: Key): string {
  if (key.kind === "index") return `${object(printer, of)}[${expression(printer, key.index).text}]`;
  if (/^\d+$/.test(key.name)) return `${object(printer, of)}[${key.name}]`;
  const field = of.type.kind === "record" ? of.type.fields.find(({ name }) => name === key.name) : undefined;
  return memberText(object(printer, of), key.name, field?.isHidden && of.role === "primal");
}

/** An optional field of a record of derivatives: read only where the primal's field is there. */
export function isMaybeMissing(object: Value, key: Key): boolean {
  if (key.kind !== "field" || object.type.kind !== "record") return false;
  const field = object.type.fields.find(({ name }) => name === key.name);
  return field?.isOptional === true && fieldType(object.type, key.name)?.kind !== "optional";
}

export function pieces(printer: Printer, all: readonly (string | Value)[]): string {
  return all.map((piece) => (typeof piece === "string" ? piece : wrap(expression(printer, piece), unary))).join("");
}

function constantText(value: number | boolean | string | null | undefined): Text {
  if (typeof value !== "number")
    return { text: typeof value === "string" ? JSON.stringify(value) : String(value), precedence: primary };
  if (Object.is(value, -0)) return { text: "-0", precedence: unary };
  // V8 knows nothing of the name `NaN` in a branch that has not run: all numbers that meet it there become objects.
  if (Number.isNaN(value)) return { text: "0 / 0", precedence: factor };
  return { text: String(value), precedence: value < 0 ? unary : primary };
}

/** `(seed) => callee(captured, seed)`; what it is given hides nothing that it captures. */
function closureText(printer: Printer, { result, callee, arguments: captured }: ClosureStatement): Text {
  const args = captured.map((value) => expression(printer, value).text);
  const { signature } = result.type as Type & { kind: "opaque" };
  const given = signature!.parameters.map(({ name, type }) => {
    let label = name;
    for (let k = 2; args.includes(label); k++) label = `${name}${k}`;
    return { label, text: `${label}: ${typeText(type)}` };
  });
  const called = [...args, ...given.map(({ label }) => label)].join(", ");
  const text = `(${given.map((one) => one.text).join(", ")}) => ${printer.context.calleeName(callee)}(${called})`;
  return { text, precedence: conditional };
}

export function expressionOf(printer: Printer, statement: Statement): Text {
  const text = (value: Value): string => expression(printer, value).text;
  const call = (callee: string, args: readonly (Value | null)[]): Text => ({
    text: `${callee}(${args
      .filter((value) => value !== null)
      .map(text)
      .join(", ")})`,
    precedence: primary,
  });
  switch (statement.kind) {
    case "constant":
      return statement.text !== null ? { text: statement.text, precedence: primary } : constantText(statement.value);
    case "placeholder": {
      const shared = runtimeNameOf(statement);
      const text = shared === null ? zeroText(statement.result.type) : printer.context.runtimeName(shared);
      return { text, precedence: primary };
    }
    case "global":
      return { text: printer.context.bindingName(statement.binding), precedence: primary };
    case "stop":
      return expression(printer, statement.object);
    case "narrow": {
      const inner = wrap(expression(printer, statement.value), primary);
      const { type } = statement.value;
      const isThere =
        (type.kind === "optional" || type.kind === "nullish") && statement.result.type.kind !== "optional";
      // An instance of several classes, seen as one of them, or what may be null, but not undefined.
      const text = isThere ? `${inner}!` : `(${inner} as ${typeText(statement.result.type)})`;
      return { text, precedence: primary };
    }
    case "apply":
      return applyText(printer, statement.primitive, statement.arguments);
    case "arrayPrimitive":
      return { text: runtimeCall(printer, statement.primitive, statement.arguments), precedence: primary };
    case "runtimeCall":
      return { text: runtimeCall(printer, statement.name, statement.arguments), precedence: primary };
    case "evaluate":
      return {
        text: pieces(printer, statement.pieces),
        precedence: statement.pieces.length > 1 ? conditional : primary,
      };
    case "length":
      return { text: `${object(printer, statement.object)}.length`, precedence: primary };
    case "load": {
      // `!` takes away null as well, which only widens what is assigned.
      const isOptional = statement.result.type.kind === "optional" && missingOf(statement.result.type) !== "null";
      const isUnchecked = printer.context.strictIndex && statement.key.kind === "index";
      const mark = !isOptional && (isUnchecked || isMaybeMissing(statement.object, statement.key)) ? "!" : "";
      const read = `${place(printer, statement.object, statement.key)}${mark}`;
      if (!isNarrowedAway(printer.fn, statement)) return { text: read, precedence: primary };
      return { text: `${read} as ${typeText(statement.result.type)}`, precedence: conditional };
    }
    case "allocate": {
      const { type } = statement.result;
      const name =
        type.kind === "typedArray" ? type.name : `Array<${type.kind === "array" ? typeText(type.element) : "number"}>`;
      const length = text(statement.length);
      if (type.kind === "array" && length === "0" && !statement.fill) return { text: "[]", precedence: primary };
      const fill = statement.fill ? `.fill(${text(statement.fill)})` : "";
      return { text: `new ${name}(${length})${fill}`, precedence: primary };
    }
    case "literal":
      return literalText(printer, statement);
    case "zerosLike": {
      const made = zerosFunction(statement);
      if (made) return call(printer.context.runtimeName(made), [statement.object]);
      return {
        text: zerosLikeText(statement.result.type, object(printer, statement.object), statement.object.type),
        precedence: primary,
      };
    }
    case "view":
      return call(`${object(printer, statement.object)}.subarray`, [statement.start, statement.end]);
    case "slice":
      return sliceText(printer, statement);
    case "pop":
      return {
        text: `${object(printer, statement.object)}.${statement.atStart ? "shift" : "pop"}()!`,
        precedence: primary,
      };
    case "ensure":
      return { text: runtimeCall(printer, "ensure", [statement.object, statement.capacity]), precedence: primary };
    case "call":
      return call(printer.context.calleeName(statement.callee), statement.arguments);
    case "closure":
      return closureText(printer, statement);
    case "externalCall":
      return { text: externalText(printer, statement.callee, statement.arguments), precedence: primary };
    case "if":
      return conditionalText(printer, statement);
    default:
      invariant(false, `${statement.kind} cannot be printed as an expression`);
  }
}

function externalText(printer: Printer, callee: ExternalCallee, args: readonly Value[]): string {
  const { context } = printer;
  const texts = args.map((value) => expression(printer, value).text);
  switch (callee.kind) {
    case "binding":
      return `${context.bindingName(callee.key)}(${texts.join(", ")})`;
    case "derivative":
      return `${context.calleeName(callee.key)}(${texts.join(", ")})`;
    case "hook": {
      const [cotangent, ...holes] = texts;
      const typed = callee.isGeneric ? "<any>" : "";
      return `${context.runtimeName("applyHook")}${typed}(${cotangent}, ${filled(callee.pieces, holes)})`;
    }
    case "hooked":
      invariant(false, "what is hooked was not passed on");
  }
}

/** The pieces with the texts between them; names that the pieces declare give way to those in the texts. */
function filled(pieces: readonly string[], holes: readonly string[]): string {
  const taken = new Set(holes.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []));
  const nameOf = (name: string): string => {
    let free = name;
    for (let k = 2; taken.has(free); k++) free = `${name}${k}`;
    return free;
  };
  return pieces.map((piece, k) => replaceLocals(piece, nameOf) + (holes[k] ?? "")).join("");
}

function sliceText(printer: Printer, statement: Statement & { kind: "slice" }): Text {
  const { object: source, start, end, result } = statement;
  const from =
    result.type.kind === "typedArray" && (source.type.kind !== "typedArray" || source.type.name !== result.type.name);
  const text = expression(printer, source).text;
  if (result.type.kind === "typedArray" && result.type.name === "ArrayLike")
    return { text: `Array.from(${text})`, precedence: primary };
  if (from && result.type.kind === "typedArray")
    return { text: `${result.type.name}.from(${text})`, precedence: primary };
  if (result.type.kind === "array" && source.type.kind === "typedArray")
    return { text: `Array.from(${text})`, precedence: primary };
  const args = [start, end].filter((value) => value !== null).map((value) => expression(printer, value!).text);
  return { text: `${object(printer, source)}.slice(${args.join(", ")})`, precedence: primary };
}

function literalText(printer: Printer, statement: Statement & { kind: "literal" }): Text {
  const texts = statement.elements.map((value) => {
    const { text } = expression(printer, value);
    return text === "[]" ? `[] as ${typeText(value.type)}` : text;
  });
  if (statement.fields === null) return { text: `[${texts.join(", ")}]`, precedence: primary };
  const fields = statement.fields.map((name, k) => (name === texts[k] ? name : `${fieldText(name)}: ${texts[k]}`));
  return { text: `{ ${fields.join(", ")} }`, precedence: primary };
}

function applyText(printer: Printer, primitive: string, args: readonly Value[]): Text {
  const { form } = primitiveNamed(primitive);
  const [a, b] = args.map((value) => expression(printer, value));
  switch (form.kind) {
    case "call":
      if (primitive === "toNumber" && args[0]!.type.kind === "boolean")
        return { text: `${wrap(a!, conditional + 1)} ? 1 : 0`, precedence: conditional };
      return {
        text: `${form.callee}(${args.map((value) => expression(printer, value).text).join(", ")})`,
        precedence: primary,
      };
    case "unary": {
      const inner = wrap(a!, unary);
      return { text: `${form.operator}${inner.startsWith(form.operator) ? `(${inner})` : inner}`, precedence: unary };
    }
    case "identity":
      return a!;
    case "suffix":
      return { text: `${wrap(a!, form.precedence + 1)} ${form.text}`, precedence: form.precedence };
    case "binary": {
      const { operator, precedence } = form;
      if (operator === "**") return { text: `${wrap(a!, 15)} ** ${wrap(b!, 13)}`, precedence };
      const right = wrap(b!, precedence + 1);
      return {
        text: `${wrap(a!, precedence)} ${operator} ${right.startsWith("-") ? `(${right})` : right}`,
        precedence,
      };
    }
  }
}

/** `x` in `x === undefined ? d : x`, where TypeScript knows that it is there. */
function withoutMark(printer: Printer, statement: IfStatement): Text | null {
  const test = printer.folding.definitionOf(statement.condition);
  const taken = printer.folding.definitionOf(statement.else.yields[0]!);
  const isTest = test?.kind === "apply" && (test.primitive === "isUndefined" || test.primitive === "isNullish");
  if (!isTest || taken?.kind !== "narrow" || test.arguments[0] !== taken.value) return null;
  if (!printer.folding.isFolded(statement.condition) || !printer.folding.isFolded(taken.result)) return null;
  return printer.folding.isFolded(taken.value) ? null : expression(printer, taken.value);
}

/** `c ? a : b`, or `a && b`, `a || b`, `!a` where the branches are constants. */
export function conditionalText(printer: Printer, statement: IfStatement): Text {
  const constantIn = (block: Block): unknown => {
    const value = block.yields[0]!;
    const definition = printer.folding.definitionOf(value);
    return definition?.kind === "constant" ? definition.value : null;
  };
  const yes = expression(printer, statement.then.yields[0]!);
  const no = withoutMark(printer, statement) ?? expression(printer, statement.else.yields[0]!);
  const condition = expression(printer, statement.condition);
  const isBoolean = statement.condition.type.kind === "boolean";
  if (isBoolean && constantIn(statement.else) === false) {
    if (constantIn(statement.then) === true) return condition;
    return { text: `${wrap(condition, 5)} && ${wrap(yes, 4)}`, precedence: 4 };
  }
  if (isBoolean && constantIn(statement.then) === true) {
    const left = condition.precedence === 4 ? condition.text : wrap(condition, 3);
    return { text: `${left} || ${wrap(no, 3)}`, precedence: 3 };
  }
  if (isBoolean && constantIn(statement.then) === false && constantIn(statement.else) === true)
    return { text: negated(printer, statement.condition), precedence: unary };
  const test = conditionText(printer, statement.condition);
  const wrappedTest = condition.precedence <= conditional ? `(${test})` : test;
  return { text: `${wrappedTest} ? ${wrap(yes, conditional)} : ${wrap(no, conditional)}`, precedence: conditional };
}
