/** What the function of a marker has captured, as parameters of what is generated. */
import { Node } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Parameter, Type } from "../ir/ir.js";
import { hasPrivateNames, sameType } from "../ir/types.js";
import { type Captured, type CapturedVariable, isOfErrors } from "./captured.js";
import { type ClassNode, isClass, staticOwner } from "./classes.js";
import { refuseThis } from "./expressions.js";
import { refuse, type Scope, spanOf, type Variable } from "./lowering.js";
import { thisAround, unwrap } from "./syntax.js";
import { givenType } from "./types.js";
import type { UnitContext } from "./unitContext.js";

/** Parameters for what is captured, which the scope around the function holds as variables. */
export function capturedParameters(
  { variables }: Captured,
  scope: Scope,
  values: Map<Variable, Parameter["value"]>,
  unit: UnitContext,
): readonly Parameter[] {
  return [...variables].map(([symbol, variable]) => {
    const { declaration } = variable;
    const type = withoutPrivateNames(typeOfVariable(variable, unit));
    if (hasPrivateNames(type)) refusePrivate(declaration, symbol.name);
    const value = newValue(type, { name: symbol.name, span: spanOf(declaration) });
    const cell = { kind: "cell", name: symbol.name } as const;
    scope.cells.set(symbol, cell);
    values.set(cell, value);
    const owner = ownerOfAlias(declaration);
    const typeText = owner && classText(owner, unit);
    return { value, name: symbol.name, typeText, isOptional: false, isRest: false, capturedAs: symbol.name };
  });
}

/** What it is declared to hold; of several kinds the one that TypeScript leaves wherever the functions name it. */
function typeOfVariable({ declaration, mentions }: CapturedVariable, unit: UnitContext): Type {
  if (isOfErrors(declaration)) return { kind: "opaque", text: "any" };
  const owner = ownerOfAlias(declaration);
  // In a class the type of `this` is one that stands for all classes which extend it.
  if (owner) return unit.typeOf(owner.getType(), owner);
  const declared = givenType(unit.typeOf(declaration.getType(), declaration), declaration.getType());
  if (declared.kind !== "opaque" || !declaration.getType().isUnion()) return declared;
  const [first, ...others] = mentions.map((name) => unit.typeOf(name.getType(), name));
  return first && others.every((other) => sameType(other, first)) ? first : declared;
}

/** The class of `self` in `const self = this`. */
function ownerOfAlias(declaration: Node): ClassNode | null {
  const initializer = Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
  return initializer && Node.isThisExpression(unwrap(initializer)) ? ownerOf(initializer) : null;
}

/** The class of whose instances a `this` is one; null where it is none. */
export function ownerOf(self: Node): ClassNode | null {
  const owner = thisAround(self).getParent();
  return isClass(owner) ? owner : null;
}

/** An instance's type by the name of its class; null where it has none. */
export function classText(owner: ClassNode, unit: UnitContext): string | null {
  const given = owner.getTypeParameters().map((parameter) => parameter.getName());
  const reference = unit.classReference(owner);
  return reference && `${reference}${given.length > 0 ? `<${given.join(", ")}>` : ""}`;
}

/** The parameter for `this`; null where it is not captured. */
export function capturedSelf({ self }: Captured, unit: UnitContext): Parameter | null {
  if (!self) return null;
  if (staticOwner(self)) refuseThis(self);
  const owner = ownerOf(self);
  // In a class the type of `this` is one that stands for all classes which extend it.
  const whole = owner ? unit.typeOf(owner.getType(), owner) : unit.typeOf(self.getType(), self);
  const type = withoutPrivateNames(whole);
  if (hasPrivateNames(type)) refusePrivate(self, "this");
  const value = newValue(type, { name: "self", span: spanOf(self) });
  const typeText = owner && classText(owner, unit);
  return { value, name: "self", typeText, isOptional: false, isRest: false, capturedAs: "this" };
}

/** Fields like `#x` are seen by code of the class only: what is read of them is passed beside the instance. */
function withoutPrivateNames(type: Type): Type {
  if (type.kind !== "record" || type.isUnion) return type;
  const fields = type.fields.filter((field) => !field.name.startsWith("#"));
  return fields.length === type.fields.length ? type : { ...type, fields };
}

function refusePrivate(node: Node, name: string): never {
  return refuse(
    node,
    "privateField",
    `${name} holds an instance with a field like #x, which generated code cannot read.`,
    "Make the field private in TypeScript's way, or pass its value.",
  );
}
