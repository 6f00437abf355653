/**
 * Dependence: whether a place that was read may be written afterwards, where both index one array by loop counters.
 *
 * Needs: counted loops, integers. Guarantees: where the answer is no, no iteration of the writing statement that comes
 * after an iteration of the reading one names the same element. Products of a counter and a value that does not change,
 * as in i * n + j, are taken apart where j is proved to stay below n.
 *
 * before: loop i < n {loop j ≤ i {loop k < j {… a[i * n + k] …}; a[i * n + j] = …}}        after: no: what is read is final
 */
import type { LoopStatement, Statement, Value } from "../ir/ir.js";
import { definedIn } from "../ir/walk.js";
import { type Inequality, isInfeasible } from "./inequalities.js";
import type { IntegerFacts } from "./integers.js";

/** A sum of products: the names of the factors, sorted, and how often. */
type Polynomial = ReadonlyMap<string, number>;

export interface Visit {
  readonly statement: Statement & { readonly kind: "load" | "store" | "addTo" };
  /** The loops around it, outermost first. */
  readonly loops: readonly LoopStatement[];
}

export interface DependenceQuestion {
  readonly read: Visit;
  readonly write: Visit;
  /** How many of the loops around hold both. */
  readonly shared: number;
  /** How many of these hold the making of the array, too: it is another one in each of their iterations. */
  readonly fixed: number;
  /** In one iteration of all shared loops the write comes after the read. */
  readonly comesAfter: boolean;
  readonly integers: IntegerFacts;
  definitionOf(value: Value): Statement | undefined;
}

/** A question, and what factors that are sums were called. */
interface Asked extends DependenceQuestion {
  readonly factors: Map<string, Polynomial>;
}

export function mayOverwrite(asked: DependenceQuestion): boolean {
  const { read, write } = asked;
  const question: Asked = { ...asked, factors: new Map() };
  if (read.statement.key.kind !== "index" || write.statement.key.kind !== "index") return true;
  const sameElement = equalities(question, read.statement.key.index, write.statement.key.index);
  if (!sameElement) return true;
  const base = [...known(question), ...sameElement];
  const orders = ordersOf(question);
  return !orders.every((order) => isInfeasible([...base, ...order]));
}

/** A number of elements, or the last index. */
export interface Extent {
  readonly value: Value;
  readonly isLastIndex: boolean;
}

export interface PlaceQuestion {
  readonly visit: Visit;
  readonly integers: IntegerFacts;
  definitionOf(value: Value): Statement | undefined;
}

/** The index is an integer, not negative, and below what is there: in each iteration of the loops around. */
export function staysWithin({ visit, integers, definitionOf }: PlaceQuestion, extent: Extent): boolean {
  const { loops, statement } = visit;
  const all = loops.length;
  const question: Asked = {
    factors: new Map(),
    read: visit,
    write: visit,
    shared: all,
    fixed: all,
    comesAfter: false,
    integers,
    definitionOf,
  };
  if (statement.key.kind !== "index" || !isInteger(question, statement.key.index)) return false;
  const index = polynomialOf(question, "read", statement.key.index);
  const end = polynomialOf(question, "read", extent.value);
  if (!index || !end) return false;
  const system = known(question);
  const room = plus(extent.isLastIndex ? end : plus(end, one, -1), index, -1);
  const isPossible = (polynomial: Polynomial): boolean =>
    !isLinear(polynomial) || !isInfeasible([...system, atLeastZero(plus(new Map(), polynomial, -1), true)]);
  return !isPossible(index) && !isPossible(room);
}

type Side = "read" | "write";

// ------------------------------------------------------------------------------------------------------- polynomials

const one: Polynomial = new Map([["", 1]]);

function plus(a: Polynomial, b: Polynomial, times = 1): Polynomial {
  const result = new Map(a);
  for (const [key, value] of b) {
    const total = (result.get(key) ?? 0) + times * value;
    if (total === 0) result.delete(key);
    else result.set(key, total);
  }
  return result;
}

const factorsOf = (key: string): readonly string[] => (key === "" ? [] : key.split("*"));

function product(a: Polynomial, b: Polynomial): Polynomial {
  let result: Polynomial = new Map();
  for (const [left, x] of a)
    for (const [right, y] of b) {
      const key = [...factorsOf(left), ...factorsOf(right)].sort().join("*");
      result = plus(result, new Map([[key, x * y]]));
    }
  return result;
}

