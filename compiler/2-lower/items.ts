/** Putting items into arrays. Items that were read from memory go back as what was read (`keptFunctions.ts`). */
import type { Node } from "ts-morph";
import type { Value } from "../ir/ir.js";
import { keepUnlessKnown } from "./knownLists.js";
import type { Lowering } from "./lowering.js";

export function storedAs(lowering: Lowering, item: Value): Value {
  return lowering.shared.keptAs.get(item) ?? item;
}

export function pushElement(lowering: Lowering, object: Value, item: Value, atStart = false): void {
  const value = storedAs(lowering, item);
  lowering.builder.add({ kind: "push", object, value, atStart, span: lowering.builder.span });
}

export function storeElement(lowering: Lowering, object: Value, index: Value, item: Value): void {
  const value = storedAs(lowering, item);
  lowering.builder.add({ kind: "store", object, key: { kind: "index", index }, value, span: lowering.builder.span });
}

/** The same of what may be a function. */
export function pushItem(lowering: Lowering, object: Value, item: Value, node: Node, atStart = false): void {
  pushElement(lowering, object, keepUnlessKnown(lowering, object, item, node), atStart);
}

export function storeItem(lowering: Lowering, object: Value, index: Value, item: Value, node: Node): void {
  storeElement(lowering, object, index, keepUnlessKnown(lowering, object, item, node));
}
