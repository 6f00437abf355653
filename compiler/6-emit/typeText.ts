/** Types as TypeScript text. */
import { isScalar } from "../ir/types.js";
import type { RecordField, RecordType, Type } from "../ir/ir.js";

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
      const isCompound = type.element.kind === "optional" || element.startsWith("readonly ");
      return `${type.isReadonly ? "readonly " : ""}${isCompound ? `(${element})` : element}[]`;
    }
    case "typedArray":
      return type.name;
    case "tuple": {
      const elements = type.elements.map(
        (element, k) => `${type.labels ? `${type.labels[k]}: ` : ""}${typeText(element)}`,
      );
      return `${type.isReadonly ? "readonly " : ""}[${elements.join(", ")}]`;
    }
    case "record":
      return type.isDeclared ? type.name! : recordText(type);
    case "opaque":
      return type.text;
  }
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
      return "undefined";
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
      return type.isUnion === true || (!type.isDeclared && type.fields.some((field) => needsAnnotation(field.type)));
    case "optional":
      return true;
    default:
      return false;
  }
}

/** Zeros of the same structure as the object that `text` names. */
export function zerosLikeText(type: Type, text: string, depth = 0): string {
  switch (type.kind) {
    case "array": {
      if (isScalar(type.element)) return `new Array<number>(${text}.length).fill(0)`;
      const item = depth === 0 ? "row" : `row${depth + 1}`;
      const inside = zerosLikeText(type.element, item, depth + 1);
      const isUsed = new RegExp(`\\b${item}\\b`).test(inside);
      const isUnion = type.element.kind === "record" && type.element.isUnion === true;
      const parameter = isUnion ? `${item}: ${typeText(type.element)}` : item;
      return `${text}.map((${isUsed ? parameter : ""}) => (${inside}))`;
    }
    case "typedArray":
      return `new ${type.name}(${text}.length)`;
    case "tuple":
      return `[${type.elements.map((element, k) => zerosLikeText(element, `${text}[${k}]`, depth)).join(", ")}]`;
    case "record":
      return `{ ${type.fields.map((field) => zeroFieldText(field, memberText(text, field.name, field.isHidden), depth)).join(", ")} }`;
    case "optional":
      return `${text} && ${zerosLikeText(type.of, text, depth)}`;
    case "number":
      return "0";
    case "nullish":
      return "undefined";
    default:
      return text;
  }
}

/** An optional number has a gradient exactly when the argument holds a number. */
function zeroFieldText(field: RecordField, text: string, depth: number): string {
  const zeros = `${fieldText(field.name)}: ${zerosLikeText(field.type, text, depth)}`;
  return field.isOptional && field.type.kind === "number" ? `...(${text} !== undefined && { ${zeros} })` : zeros;
}
