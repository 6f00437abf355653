/** How much storage kept values take: a number of bytes for each iteration, times how often loops run. */
import { describeValue } from "../ir/describe.js";
import type { LoopStatement, Span, Statement, Value } from "../ir/ir.js";
import { textOf, type Texts } from "../ir/texts.js";
import { elementType, isReference } from "../ir/types.js";
import type { Route } from "./keepPlan.js";

export interface KeptSize {
  /** Bytes for each iteration of all the loops; 0 for what lives in variables. */
  readonly each: number;
  /** For each loop, outermost first, how often it runs. */
  readonly factors: readonly KeptFactor[];
}

export interface KeptFactor {
  /** In terms of the source; null where that is known only when the loop has ended. */
  readonly text: string | null;
  /** Where it is the same in every call. */
  readonly known: number | null;
  readonly span: Span | null;
}

type DefinitionOf = (value: Value) => Statement | undefined;

export function keptSize(value: Value, route: Route, definitionOf: DefinitionOf): KeptSize {
  const loops = route.forward.flatMap(({ statement }) => (statement.kind === "loop" ? [statement] : []));
  if (loops.length === 0) return { each: 0, factors: [] };
  const factors = loops.map((loop) => tripsOf(loop, definitionOf));
  if (!isReference(value.type)) return { each: value.type.kind === "boolean" ? 1 : 8, factors };
  const isFlat = elementType(value.type)?.kind === "number";
  const name = value.name ?? "the object";
  return {
    each: 8,
    factors: [...factors, { text: isFlat ? `${name}.length` : `size of ${name}`, known: null, span: value.span }],
  };
}

function tripsOf(loop: LoopStatement, definitionOf: DefinitionOf): KeptFactor {
  const { span, upper, lower, step } = loop;
  if (!upper || loop.test || loop.exit) return { text: null, known: null, span };
  const [low, high] = [lower, upper].map((value) => numberOf(value, definitionOf));
  const isStrict = loop.comparison === "<" || loop.comparison === ">";
  if (low != null && high != null) {
    const distance = (high - low) / step;
    const known = Math.max(0, isStrict ? Math.ceil(distance) : Math.floor(distance) + 1);
    return { text: String(known), known, span };
  }
  const texts = textsFor(definitionOf);
  const [from, to] = step > 0 ? [lower, upper] : [upper, lower];
  const start = withOffset(from, definitionOf);
  const end = withOffset(to, definitionOf);
  const offset = end.offset - start.offset + (isStrict ? 0 : Math.abs(step));
  const base = [end.base, start.base].map((value) => (value ? textOf(value, texts) : ""));
  const signed = offset === 0 ? "" : ` ${offset > 0 ? "+" : "-"} ${Math.abs(offset)}`;
  const counted = `${base[0]}${base[1] === "" ? "" : ` - ${base[1]}`}${signed}`.trim();
  const isSimple = /^[\w$.[\]]+$/.test(counted);
  const grouped = isSimple ? counted : `(${counted})`;
  return { text: Math.abs(step) === 1 ? grouped : `${grouped} / ${Math.abs(step)}`, known: null, span };
}

/** A value as another and a number; null for a number alone. */
function withOffset(
  value: Value,
  definitionOf: DefinitionOf,
): { readonly base: Value | null; readonly offset: number } {
  const statement = value.name === null ? definitionOf(value) : undefined;
  const known = numberOf(value, definitionOf);
  if (known !== null) return { base: null, offset: known };
  if (statement?.kind !== "apply") return { base: value, offset: 0 };
  const [first, second] = statement.arguments as [Value, Value];
  const by = second === undefined ? null : numberOf(second, definitionOf);
  if (by === null || (statement.primitive !== "add" && statement.primitive !== "subtract"))
    return { base: value, offset: 0 };
  const inner = withOffset(first, definitionOf);
  return { base: inner.base, offset: inner.offset + (statement.primitive === "add" ? by : -by) };
}

function textsFor(definitionOf: DefinitionOf): Texts {
  return {
    // Objects are known by a name, if only by that of their kind.
    definitionOf: (value) => (value.name === null && !isReference(value.type) ? (definitionOf(value) ?? null) : null),
    nameOf: (value) => describeValue(value, { definitionOf, nameOf: (index) => index.name }),
  };
}

const longest = 48;

/** The name of a kept value, or what it is in terms of the source. */
export function keptText(value: Value, definitionOf: DefinitionOf): string {
  if (value.name !== null) return value.name;
  const text = textOf(value, textsFor(definitionOf));
  if (text.length <= longest) return text;
  return describeValue(value, { definitionOf, nameOf: (index) => index.name });
}

function numberOf(value: Value, definitionOf: DefinitionOf): number | null {
  const statement = definitionOf(value);
  return statement?.kind === "constant" && typeof statement.value === "number" ? statement.value : null;
}
