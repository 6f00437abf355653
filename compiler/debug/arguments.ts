/** Arguments that were written as JSON, as a function's parameters want them. */
import type { IrFunction, Type } from "../ir/ir.js";

/** A JSON value is none that a parameter of that type can hold. */
export class UnfittingArgument extends Error {}

/** Numbers may be written as text where JSON has none for them: "NaN", "Infinity", "-Infinity". */
export function argumentsFor(fn: IrFunction, given: readonly unknown[]): readonly unknown[] {
  const [last] = fn.parameters.slice(-1);
  const needed = fn.parameters.filter(({ isOptional, isRest }) => !isOptional && !isRest).length;
  if (given.length < needed || (given.length > fn.parameters.length && !last?.isRest))
    throw new UnfittingArgument(`${fn.name} takes ${fn.parameters.length} arguments, and ${given.length} were given`);
  return given.map((value, k) => {
    const parameter = fn.parameters[Math.min(k, fn.parameters.length - 1)]!;
    const { type } = parameter.value;
    if ((value === null || value === undefined) && parameter.isOptional) return undefined;
    return fitted(value, parameter.isRest && type.kind === "array" ? type.element : type, parameter.name);
  });
}

/** It is not of JSON, so that it is what it is meant to be. */
function isNoLiteral(value: unknown): boolean {
  return typeof value === "object" && value !== null && !/^(Object|Array)$/.test(value.constructor?.name ?? "Object");
}

function fitted(value: unknown, type: Type, place: string): unknown {
  if (isNoLiteral(value)) return value;
  const wrong = (wanted: string): never => {
    throw new UnfittingArgument(`${place} is ${wanted}, not ${JSON.stringify(value)}`);
  };
  switch (type.kind) {
    case "number": {
      const number = typeof value === "string" && /^(NaN|-?Infinity)$/.test(value) ? Number(value) : value;
      return typeof number === "number" ? number : wrong("a number");
    }
    case "boolean":
    case "string":
      return typeof value === type.kind ? value : wrong(`a ${type.kind}`);
    case "optional":
      return value === null ? (type.missing === "null" ? null : undefined) : fitted(value, type.of, place);
    case "array":
      if (!Array.isArray(value)) return wrong("an array");
      return value.map((item, k) => fitted(item, type.element, `${place}[${k}]`));
    case "typedArray": {
      if (!Array.isArray(value)) return wrong(`an array of numbers, for a ${type.name}`);
      const made = globalThis[type.name === "ArrayLike" ? "Float64Array" : type.name];
      return made.from(value.map((item, k) => fitted(item, { kind: "number" }, `${place}[${k}]`) as number));
    }
    case "tuple":
      if (!Array.isArray(value) || value.length !== type.elements.length)
        return wrong(`an array of ${type.elements.length}`);
      return value.map((item, k) => fitted(item, type.elements[k]!, `${place}[${k}]`));
    case "record": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("an object");
      const fields = type.fields.map(({ name, type: inner, isOptional }): [string, unknown] => {
        const own = (value as Record<string, unknown>)[name];
        return [name, own === undefined && isOptional ? undefined : fitted(own, inner, `${place}.${name}`)];
      });
      return { ...value, ...Object.fromEntries(fields.filter(([, own]) => own !== undefined)) };
    }
    default:
      return value;
  }
}