/** The value as a polynomial in counters and in what does not change; null where it is none. */
function polynomialOf(question: Asked, side: Side, value: Value): Polynomial | null {
  const { loops } = question[side];
  const position = loops.findIndex((loop) => loop.counter === value);
  if (position >= 0) return new Map([[counterName(question, side, position), 1]]);
  const definition = question.definitionOf(value);
  if (definition?.kind === "constant")
    return typeof definition.value !== "number"
      ? null
      : definition.value === 0
        ? new Map()
        : new Map([["", definition.value]]);
  if (definition?.kind === "apply") {
    const args = definition.arguments.map((argument) => polynomialOf(question, side, argument));
    const [first, second] = args;
    if (first && definition.primitive === "negate") return plus(new Map(), first, -1);
    if (first && second) {
      if (definition.primitive === "add") return plus(first, second);
      if (definition.primitive === "subtract") return plus(first, second, -1);
      if (definition.primitive === "multiply")
        return product(...(definition.arguments.map((argument, k) => factorOf(question, argument, args[k]!)) as Pair));
    }
  }
  return isUnchanging(question, value) ? symbolOf(value) : null;
}

type Pair = [Polynomial, Polynomial];

const symbolOf = (value: Value): Polynomial => new Map([[`v${value.id}`, 1]]);

/** A sum that does not change has a name of its own as a factor, by which products can be taken apart. */
function factorOf(question: Asked, value: Value, polynomial: Polynomial): Polynomial {
  if (polynomial.size < 2 || !isUnchanging(question, value) || !isLinear(polynomial)) return polynomial;
  question.factors.set(`v${value.id}`, polynomial);
  return symbolOf(value);
}

/** One counter for both where the iterations of their loop are the same. */
function counterName({ fixed }: DependenceQuestion, side: Side, position: number): string {
  return position < fixed ? `c${position}` : `${side[0]}${position}`;
}

/** The value is there before all loops whose iterations differ. */
function isUnchanging({ read, write, fixed, definitionOf }: DependenceQuestion, value: Value): boolean {
  const loops = [...read.loops.slice(fixed), ...write.loops.slice(fixed)];
  return (
    !loops.some((loop) => isDefinedIn(loop, value)) &&
    (definitionOf(value) === undefined || definitionOf(value)!.kind !== "loop")
  );
}

const insideOf = new WeakMap<LoopStatement, ReadonlySet<Value>>();

function isDefinedIn(loop: LoopStatement, value: Value): boolean {
  let found = insideOf.get(loop);
  if (!found) insideOf.set(loop, (found = definedIn(loop)));
  return found.has(value);
}

// ------------------------------------------------------------------------------------------------------- inequalities

const isLinear = (polynomial: Polynomial): boolean => [...polynomial.keys()].every((key) => !key.includes("*"));

/** polynomial ≥ 0, or > 0. */
function atLeastZero(polynomial: Polynomial, isStrict = false): Inequality {
  const terms = new Map([...polynomial].filter(([key]) => key !== ""));
  return { terms, constant: polynomial.get("") ?? 0, isStrict };
}

const equal = (a: Polynomial, b: Polynomial): Inequality[] => [
  atLeastZero(plus(a, b, -1)),
  atLeastZero(plus(b, a, -1)),
];

/** What is known of the counters, and of the factors that have names. */
function known(question: Asked): readonly Inequality[] {
  const ofCounters = [...bounds(question, "read"), ...bounds(question, "write")];
  return [...ofCounters, ...[...question.factors].flatMap(([name, sum]) => equal(new Map([[name, 1]]), sum))];
}

/** What the bounds of the loops around say of their counters. */
function bounds(question: Asked, side: Side): Inequality[] {
  return question[side].loops.flatMap((loop, position): Inequality[] => {
    const counter: Polynomial = new Map([[counterName(question, side, position), 1]]);
    const [lower, upper] = [loop.lower, loop.upper].map((value) => value && polynomialOf(question, side, value));
    const found: Inequality[] = [];
    const sign = loop.step > 0 ? 1 : -1;
    if (lower && isLinear(lower)) found.push(atLeastZero(plus(plus(new Map(), counter, sign), lower, -sign)));
    if (upper && loop.upper && isLinear(upper)) {
      const isStrict = loop.comparison === "<" || loop.comparison === ">";
      // Between integers, less is one less.
      const isWhole = isStrict && isInteger(question, loop.lower) && isInteger(question, loop.upper);
      const room = plus(plus(new Map(), upper, sign), counter, -sign);
      found.push(isWhole ? atLeastZero(plus(room, one, -1)) : atLeastZero(room, isStrict));
    }
    return found;
  });
}

