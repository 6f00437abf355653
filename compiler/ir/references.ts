/**
 * References in text. Where a text of the user's names something of a module, it holds the key of its binding, until the
 * file that is generated knows by which name the thing is known there.
 *
 * before: `base * 2` of a file that imports `base`        after: `⟨key of base⟩ * 2`
 */

import type { Statement } from "./ir.js";

export interface Reference {
  /** Of the binding. */
  readonly key: string;
  /** As the source has it. */
  readonly name: string;
  /** The text stands where only the type is asked for. */
  readonly isType: boolean;
}

/** Characters that no source has. */
const [start, middle, end] = ["\u0002", "\u0003", "\u0004"];
const pattern = new RegExp(`${start}(type )?([^${middle}]*)${middle}([^${end}]*)${end}`, "g");

export function referenceText({ key, name, isType }: Reference): string {
  return `${start}${isType ? "type " : ""}${key}${middle}${name}${end}`;
}

export function referencesIn(text: string): readonly Reference[] {
  return [...text.matchAll(pattern)].map((match) => ({
    key: match[2]!,
    name: match[3]!,
    isType: match[1] !== undefined,
  }));
}

export function replaceReferences(text: string, textOf: (reference: Reference) => string): string {
  return text.replace(pattern, (_, type: string | undefined, key: string, name: string) =>
    textOf({ key, name, isType: type !== undefined }),
  );
}

/** The user's own text that a statement holds. */
export function textsOf(statement: Statement): readonly string[] {
  if (statement.kind === "throw" || statement.kind === "evaluate")
    return statement.pieces.filter((piece) => typeof piece === "string");
  return statement.kind === "externalCall" && "pieces" in statement.callee ? statement.callee.pieces : [];
}

/** For people: every name as the source has it. */
export function readable(text: string): string {
  return replaceLocals(
    replaceReferences(text, ({ name }) => name),
    (name) => name,
  );
}

const [localStart, localEnd] = ["\u0005", "\u0006"];
const localPattern = new RegExp(`${localStart}(short )?([^${localEnd}]*)${localEnd}`, "g");

/**
 * A name that the text itself declares: it gives way where it would hide what fills a hole. `isShort`: it is the name of
 * a property, too, as in `{ name }`.
 */
export function localText(name: string, isShort: boolean): string {
  return `${localStart}${isShort ? "short " : ""}${name}${localEnd}`;
}

export function replaceLocals(text: string, textOf: (name: string) => string): string {
  return text.replace(localPattern, (_, short: string | undefined, name: string) => {
    const now = textOf(name);
    return short && now !== name ? `${name}: ${now}` : now;
  });
}
