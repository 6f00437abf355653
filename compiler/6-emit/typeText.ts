/** Types as TypeScript text. */
import { isPlainName } from "./names.js";
import { isScalar, typesWithin } from "../ir/types.js";
import type { FunctionSignature, RecordField, RecordType, Type } from "../ir/ir.js";

export function typeText(type: Type): string {
  switch (type.kind) {
    case "number":
    case "boolean":
    case "string":
      return type.kind;
    case "nullish":
      return type.missing ?? "undefined";
    case "optional":
      return `${typeText(type.of)} | ${type.missing ?? "undefined"}`;
    case "array": {
      const element = typeText(type.element);
      const isCompound =
        type.element.kind === "optional" ||
        element.startsWith("readonly ") ||
        (type.element.kind === "opaque" && /=>|[|&]/.test(element));
      return `${type.isReadonly ? "readonly " : ""}${isCompound ? `(${element})` : element}[]`;
    }
    case "typedArray":
      return type.name === "ArrayLike" ? "ArrayLike<number>" : type.name;
    case "tuple": {
      const labels = type.labels?.every(isPlainName) ? type.labels : null;
      const elements = type.elements.map((element, k) => `${labels ? `${labels[k]}: ` : ""}${typeText(element)}`);
      return `${type.isReadonly ? "readonly " : ""}[${elements.join(", ")}]`;
    }
    case "record":
      return type.isDeclared ? type.name! : (type.text ?? recordText(type));
    case "opaque":
      if (type.signature) return signatureText(type.signature);
      return type.typeArguments ? `${type.text}<[${type.typeArguments.map(typeText).join(", ")}]>` : type.text;
  }
}

function signatureText({ parameters, result }: FunctionSignature): string {
  return `(${parameters.map(({ name, type }) => `${name}: ${typeText(type)}`).join(", ")}) => ${typeText(result)}`;
}

function recordText(type: RecordType): string {
  const fields = type.fields.map(
    (field) => `${fieldText(field.name)}${field.isOptional ? "?" : ""}: ${typeText(field.type)}`,
  );
  return `{ ${fields.join("; ")} }`;
}

const identifier = /^[A-Za-z_$][\w$]*$/;

/** A field's name in a literal or a type. */
export function fieldText(name: string): string {
  return identifier.test(name) ? name : JSON.stringify(name);
}

/** `object.name`; what a class hides can be reached by an index. */
export function memberText(object: string, name: string, isHidden: boolean = false): string {
  return identifier.test(name) && !isHidden ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}

/** The declaration of a record that generated code names. */
export function interfaceText(type: RecordType): string {
  return `interface ${type.name} ${recordText(type)}\n`;
}

/** The declaration of an interface of the user's that stands in for a class: its name is in the type's text. */
export function fieldsText(type: RecordType): string {
  return `interface ${type.text} ${recordText(type)}\n`;
}

/** A zero of the type, for a value that is never used. */
export function zeroText(type: Type): string {
  switch (type.kind) {
    case "number":
      return "0";
    case "boolean":
      return "false";
    case "string":
      return '""';
    case "nullish":
    case "optional":
      return type.missing === "null" ? "null" : "undefined";
    case "array":
      return "[]";
    case "typedArray":
      return `new ${type.name}(0)`;
    case "tuple":
      return `[${type.elements.map(zeroText).join(", ")}]`;
    case "record":
      return `{ ${type.fields
        .filter((field) => !field.isOptional)
        .map((field) => `${fieldText(field.name)}: ${zeroText(field.type)}`)
        .join(", ")} }`;
    case "opaque":
      return "undefined as never";
  }
}

/** A literal of this type would be taken for something wider. */
export function needsAnnotation(type: Type): boolean {
  switch (type.kind) {
    case "tuple":
      return true;
    case "array":
      return needsAnnotation(type.element);
    case "record":
      if (type.isUnion || type.text !== undefined) return true;
      return !type.isDeclared && type.fields.some((field) => needsAnnotation(field.type));
    case "optional":
      return true;
    default:
      return false;
  }
}

/** Zeros, of the type of a shadow, of the same structure as the object of type `source` that `text` names. */
export function zerosLikeText(type: Type, text: string, source: Type, depth = 0): string {
  switch (type.kind) {
    case "array": {
      if (isScalar(type.element)) return `new Array<number>(${text}.length).fill(0)`;
      const item = depth === 0 ? "row" : `row${depth + 1}`;
      const element = partOf(source, "[]");
      const inside = zerosLikeText(type.element, item, element, depth + 1);
      const isUsed = new RegExp(`\\b${item}\\b`).test(inside);
      const parameter = element.kind === "record" && element.isUnion ? `${item}: ${typeText(element)}` : item;
      return `${text}.map((${isUsed ? parameter : ""}) => (${inside}))`;
    }
    case "typedArray":
      return `new ${type.name}(${text}.length)`;
    case "tuple":
      return `[${type.elements.map((element, k) => zerosLikeText(element, `${text}[${k}]`, partOf(source, k), depth)).join(", ")}]`;
    case "record":
      return `{ ${type.fields.map((field) => zeroFieldText(field, memberText(text, field.name, field.isHidden), partOf(source, field.name), depth)).join(", ")} }`;
    case "optional":
      return `${text} && ${zerosLikeText(type.of, text, source, depth)}`;
    case "number":
      return "0";
    case "nullish":
      return "undefined";
    default:
      return text;
  }
}

/** The source names some part of the type by a union of records. */
export function holdsUnion(type: Type): boolean {
  return [...typesWithin(type)].some((inside) => inside.kind === "record" && inside.isUnion === true);
}

/** The source names some part of the type by a class, all of whose fields can be written out. */
export function holdsOpenInstance(type: Type): boolean {
  const records = [...typesWithin(type)].filter((inside) => inside.kind === "record");
  return records.some(({ brands }) => brands !== undefined) && !records.some(hidesFields);
}

/** The source names some part of the type by what says less of its fields: an interface, a class that hides them. */
export function standsForHiding(type: Type): boolean {
  return [...typesWithin(type)].some(
    (inside) =>
      inside.kind === "record" &&
      inside.brands !== undefined &&
      (inside.isUnion || (inside.text !== undefined && hidesFields(inside))),
  );
}

function hidesFields({ fields }: RecordType): boolean {
  return fields.some((field) => field.isHidden);
}

/** The type of a part: of every element, of the element at a position, of a field. */
function partOf(type: Type, key: string | number): Type {
  switch (type.kind) {
    case "optional":
      return partOf(type.of, key);
    case "array":
      return type.element;
    case "tuple":
      return type.elements[Number(key)] ?? type;
    case "record":
      return type.fields.find((field) => field.name === key)?.type ?? type;
    default:
      return type;
  }
}

/** An optional number has a gradient exactly when the argument holds a number. */
function zeroFieldText(field: RecordField, text: string, source: Type, depth: number): string {
  const zeros = `${fieldText(field.name)}: ${zerosLikeText(field.type, text, source, depth)}`;
  return field.isOptional && field.type.kind === "number" ? `...(${text} !== undefined && { ${zeros} })` : zeros;
}
