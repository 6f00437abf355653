/** Several objects as one, copied together, so that what is one object in them is one in the copy. */
import { type BlockBuilder, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { elementType } from "../ir/types.js";
import { partsOf, tupleOf } from "./parameterShadows.js";

/** A fresh object that holds copies of them all: a tuple, or the copy of the only one. */
export function copyOfAll(builder: BlockBuilder, objects: readonly Value[], name?: null): Value {
  const [only] = objects as [Value];
  return copyOf(builder, objects.length > 1 ? tupleOf(builder, objects) : only, name);
}

/** The objects in a copy of what `copyOfAll` gave, labelled as those it was made of. */
export function partsOfCopy(builder: BlockBuilder, whole: Value, like: readonly Value[]): readonly Value[] {
  const copy = copyOf(builder, whole);
  if (like.length === 1) return [copy];
  return partsOf(
    builder,
    copy,
    like.map(({ name, span }) => ({ name, span })),
  );
}

/** A deep copy. */
export function copyOf(builder: BlockBuilder, object: Value, name: string | null = object.name): Value {
  const result = newValue(object.type, { name, role: "kept", span: builder.span });
  const { span } = builder;
  if (elementType(object.type)?.kind === "number")
    builder.add({ kind: "slice", result, object, start: null, end: null, span });
  else
    builder.add({
      kind: "runtimeCall",
      result,
      name: "snapshot",
      arguments: [object],
      writes: [],
      identitiesOf: 0,
      span,
    });
  return result;
}
