/**
 * The seed of a function's output: how what comes in from outside becomes the adjoint of the result.
 *
 * Needs: the adjoint's context, before the shadows of its root block are made. Guarantees: the seed is never written.
 *
 * before: y = literal { a, b }; receive seed        after: the shadow of y is the seed; aBar = seed.a; bBar = seed.b
 */
import { BlockBuilder, newValue } from "../ir/build.js";
import type { IrFunction, Key, Statement, Value } from "../ir/ir.js";
import { typeAtKey } from "../ir/place.js";
import { shadowType } from "../ir/gradientType.js";
import { elementType, isReference, isScalar } from "../ir/types.js";
import { countUses } from "../ir/walk.js";
import { type AdjointContext, adjointOptions, shadowOf } from "./adjointContext.js";
import { addNumbers } from "./everyNumber.js";

/** A part of the output, and the seed for it. */
interface Seeded {
  readonly value: Value;
  readonly seed: Value;
}

/**
 * Appends what makes the shadows of a fresh output out of its seed, in place of zeros; gives back what is to be done
 * when the other shadows are there.
 */
export function seedOutput(
  context: AdjointContext,
  builder: BlockBuilder,
  fn: IrFunction,
  { value, seed }: Seeded,
): () => void {
  const definitions = new Map<Value, Statement>();
  for (const statement of fn.body.statements)
    if ("result" in statement && statement.result) definitions.set(statement.result, statement);
  const uses = countUses(fn.body);
  const later: Seeded[] = [];
  const enter = (part: Seeded): void => {
    if (!isReference(part.value.type) || !context.activity.hasShadow(part.value)) return;
    const statement = definitions.get(part.value);
    if (!statement || !context.isReverseMade(part.value) || context.reverseShadows.has(part.value))
      return void later.push(part);
    // Nothing else adds to the shadow of what is only given back.
    if (statement.kind === "literal" && uses.get(part.value) === 1) {
      context.reverseShadows.set(part.value, part.seed);
      statement.elements.forEach((element, k) => {
        if (!isReference(element.type)) return;
        const key = keyOf(builder, statement, k);
        const result = newValue(typeAtKey(part.seed.type, key) ?? element.type, {
          role: "adjoint",
          name: element.name,
        });
        builder.add({ kind: "load", result, object: part.seed, key, span: null });
        enter({ value: element, seed: result });
      });
      return;
    }
    if (!isFreshAndFlat(statement)) return void later.push(part);
    const result = newValue(shadowType(part.value.type), adjointOptions(part.value));
    builder.add({ kind: "slice", result, object: part.seed, start: null, end: null, span: null });
    context.reverseShadows.set(part.value, result);
  };
  enter({ value, seed });
  return () => {
    for (const part of later) addNumbers(builder, shadowOf(context, part.value), part.seed);
  };
}

function keyOf(builder: BlockBuilder, { fields, result }: Statement & { kind: "literal" }, k: number): Key {
  if (fields !== null) return { kind: "field", name: fields[k]! };
  return result.type.kind === "tuple"
    ? { kind: "field", name: String(k) }
    : { kind: "index", index: builder.constant(k) };
}

function isFreshAndFlat(statement: Statement): boolean {
  switch (statement.kind) {
    case "allocate":
    case "literal":
    case "slice":
    case "arrayPrimitive":
    case "externalCall": {
      const element = elementType(statement.result.type);
      return element !== null && isScalar(element);
    }
    default:
      return false;
  }
}
