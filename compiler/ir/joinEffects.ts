/**
 * The effects of a call that may have either of two: what one of them writes or moves, and what one of them makes one
 * memory, is written, moves and is one.
 *
 * Needs: summaries of one function, or of two with the same parameters. Guarantees: the result covers both; joined with
 * one that it covers, a summary stays as it is, letter by letter.
 */
import type { CalleeMemory, CallEffects } from "./ir.js";

interface Joined {
  parent: Joined | null;
  readonly contents: Map<string, Joined>;
  isWritten: boolean;
  referencesAreWritten: boolean;
  isResized: boolean;
  isReshaped: boolean;
  moves: boolean;
}

export function joinEffects(first: CallEffects, second: CallEffects): CallEffects {
  const [ofFirst, ofSecond] = [nodesOf(first), nodesOf(second)];
  const meet = (a: number | null | undefined, b: number | null | undefined): Joined | null => {
    const one = a == null ? null : ofFirst[a]!;
    const other = b == null ? null : ofSecond[b]!;
    if (one && other) unify(one, other);
    return one ?? other;
  };
  const count = Math.max(first.parameters.length, second.parameters.length);
  const parameters = Array.from({ length: count }, (_, k) => meet(first.parameters[k], second.parameters[k]));
  const result = meet(first.result, second.result);
  const positions = new Map<Joined, number>();
  const classes: CalleeMemory[] = [];
  const enter = (node: Joined | null): number | null => {
    if (!node) return null;
    const root = find(node);
    const known = positions.get(root);
    if (known !== undefined) return known;
    const position = classes.length;
    positions.set(root, position);
    const contents: { key: string; memory: number }[] = [];
    const { isWritten, referencesAreWritten, isResized, isReshaped, moves } = root;
    classes.push({ contents, isWritten, referencesAreWritten, isResized, isReshaped, moves });
    for (const key of [...root.contents.keys()].sort()) contents.push({ key, memory: enter(root.contents.get(key)!)! });
    return position;
  };
  return {
    parameters: parameters.map(enter),
    result: enter(result),
    classes,
    isPure: first.isPure && second.isPure,
  };
}

function nodesOf({ classes }: CallEffects): readonly Joined[] {
  const nodes = classes.map((one): Joined => ({ ...one, parent: null, contents: new Map() }));
  classes.forEach(({ contents }, k) => {
    for (const { key, memory } of contents) nodes[k]!.contents.set(key, nodes[memory]!);
  });
  return nodes;
}

function find(node: Joined): Joined {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

function unify(a: Joined, b: Joined): void {
  const [root, gone] = [find(a), find(b)];
  if (root === gone) return;
  gone.parent = root;
  root.isWritten ||= gone.isWritten;
  root.referencesAreWritten ||= gone.referencesAreWritten;
  root.isResized ||= gone.isResized;
  root.isReshaped ||= gone.isReshaped;
  root.moves ||= gone.moves;
  for (const [key, inside] of gone.contents) {
    // What is inside may be what is around.
    const { contents } = find(root);
    const own = contents.get(key);
    if (own) unify(own, inside);
    else contents.set(key, inside);
  }
}
