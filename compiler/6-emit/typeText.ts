/** Types as TypeScript text. */
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
      return type.isDeclared ? type.name! : (type.text ?? recordText(type));
    case "opaque":
      return type.text;
  }
}

function recordText(type: RecordType): string {
  const fields = type.fields.map((field) => `${field.name}${field.isOptional ? "?" : ""}: ${typeText(field.type)}`);
  return `{ ${fields.join("; ")} }`;
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
        .map((field) => `${field.name}: ${zeroText(field.type)}`)
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
      return type.text !== undefined || (!type.isDeclared && type.fields.some((field) => needsAnnotation(field.type)));
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
      if (type.element.kind === "number") return `new Array<number>(${text}.length).fill(0)`;
      const item = depth === 0 ? "row" : `row${depth + 1}`;
      const inside = zerosLikeText(type.element, item, depth + 1);
      const isUsed = new RegExp(`\\b${item}\\b`).test(inside);
      return `${text}.map((${isUsed ? item : ""}) => (${inside}))`;
    }
    case "typedArray":
      return `new ${type.name}(${text}.length)`;
    case "tuple":
      return `[${type.elements.map((element, k) => zerosLikeText(element, `${text}[${k}]`, depth)).join(", ")}]`;
    case "record":
      return `{ ${type.fields.map((field) => zeroFieldText(field, `${text}.${field.name}`, depth)).join(", ")} }`;
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
  const zeros = `${field.name}: ${zerosLikeText(field.type, text, depth)}`;
  return field.isOptional && field.type.kind === "number" ? `...(${text} !== undefined && { ${zeros} })` : zeros;
}
