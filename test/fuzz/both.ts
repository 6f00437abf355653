/**
 * A piece of a random program in both of its forms: the TypeScript that the compiler reads, and the JavaScript over
 * dual numbers that the oracle runs. Both do the same operations in the same order.
 */
export interface Both {
  readonly plain: string;
  readonly dual: string;
}

type Part = Both | string | number;

const plainOf = (part: Part): string => (typeof part === "object" ? part.plain : String(part));
const dualOf = (part: Part): string => (typeof part === "object" ? part.dual : String(part));

/** Text that is alike in both forms, with parts that may differ. */
export function both(strings: TemplateStringsArray, ...parts: readonly Part[]): Both {
  const join = (textOf: (part: Part) => string): string =>
    strings.map((text, k) => (k < parts.length ? text + textOf(parts[k]!) : text)).join("");
  return { plain: join(plainOf), dual: join(dualOf) };
}

/** A call of the oracle's function `name`, where the plain program says `plain`. */
export function differing(plain: string, name: string, ...parts: readonly Part[]): Both {
  return { plain, dual: `$.${name}(${parts.map(dualOf).join(", ")})` };
}

export function joined(parts: readonly Both[], separator = ", "): Both {
  return {
    plain: parts.map((part) => part.plain).join(separator),
    dual: parts.map((part) => part.dual).join(separator),
  };
}