function isInteger({ integers, definitionOf }: DependenceQuestion, value: Value): boolean {
  const definition = definitionOf(value);
  return definition?.kind === "constant" ? Number.isInteger(definition.value) : integers.isInteger(value);
}

/** Whether the write comes later: in a later iteration of one of the shared loops, or in the same one of all. */
function ordersOf(question: DependenceQuestion): readonly (readonly Inequality[])[] {
  const { read, shared, fixed, comesAfter } = question;
  const counters = (position: number): [Polynomial, Polynomial] => [
    new Map([[counterName(question, "read", position), 1]]),
    new Map([[counterName(question, "write", position), 1]]),
  ];
  const orders: Inequality[][] = [];
  const same: Inequality[] = [];
  for (let position = fixed; position < shared; position++) {
    const [first, second] = counters(position);
    const { step } = read.loops[position]!;
    const distance = plus(plus(second, first, -1), one, -step);
    orders.push([...same, atLeastZero(step > 0 ? distance : plus(new Map(), distance, -1))]);
    same.push(...equal(first, second));
  }
  if (comesAfter) orders.push(same);
  return orders;
}

/** That both name one element; null where nothing can be said. */
function equalities(question: Asked, readAt: Value, writtenAt: Value): readonly Inequality[] | null {
  const [first, second] = [polynomialOf(question, "read", readAt), polynomialOf(question, "write", writtenAt)];
  if (!first || !second) return null;
  if (isLinear(first) && isLinear(second)) return equal(first, second);
  return apart(question, first, second);
}

/** `s * a + b` and `s * c + d` with 0 ≤ b, d < s are the same where a is c and b is d. */
function apart(question: Asked, first: Polynomial, second: Polynomial): readonly Inequality[] | null {
  const strides = new Set(
    [...first.keys(), ...second.keys()].flatMap((key) => {
      const factors = factorsOf(key);
      return factors.length === 2 ? factors.filter((factor) => factor.startsWith("v")) : [];
    }),
  );
  for (const stride of strides) {
    const [a, b] = [first, second].map((polynomial) => divided(inTermsOf(question, stride, polynomial), stride));
    if (!a || !b) continue;
    const system = known(question);
    const isBelow = (rest: Polynomial): boolean =>
      isInfeasible([...system, atLeastZero(plus(new Map(), rest, -1), true)]) &&
      isInfeasible([...system, atLeastZero(plus(rest, new Map([[stride, 1]]), -1))]);
    const isWhole = [a.times, b.times].every((times) => hasWholeTerms(question, times));
    if (isWhole && isBelow(a.rest) && isBelow(b.rest)) return [...equal(a.times, b.times), ...equal(a.rest, b.rest)];
  }
  return null;
}

/** Where the stride is a sum, as in i * (n + 1), its terms elsewhere are brought back to it: j − n is j + 1 − stride. */
function inTermsOf({ factors }: Asked, stride: string, polynomial: Polynomial): Polynomial {
  const sum = factors.get(stride);
  const term = sum && [...sum].find(([key, times]) => key !== "" && Math.abs(times) === 1 && polynomial.has(key));
  if (!term) return polynomial;
  const times = polynomial.get(term[0])! * term[1];
  return plus(plus(polynomial, sum, -times), new Map([[stride, 1]]), times);
}

/** The polynomial as `stride * times + rest`, both linear. */
function divided(polynomial: Polynomial, stride: string): { times: Polynomial; rest: Polynomial } | null {
  const [times, rest] = [new Map<string, number>(), new Map<string, number>()];
  for (const [key, value] of polynomial) {
    const factors = [...factorsOf(key)];
    const at = factors.indexOf(stride);
    if (at >= 0) {
      factors.splice(at, 1);
      times.set(factors.join("*"), value);
    } else rest.set(key, value);
  }
  return isLinear(times) && isLinear(rest) ? { times, rest } : null;
}

/** Counters that begin at integers, and integers, taken a whole number of times. */
function hasWholeTerms(question: Asked, polynomial: Polynomial): boolean {
  const wholeCounters = new Set(
    (["read", "write"] as const).flatMap((side) =>
      question[side].loops.flatMap((loop, position) =>
        isInteger(question, loop.lower) ? [counterName(question, side, position)] : [],
      ),
    ),
  );
  return [...polynomial].every(([key, value]) => Number.isInteger(value) && (key === "" || wholeCounters.has(key)));
}
