/**
 * References in text. Where a text of the user's names something of a module, it holds the key of its binding, until the
 * file that is generated knows by which name the thing is known there.
 *
 * before: `base * 2` of a file that imports `base`        after: `⟨key of base⟩ * 2`
 */

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

/** For people: every name as the source has it. */
export function readable(text: string): string {
  return replaceReferences(text, ({ name }) => name);
}
