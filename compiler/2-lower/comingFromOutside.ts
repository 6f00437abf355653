/** What a function is given by whoever calls it, and of which classes that may be. */
import type { Node, SourceFile } from "ts-morph";
import { typesWithin } from "../ir/types.js";
import { type Captured, capturedBy } from "./captured.js";
import { ownerOf } from "./capturedParameters.js";
import { isOfInstance } from "./syntax.js";
import { newTypeTable, typeOf } from "./types.js";
import type { FunctionToLower } from "./unit.js";

/** The classes whose instances may come from outside: in arguments of annotated functions, as `this`, in what is captured. */
export function outsideBrands(found: readonly FunctionToLower[], file: SourceFile): ReadonlySet<string> {
  const table = newTypeTable({
    referenceTo: () => null,
    declare: (name) => name,
    isTagged: () => false,
    isOutside: () => false,
  });
  const types = found.flatMap((one) => comingFromOutside(one, file)).map((one) => typeOf(one.getType(), one, table));
  const records = types.flatMap((type) => [...typesWithin(type)]).filter((type) => type.kind === "record");
  return new Set(records.flatMap((type) => type.brands ?? []));
}

/** Declarations of what a function is given by whoever calls it. */
function comingFromOutside(one: FunctionToLower, file: SourceFile): readonly Node[] {
  const { node } = one;
  const captured = capturedOf(one, file);
  const owner = isOfInstance(node) ? [node.getParentOrThrow()] : [];
  return [
    ...node.getParameters(),
    ...owner,
    ...[...(captured?.variables.values() ?? [])].map(({ declaration }) => declaration),
    ...(captured?.self ? [ownerOf(captured.self) ?? captured.self] : []),
  ];
}

/** What the function of a marker has captured, where the marker stands beside it. */
export function capturedOf({ node, calls }: FunctionToLower, file: SourceFile): Captured | undefined {
  return calls && node.getSourceFile() === file ? capturedBy(node, calls) : undefined;
}
