/** The grammar of `@differentiable [verb, …] [wrt name, …] [of name, …] [as Name]`. */
import type { Verb } from "../requests.js";

export interface TagText {
  readonly verbs: readonly string[];
  readonly wrt: readonly string[] | null;
  readonly of: readonly string[] | null;
  readonly as: string | null;
}

export const knownVerbs: ReadonlySet<string> = new Set<Verb>([
  "grad",
  "valueAndGrad",
  "vjp",
  "jvp",
  "jacobian",
  "hessian",
  "hvp",
  "into",
]);

/** Splits a tag's text; which names are known is decided elsewhere. Null when the text does not follow the grammar. */
export function readTag(text: string): TagText | null {
  const words = text.trim().split(/\s+/).filter(Boolean).join(" ");
  const match =
    /^(?<verbs>(?!(?:wrt|of|as)\b)[^]*?)?(?:\s*\bwrt (?<wrt>[^]*?))?(?:\s*\bof (?<of>[^]*?))?(?:\s*\bas (?<as>\S+))?$/.exec(
      words,
    );
  if (!match?.groups) return null;
  const list = (part: string | undefined): string[] | null =>
    part === undefined || part.trim() === "" ? null : part.split(",").map((name) => name.trim());
  const { verbs, wrt, of, as } = match.groups;
  const names = [...(list(verbs) ?? []), ...(list(wrt) ?? []), ...(list(of) ?? [])];
  if (names.some((name) => !/^[\w$.]+$/.test(name))) return null;
  if (as !== undefined && !/^[A-Za-z_$][\w$]*$/.test(as)) return null;
  return { verbs: list(verbs) ?? [], wrt: list(wrt), of: list(of), as: as ?? null };
}
