/** Names: the user's survive; ours follow the literature (x, xDot, xBar, xKept) and take 2, 3 where taken. */
import { describeValue, type Naming } from "../ir/describe.js";
import type { IrFunction, Value } from "../ir/ir.js";
import { textsOf } from "../ir/references.js";
import { visitStatements } from "../ir/walk.js";

const reservedWords =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity Math Number Array Float64Array Float32Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(
    " ",
  );

/** Names in scope, innermost first. */
export interface Scope {
  readonly taken: Set<string>;
  /** Of names with numbers behind them the last that was claimed: those below are taken. */
  readonly last: Map<string, number>;
  readonly outer: Scope | null;
}

export function rootScope(taken: Iterable<string>): Scope {
  return { taken: new Set([...reservedWords, ...taken]), last: new Map(), outer: null };
}

export function innerScope(outer: Scope): Scope {
  return { taken: new Set(), last: new Map(), outer };
}

function isTaken(scope: Scope | null, name: string): boolean {
  return scope !== null && (scope.taken.has(name) || isTaken(scope.outer, name));
}

/** Whether a name can stand where the language wants one of ours. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !reservedWords.includes(name);
}

/** A name like it that can stand for a variable: fields may be called `odd-name` or 0. */
function asIdentifier(wanted: string): string {
  const joined = wanted.replace(/[^\w$]+(\w?)/g, (_, letter: string) => letter.toUpperCase());
  return /^[A-Za-z_$]/.test(joined) ? joined : `part${joined}`;
}

function lastOf(scope: Scope | null, wanted: string): number {
  return scope === null ? 1 : Math.max(scope.last.get(wanted) ?? 1, lastOf(scope.outer, wanted));
}

/** The wanted name, or with a number behind it where it is taken. */
export function claim(scope: Scope, original: string): string {
  const wanted = asIdentifier(original);
  let name = wanted;
  for (let k = lastOf(scope, wanted) + 1; isTaken(scope, name); k++) {
    name = /\d$/.test(wanted) ? `${wanted}_${k}` : `${wanted}${k}`;
    scope.last.set(wanted, k);
  }
  scope.taken.add(name);
  return name;
}

const suffixes = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" } as const;

/** What a value would be called without regard to what is taken. */
export function wantedName(value: Value, naming: Naming): string {
  const base = describeValue(value, naming);
  // A truth value is no adjoint, whatever it is for.
  return value.type.kind === "boolean" ? base : withSuffix(base, suffixes[value.role]);
}

function withSuffix(name: string, suffix: string): string {
  if (suffix === "Kept" && (name === "cursor" || name === "slot")) return name;
  return name.endsWith(suffix) ? name : `${name}${suffix}`;
}

/** What the user's own text calls or reads of the language: `parseInt` of `parseInt(text)`, `Date` of `new Date()`. */
export function namesInText(fn: IrFunction): ReadonlySet<string> {
  const names = new Set<string>();
  visitStatements(fn.body, (statement) => {
    const text = textsOf(statement).join("");
    const code = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
    for (const match of code.matchAll(/(?<![.\w$])([A-Za-z_$][\w$]*)\s*[.(]/g)) names.add(match[1]!);
  });
  return names;
}
