/** Values and statements as text for people: expressions, short enough to be read in a picture or a report. */
import type { Key, Statement, Value } from "./ir.js";
import { primitiveNamed } from "./primitives.js";

export interface Texts {
  /** The statement that is written out in the place of a value; null for values with a node of their own. */
  definitionOf(value: Value): Statement | null;
  nameOf(value: Value): string;
}

/** The text of a value, or of what a statement computes. */
export function textOf(of: Value | Statement, texts: Texts): string {
  if ("kind" in of) return statementText(of, texts);
  const definition = texts.definitionOf(of);
  return definition ? statementText(definition, texts) : texts.nameOf(of);
}

function statementText(statement: Statement, texts: Texts): string {
  const text = (value: Value): string => textOf(value, texts);
  const inner = (value: Value): string => {
    const definition = texts.definitionOf(value);
    const isBinary = definition?.kind === "apply" && primitiveNamed(definition.primitive).form.kind === "binary";
    return isBinary ? `(${text(value)})` : text(value);
  };
  const list = (values: readonly Value[]): string => values.map(text).join(", ");
  const place = (object: Value, key: Key): string =>
    key.kind === "index" ? `${inner(object)}[${text(key.index)}]` : `${inner(object)}.${key.name}`;
  switch (statement.kind) {
    case "constant":
      return statement.text ?? String(statement.value);
    case "apply":
      return applied(statement.primitive, statement.arguments, { text, inner });
    case "load":
      return place(statement.object, statement.key);
    case "store":
      return `${place(statement.object, statement.key)} = ${text(statement.value)}`;
    case "addTo":
      return `${place(statement.object, statement.key)} += ${text(statement.value)}`;
    case "length":
      return `${inner(statement.object)}.length`;
    case "literal": {
      const { fields, elements } = statement;
      if (!fields) return `[${list(elements)}]`;
      return `{ ${elements.map((one, k) => `${fields[k]!}: ${text(one)}`).join(", ")} }`;
    }
    case "allocate":
      return `array of ${text(statement.length)}`;
    case "zerosLike":
      return `zeros like ${text(statement.object)}`;
    case "arrayPrimitive":
      return `${statement.primitive}(${list(statement.arguments)})`;
    case "runtimeCall":
    case "externalCall":
      return `${statement.name}(${list(statement.arguments)})`;
    case "call":
      return `${statement.callee}(${list(statement.arguments)})`;
    case "push":
      return `${text(statement.object)}.push(${text(statement.value)})`;
    case "pop":
      return `${text(statement.object)}.pop()`;
    case "fill":
      return `${text(statement.object)}.fill(${text(statement.value)})`;
    case "copy":
      return `${text(statement.object)}.set(${text(statement.source)})`;
    case "slice":
    case "view":
      return `${text(statement.object)}.${statement.kind === "slice" ? "slice" : "subarray"}()`;
    case "evaluate":
    case "throw":
      return statement.pieces.map((piece) => (typeof piece === "string" ? piece : text(piece))).join("");
    default:
      return statement.kind;
  }
}

interface Operands {
  readonly text: (value: Value) => string;
  /** In parentheses where it is an operation. */
  readonly inner: (value: Value) => string;
}

function applied(primitive: string, operands: readonly Value[], { text, inner }: Operands): string {
  const { form } = primitiveNamed(primitive);
  switch (form.kind) {
    case "binary":
      return operands.map(inner).join(` ${form.operator} `);
    case "unary":
      return `${form.operator}${operands.map(inner).join("")}`;
    case "suffix":
      return `${operands.map(inner).join("")} ${form.text}`;
    case "call":
      return `${form.callee}(${operands.map(text).join(", ")})`;
    default:
      return operands.map(text).join(", ");
  }
}
