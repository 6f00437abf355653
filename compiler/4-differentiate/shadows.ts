/**
 * Shadows: for every reference whose memory is active, a reference to memory of the same structure that holds the
 * adjoints. Within the program: same object, same shadow.
 *
 * Where a class of references never moves (no reference to it is carried, chosen or stored), its shadows are made in
 * the reverse sweep, at the top of the mirror of the block that defines the reference. Otherwise they are made in the
 * forward sweep beside the primal references and move with them.
 */
import { type BlockBuilder, newValue, type ValueOptions } from "../ir/build.js";
import type { Key, Statement, Type, Value } from "../ir/ir.js";
import {
  canCarryDerivative,
  elementType,
  fieldType,
  isReference,
  isScalar,
  sameAccess,
  sameType,
  storesReference,
} from "../ir/types.js";

export interface ShadowSource {
  /** The shadow of another reference. */
  shadow(reference: Value): Value;
  /** A primal value as the code under construction may name it. */
  primal(value: Value): Value;
  /** Whether a reference has a shadow at all. */
  hasShadow(reference: Value): boolean;
  /**
   * How many elements the shadow of a flat array must have, when the array itself cannot be asked where the shadow is
   * made; null when it can.
   */
  lengthOf(array: Value): Value | null;
  /** The number that stands in the shadow for a number of the primal: its tangent; null where shadows begin at zero. */
  readonly numberOf: ((value: Value) => Value) | null;
  /** The type of the shadow of something. */
  shadowType(type: Type): Type;
  /** How the shadow of a reference is labelled. */
  labelled(value: Value): ValueOptions;
}

/** Appends what makes the shadow of a reference that `statement` defines; null when it defines none. */
export function makeShadow(builder: BlockBuilder, statement: Statement, source: ShadowSource): Value | null {
  if (!("result" in statement) || !statement.result || !isReference(statement.result.type)) return null;
  const primal = statement.result;
  if (!source.hasShadow(primal)) return null;
  const result = newValue(source.shadowType(primal.type), source.labelled(primal));
  const span = statement.span;
  const key = (of: Key): Key => (of.kind === "index" ? { kind: "index", index: source.primal(of.index) } : of);
  const element = elementType(primal.type);
  const isFlat = element !== null && isScalar(element);
  const keepsIdentity = statement.kind === "zerosLike" && statement.keepsIdentity;
  const numberOf = (value: Value): Value => source.numberOf?.(value) ?? builder.constant(0);
  const zeros = (length: Value | null = isFlat ? source.lengthOf(primal) : null): void => {
    if (length) {
      const fill = primal.type.kind === "array" ? builder.constant(0) : null;
      builder.add({ kind: "allocate", result, length, fill, span });
    } else builder.add({ kind: "zerosLike", result, object: source.primal(primal), keepsIdentity, span });
  };
  const at = (value: Value | null): Value | null => value && source.primal(value);
  switch (statement.kind) {
    case "allocate": {
      if (statement.fill && (source.numberOf || storesReference(primal.type, null, statement.fill.type))) {
        const isNumber = !storesReference(primal.type, null, statement.fill.type);
        const fill = isNumber ? numberOf(statement.fill) : shadowOrNothing(builder, source, statement.fill);
        builder.add({ kind: "allocate", result, length: source.primal(statement.length), fill, span });
        return result;
      }
      if (isFlat) zeros(primal.type.kind === "typedArray" ? source.primal(statement.length) : undefined);
      else builder.add({ kind: "allocate", result, length: source.primal(statement.length), fill: null, span });
      return result;
    }
    case "literal": {
      if (isFlat && !source.numberOf) {
        zeros();
        return result;
      }
      if (primal.type.kind === "array" && isScalar(primal.type.element) && !source.numberOf) {
        // Where the array may hold nothing its adjoint is zero; it may be longer or shorter by now.
        const length = newValue({ kind: "number" });
        builder.add({ kind: "length", result: length, object: source.primal(primal), span });
        zeros(length);
        return result;
      }
      const shadowOf = (element: Value, key: Key | null): Value => {
        if (storesReference(primal.type, key, element.type)) return shadowOrNothing(builder, source, element);
        return isScalar(element.type) ? numberOf(element) : builder.constant(0);
      };
      const { fields } = statement;
      const type = primal.type;
      if (fields === null || type.kind !== "record") {
        const elements = statement.elements.map((one, k) => {
          const key: Key | null = type.kind === "tuple" ? { kind: "field", name: String(k) } : null;
          // What may become a number has its place, also where nothing is there yet.
          const slot = type.kind === "tuple" ? type.elements[k]! : elementType(type)!;
          if (isScalar(slot) && one.type.kind === "nullish") return builder.constant(0);
          const hasPlace = canCarryDerivative(one.type) || storesReference(type, key, one.type);
          return hasPlace ? shadowOf(one, key) : absent(builder);
        });
        builder.add({ kind: "literal", result, elements, fields: null, span });
        return result;
      }
      // A field that may be filled later has its place from the beginning.
      const names = type.fields.filter((field) => canCarryDerivative(field.type)).map((field) => field.name);
      const kept = names.filter((name) => fields.includes(name) || isScalar(fieldType(type, name)!));
      const elements = kept.map((name) => {
        const element = statement.elements[fields.indexOf(name)];
        return element ? shadowOf(element, { kind: "field", name }) : builder.constant(0);
      });
      builder.add({ kind: "literal", result, elements, fields: kept, span });
      return result;
    }
    case "slice": {
      const isDeep = primal.type.kind === "array" && isReference(primal.type.element);
      if (isDeep || (source.numberOf && source.hasShadow(statement.object))) {
        const object = source.shadow(statement.object);
        builder.add({ kind: "slice", result, object, start: at(statement.start), end: at(statement.end), span });
      } else zeros();
      return result;
    }
    case "load":
      builder.add({ kind: "load", result, object: source.shadow(statement.object), key: key(statement.key), span });
      return result;
    case "view":
      builder.add({
        kind: "view",
        result,
        object: source.shadow(statement.object),
        start: source.primal(statement.start),
        end: statement.end && source.primal(statement.end),
        span,
      });
      return result;
    case "narrow":
      builder.add({ kind: "narrow", result, value: source.shadow(statement.value), span });
      return result;
    case "pop":
      builder.add({ ...statement, result, object: source.shadow(statement.object) });
      return result;
    case "placeholder":
      builder.add({ kind: "placeholder", result, span });
      return result;
    case "ensure":
      builder.add({
        kind: "ensure",
        result,
        object: source.shadow(statement.object),
        capacity: source.primal(statement.capacity),
        span,
      });
      return result;
    case "arrayPrimitive":
    case "externalCall":
    case "global":
    case "stop":
    case "zerosLike":
      zeros();
      return result;
    default:
      return null;
  }
}

/** The shadow of a reference; nothing, and what carries no derivative, is its own. */
/** What is inactive stands for its own adjoints, which nothing is added to. */
function shadowOrNothing(builder: BlockBuilder, source: ShadowSource, value: Value): Value {
  if (source.hasShadow(value)) return source.shadow(value);
  const primal = source.primal(value);
  const type = source.shadowType(value.type);
  if (!sameType(type, value.type) || sameAccess(type, value.type)) return primal;
  // Read only in the program, but not in the type of adjoints.
  const result = newValue(type, source.labelled(value));
  builder.add({ kind: "narrow", result, value: primal, span: value.span });
  return result;
}

function absent(builder: BlockBuilder): Value {
  const result = newValue({ kind: "nullish" });
  builder.add({ kind: "constant", result, value: undefined, text: null, span: null });
  return result;
}
