/**
 * Members of values that may be instances of several classes. Instances that are made here carry the name of their class
 * in a field; those that come from outside are asked by `instanceof`.
 *
 * before: shape.area()        after: shape.class === "Circle" ? (area of Circle) : (area of Square)
 */
import type { Node } from "ts-morph";
import { booleanType, newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { anyOf, type Branch, joinBranches, openBranch } from "./branches.js";
import { type ClassNode, lineage } from "./classes.js";
import { learnAll, type Lessons } from "./lessons.js";
import { constant, type Lowering, placeholder, refuse, spanOf } from "./lowering.js";
import { globalNamed } from "./sourceText.js";

/** The field of an instance that holds the name of its class. */
export const tagField = "class";

/** The name by which the instances of a class are known; null where nothing asks for it. */
export function tagOf(lessons: Lessons, declaration: ClassNode): string | null {
  const tagged = [...lessons.taggedClasses];
  const position = tagged.indexOf(declaration);
  if (position < 0) return null;
  const name = declaration.getName() ?? "anonymous";
  const before = tagged.slice(0, position).filter((one) => (one.getName() ?? "anonymous") === name).length;
  return before === 0 ? name : `${name}${before + 1}`;
}

/** The classes that an instance may be of, derived ones first, where its type leaves that open. */
export function possibleClasses(lowering: Lowering, object: Value, at: Node | null): readonly ClassNode[] | null {
  const { type } = object;
  if (type.kind !== "record" || !type.isUnion || !type.brands) return null;
  if (lowering.shared.exactInstances.has(object)) return null;
  const narrowed = at ? narrowedBrands(lowering, at) : null;
  const isLeft = (brand: string): boolean => narrowed!.includes(brand) || passesFor(lowering, brand, at!);
  const brands = narrowed ? type.brands.filter(isLeft) : type.brands;
  const classes = brands.flatMap((brand) => lowering.unit.classNamed(brand) ?? []);
  if (classes.length === 0 || classes.length < brands.length) return null;
  return classes.sort((a, b) => lineage(b).length - lineage(a).length);
}

/** TypeScript takes an instance of the class for what the expression is, whatever it is declared as. */
function passesFor(lowering: Lowering, brand: string, expression: Node): boolean {
  const declaration = lowering.unit.classNamed(brand);
  if (!declaration) return false;
  const checker = expression.getProject().getTypeChecker().compilerObject;
  const expected = expression.getType().getNonNullableType();
  return checker.isTypeAssignableTo(declaration.getType().compilerType, expected.compilerType);
}

/** The classes that TypeScript leaves after the tests around an expression. */
function narrowedBrands(lowering: Lowering, expression: Node): readonly string[] | null {
  const type = lowering.unit.typeOf(expression.getType().getNonNullableType(), expression);
  return type.kind === "record" ? (type.brands ?? null) : null;
}

/** Whether the instance is of exactly this class. */
export function isInstanceOf(lowering: Lowering, object: Value, declaration: ClassNode, node: Node): Value {
  const { lessons } = lowering.unit;
  const { builder } = lowering;
  const isOutside = lowering.unit.comesFromOutside(declaration);
  if (isOutside && !lessons.madeClasses.has(declaration)) return isConstructedBy(lowering, object, declaration, node);
  const key = { kind: "field", name: tagField } as const;
  const held = newValue({ kind: "string" }, { span: spanOf(node) });
  builder.add({ kind: "load", result: held, object, key, span: spanOf(node) });
  const isTagged = builder.apply("equal", [held, constant(lowering, tagOf(lessons, declaration)!)], booleanType);
  if (!isOutside) return isTagged;
  const isConstructed = (inside: Lowering): Value => isConstructedBy(inside, object, declaration, node);
  return anyOf(lowering, [() => isTagged, isConstructed], node);
}

function isConstructedBy(lowering: Lowering, object: Value, declaration: ClassNode, node: Node): Value {
  const name = declaration.getNameNode();
  if (!name)
    refuse(
      node,
      "unknownClass",
      "An instance from outside may be of a class without a name.",
      "Give the class a name.",
    );
  const result = newValue(booleanType, { span: spanOf(node) });
  const pieces = [object, " instanceof ", globalNamed(lowering, name)];
  lowering.builder.add({ kind: "evaluate", result, pieces, isPure: true, span: spanOf(node) });
  return result;
}

/** The instance, seen as one of this class. */
export function seenAs(lowering: Lowering, object: Value, declaration: ClassNode, node: Node): Value {
  const type = lowering.unit.instanceType(declaration);
  if (!type)
    return refuse(
      node,
      "unknownMethod",
      `What ${declaration.getName() ?? "a class"} holds here is not known: it has type parameters.`,
      "Make the instance in the differentiated function, or declare the class without them.",
    );
  const result = newValue(type, { name: object.name, span: spanOf(node) });
  lowering.builder.add({ kind: "narrow", result, value: object, span: spanOf(node) });
  lowering.shared.exactInstances.add(result);
  return result;
}

/** Instances of these classes must say of which they are. */
export function askFor(lowering: Lowering, classes: readonly ClassNode[]): void {
  learnAll(lowering.unit.lessons.taggedClasses, classes);
}

/** Runs `build` for each class that the instance may be of, and joins what comes of it. */
export function byClass(
  lowering: Lowering,
  object: Value,
  classes: readonly ClassNode[],
  node: Node,
  build: (inside: Lowering, instance: Value) => Value | null,
): Value | null {
  const [first, ...others] = classes as [ClassNode, ...ClassNode[]];
  if (others.length === 0 && !lowering.unit.comesFromOutside(first))
    return build(lowering, seenAs(lowering, object, first, node));
  askFor(lowering, classes);
  const condition = isInstanceOf(lowering, object, first, node);
  const [taken, other] = [openBranch(lowering), openBranch(lowering)];
  taken.value = build(taken.lowering, seenAs(taken.lowering, object, first, node));
  if (others.length > 0) other.value = byClass(other.lowering, object, others, node, build);
  else other.value = failIn(other, taken.value, node);
  return joinBranches(lowering, condition, taken, other, node).value;
}

/** An instance from outside is of none of the classes that the project has. */
function failIn(branch: Branch, like: Value | null, node: Node): Value | null {
  const { lowering } = branch;
  if (lowering.throwTarget)
    refuse(
      node,
      "tryStatement",
      "An instance of a class that is not known would be caught here.",
      "Move the try outside of the differentiated function.",
    );
  const value = like && placeholder(lowering, like.type);
  const pieces = ['new TypeError("an instance of a class that was not known when this was generated")'];
  lowering.builder.add({ kind: "throw", pieces, span: spanOf(node) });
  branch.completion = "abrupt";
  return value;
}
