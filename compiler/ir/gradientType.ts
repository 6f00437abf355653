import type { RecordField, Type } from "./ir.js";
import { canCarryDerivative, holdsSingles } from "./types.js";

const gradientTypes = new WeakMap<Type, Type>();
const shadowTypes = new WeakMap<Type, Type>();

/**
 * The type of a gradient with respect to something of type `type`: full shape, numbers for numbers, fields that cannot
 * carry a derivative left out, `readonly` dropped, labels kept. (`Gradient<T>` of the package says the same to users.)
 */
export function gradientType(type: Type): Type {
  return mapped(type, { memo: gradientTypes, text: "Gradient", rename: (name) => name });
}

/** The type in which adjoints of `type` are summed: a gradient whose single precision arrays are double. */
export function shadowType(type: Type): Type {
  if (!holdsSingles(type)) return gradientType(type);
  const rename = (name: TypedName): TypedName => (name === "Float32Array" ? "Float64Array" : name);
  return mapped(type, { memo: shadowTypes, text: "Shadow", rename });
}

type TypedName = (Type & { kind: "typedArray" })["name"];

interface Mapping {
  readonly memo: WeakMap<Type, Type>;
  /** The type of the runtime that says the same of a type that cannot be written out. */
  readonly text: "Gradient" | "Shadow";
  readonly rename: (name: TypedName) => TypedName;
}

/** Stands before a type of the runtime in generated text, until the file knows under which name it is imported. */
export const runtimeTypeMark = "\u0001";

function runtimeType(name: string, of: string): string {
  return `${runtimeTypeMark}${name}<${of}>`;
}

/** Recursive record types end in themselves: a record's result is known before its fields are. */
function mapped(type: Type, how: Mapping): Type {
  const { memo, rename } = how;
  const known = memo.get(type);
  if (known) return known;
  const inside = (of: Type): Type => mapped(of, how);
  switch (type.kind) {
    case "typedArray":
      return { ...type, name: rename(type.name) };
    case "optional":
      return type.of.kind === "number" ? type.of : { ...type, of: inside(type.of) };
    case "array":
      return { kind: "array", element: inside(type.element) };
    case "tuple":
      return {
        kind: "tuple",
        labels: type.labels,
        elements: type.elements.map((element): Type =>
          canCarryDerivative(element) ? inside(element) : { kind: "nullish" },
        ),
      };
    case "record": {
      const fields: RecordField[] = [];
      const text = type.text && runtimeType(how.text, type.text);
      const result: Type = { kind: "record", name: null, fields, ...(text && { text }) };
      memo.set(type, result);
      for (const field of type.fields)
        if (canCarryDerivative(field.type)) fields.push({ ...field, type: inside(field.type) });
      return result;
    }
    case "number":
    case "boolean":
    case "string":
    case "nullish":
    case "opaque":
      return type;
  }
}

/** The type with rows in place of numbers; of a typed array an array. */
export function rowsType(type: Type, row: Type): Type {
  switch (type.kind) {
    case "number":
      return row;
    case "typedArray":
      return { kind: "array", element: row };
    case "array":
      return { kind: "array", element: rowsType(type.element, row) };
    case "tuple":
      return { ...type, elements: type.elements.map((element) => rowsType(element, row)) };
    case "record":
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: rowsType(field.type, row) })) };
    default:
      return type;
  }
}
