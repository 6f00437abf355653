/**
 * Classes. An instance is a record of its fields; constructors, methods and accessors are functions with the record as
 * `this`, lowered in place.
 */
import {
  type ClassDeclaration,
  type ClassExpression,
  type GetAccessorDeclaration,
  type MethodDeclaration,
  Node,
  type PropertyDeclaration,
  Scope as Visibility,
  type SetAccessorDeclaration,
} from "ts-morph";
import type { Statement, Type, Value } from "../ir/ir.js";
import { operandsOf } from "../ir/walk.js";
import { type Hint, lowerExpression } from "./expressions.js";
import { classesExtending } from "./families.js";
import { inlineClosure, refuseDecorated } from "./inlineCall.js";
import { isListOfFunctions } from "./knownLists.js";
import { learn } from "./lessons.js";
import { makeLiteral } from "./literals.js";
import { possibleClasses, tagField, tagOf } from "./dispatch.js";
import { liveMember, liveSuperMethod, lowerLiveSuper } from "./liveClasses.js";
import { enclosingFunction } from "./liveValues.js";
import {
  constant,
  type FunctionNode,
  type FunctionValue,
  type Lowering,
  newScope,
  placeholder,
  refuse,
  type Scope,
  spanOf,
} from "./lowering.js";
import { originalSymbol } from "./mentions.js";
import { isAssignedAnywhere, isChangedAnywhere } from "./moduleState.js";
import { isOnlyRead } from "./onlyRead.js";
import { fieldOfClass } from "./moduleValues.js";
import { isFieldAssigned } from "./fieldState.js";
import { standInFor } from "./standIns.js";
import { makeRoom } from "./openRecords.js";
import { isOfPackage } from "./packageReader.js";
import { isFunctionLike, thisAround, unwrap } from "./syntax.js";

export type ClassNode = ClassDeclaration | ClassExpression;
type Method = MethodDeclaration | GetAccessorDeclaration | SetAccessorDeclaration;
type Member = Method | FunctionNode;

export function isClass(node: Node | undefined): node is ClassNode {
  return Node.isClassDeclaration(node) || Node.isClassExpression(node);
}

/** The class an expression names. */
export function classNamed(expression: Node): ClassNode | null {
  const node = unwrap(expression);
  if (Node.isThisExpression(node)) return classAsThis(node);
  const name = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  if (!Node.isIdentifier(name)) return null;
  for (const declaration of originalSymbol(name)?.getDeclarations() ?? []) {
    if (isClass(declaration)) return declaration.getSourceFile().isDeclarationFile() ? null : declaration;
    const initializer = Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
    if (isClass(initializer)) return initializer;
  }
  return null;
}

/** The class that `this` is in its static members; null in others, and where it may be one that extends it. */
function classAsThis(node: Node): ClassNode | null {
  const owner = staticOwner(node);
  return owner && classesExtending(owner).length === 0 ? owner : null;
}

/** The class in whose static members a `this` stands. */
export function staticOwner(self: Node): ClassNode | null {
  const around = thisAround(self);
  const owner = around.getParent();
  const isStatic = Node.isClassStaticBlockDeclaration(around) || (Node.isStaticable(around) && around.isStatic());
  return isStatic && isClass(owner) ? owner : null;
}

/** The class and those it extends, the nearest first. */
export function lineage(node: ClassNode): readonly ClassNode[] {
  const base = baseOf(node);
  return base ? [node, ...lineage(base)] : [node];
}

/** The class that a class extends; of a mixin, whose base is a parameter, the one that the parameter's type names. */
function baseOf(node: ClassNode): ClassNode | null {
  const named = node.getBaseClass();
  const clause = named ? undefined : node.getExtends()?.getExpression();
  if (named || !clause) return named ?? null;
  const [made] = clause.getType().getApparentType().getConstructSignatures();
  return made?.getReturnType().getSymbol()?.getDeclarations().find(isClass) ?? null;
}

// -------------------------------------------------------------------------------------------------- construction

/** `new C(…)`: the record, then what the constructors do to it. */
export function lowerInstance(
  lowering: Lowering,
  declaration: ClassNode,
  type: Type,
  args: readonly Value[],
  node: Node,
  hint: Hint,
): Value {
  if (type.kind !== "record")
    refuse(node, "unsupportedType", "The fields of this class are not known.", "Declare its fields.");
  const { lessons, comesFromOutside } = lowering.unit;
  const tag = tagOf(lessons, declaration);
  if (tag !== null && comesFromOutside(declaration)) learn(lessons.madeClasses, declaration);
  const zeros = type.fields.map((field) =>
    field.name === tagField && tag !== null ? constant(lowering, tag) : placeholder(lowering, field.type),
  );
  const names = type.fields.map((field) => field.name);
  // A record made here hides nothing.
  const fields = type.fields.map((field) => ({ ...field, isHidden: false }));
  const self = makeLiteral(lowering, { ...type, fields }, zeros, names, hint);
  lowering.shared.exactInstances.add(self);
  construct(lowering, declaration, self, args, node);
  settleConstruction(lowering, self, names);
  return self;
}

function construct(lowering: Lowering, declaration: ClassNode, self: Value, args: readonly Value[], node: Node): void {
  refuseDecorated(declaration, node);
  const base = declaration.getBaseClass();
  if (!base && declaration.getExtends())
    refuse(
      node,
      "unsupportedCall",
      `What ${declaration.getName() ?? "this class"} extends is not known to the compiler.`,
      "Extend a class of the project.",
    );
  const constructor = declaration.getConstructors().find((one) => one.getBody());
  if (!base) initialiseFields(lowering, declaration, self);
  if (constructor) {
    const fn = { kind: "closure", node: constructor, scope: scopeOf(lowering, declaration), self } as const;
    inlineClosure(lowering, fn, args, node, {
      prelude: (inside) => {
        if (!base) assignParameterProperties(inside, declaration, self);
      },
    });
    return;
  }
  if (!base) return;
  construct(lowering, base, self, args, node);
  initialiseFields(lowering, declaration, self);
}

/** `super(…)` in a constructor. */
export function lowerSuperCall(lowering: Lowering, args: readonly Value[], node: Node): void {
  if (isOfPackage(node) && enclosingFunction(lowering.scope)) return lowerLiveSuper(lowering, args, node);
  const declaration = enclosingClass(node);
  const base = declaration?.getBaseClass();
  const self = selfOf(lowering);
  if (!declaration || !base || !self)
    refuse(node, "unsupportedCall", "What this class extends is not known.", "Extend a class of the project.");
  construct(lowering, base, self, args, node);
  initialiseFields(lowering, declaration, self);
  assignParameterProperties(lowering, declaration, self);
}

function initialiseFields(lowering: Lowering, declaration: ClassNode, self: Value): void {
  const inside: Lowering = { ...lowering, scope: newScope(scopeOf(lowering, declaration), self) };
  for (const property of declaration.getInstanceProperties()) {
    if (!Node.isPropertyDeclaration(property)) continue;
    const initializer = property.getInitializer();
    if (!initializer) continue;
    const value = lowerExpression(inside, initializer, {
      name: property.getName().replace(/^#/, ""),
      declared: property,
    });
    storeField(inside, self, property.getName(), value, property);
  }
}

/** `constructor(readonly x: number)`. */
export function assignParameterProperties(inside: Lowering, declaration: ClassNode, self: Value): void {
  const constructor = declaration.getConstructors().find((one) => one.getBody());
  for (const parameter of constructor?.getParameters() ?? [])
    if (parameter.isParameterProperty())
      storeField(inside, self, parameter.getName(), lowerExpression(inside, parameter.getNameNode()), parameter);
}

export function storeField(lowering: Lowering, self: Value, name: string, value: Value, node: Node): void {
  const isList = !isOfPackage(node) && isListOfFunctions(lowering, value);
  if (lowering.shared.functions.has(value) || lowering.shared.functions.has(self) || isList) {
    const isKnown = lowering.shared.madeIn.get(self)?.builder === lowering.builder;
    const isFunction = lowering.shared.functions.has(self);
    if (!isKnown && isFunction) value = placeholder(lowering, { kind: "opaque", text: "unknown" });
    else if (!isKnown)
      refuse(
        node,
        "functionValue",
        `Which function the field ${name} holds is known only at run time.`,
        "Choose the function where it is called.",
      );
    const before = lowering.shared.functionFields.get(self) ?? new Map<string, Value>();
    lowering.shared.functionFields.set(self, new Map(before).set(name, value));
    if (!isList) return;
  } else if (lowering.shared.functionFields.get(self)?.has(name))
    refuse(
      node,
      "functionValue",
      `The field ${name}, which holds a function, gets something else.`,
      "Use a field of its own for each.",
    );
  makeRoom(lowering, self, name, value, node);
  lowering.builder.add({ kind: "store", object: self, key: { kind: "field", name }, value, span: spanOf(node) });
}

/** Stores that come before anyone else sees the record are its first contents. */
function settleConstruction(lowering: Lowering, self: Value, names: readonly string[]): void {
  const { statements } = lowering.builder;
  const made = statements.findIndex((statement) => "result" in statement && statement.result === self);
  const literal = statements[made];
  if (literal?.kind !== "literal") return;
  const contents = new Map(names.map((name, k) => [name, literal.elements[k]!]));
  const before: Statement[] = [];
  let k = made + 1;
  for (; k < statements.length; k++) {
    const statement = statements[k]!;
    const isOwn = statement.kind === "store" && statement.object === self && statement.key.kind === "field";
    if (isOwn && statement.value !== self) contents.set((statement.key as { name: string }).name, statement.value);
    else if (isPlain(statement) && !operandsOf(statement).includes(self)) before.push(statement);
    else break;
  }
  const settled: Statement = { ...literal, elements: names.map((name) => contents.get(name)!) };
  statements.splice(made, k - made, ...before, settled);
}

/** A statement that reads the record nowhere but in its operands. */
function isPlain(statement: Statement): boolean {
  return statement.kind !== "if" && statement.kind !== "loop";
}

// ------------------------------------------------------------------------------------------------------- members

export function selfOf(lowering: Lowering): Value | null {
  for (let scope: Lowering["scope"] | null = lowering.scope; scope; scope = scope.outer)
    if (scope.self !== undefined) return scope.self;
  return null;
}

function enclosingClass(node: Node): ClassNode | null {
  return (node.getFirstAncestor((ancestor) => isClass(ancestor)) as ClassNode | undefined) ?? null;
}

export type MemberKind = "method" | "get" | "set";

export function isKind(member: Node, kind: MemberKind): member is Method {
  if (kind === "method") return Node.isMethodDeclaration(member);
  return kind === "get" ? Node.isGetAccessorDeclaration(member) : Node.isSetAccessorDeclaration(member);
}

/** A method or accessor that instances of a class have, or the function in a field that nobody assigns again. */
function findMember(declaration: ClassNode, name: string, kind: MemberKind): Member | null {
  for (const node of lineage(declaration))
    for (const member of node.getInstanceMembers()) {
      if (plainName(member.getName()) !== name) continue;
      if (isKind(member, kind) && member.getBody()) return member;
      const held = kind === "method" && Node.isPropertyDeclaration(member) ? heldFunction(member) : null;
      if (held && !isFieldAssigned(name, node.getType(), member)) return held;
    }
  return null;
}

/** The function that a field begins with: `model = (x: number) => …`. */
export function heldFunction(field: PropertyDeclaration): FunctionNode | null {
  const initializer = field.getInitializer();
  const held = initializer && unwrap(initializer);
  return held && isFunctionLike(held) ? held : null;
}

/** The method, getter or setter that `object.name` reaches; null where the object is no instance or has none. */
export function memberOf(
  lowering: Lowering,
  object: Value,
  name: string,
  kind: MemberKind,
  node: Node,
): FunctionValue | null {
  const possible = possibleClasses(lowering, object, ownerIn(node));
  if (possible) return memberOfFamily(lowering, object, possible, name, kind, node);
  const declaration = classOf(lowering, object.type);
  if (!declaration || declaration.getSourceFile().isDeclarationFile()) return liveMember(lowering, object, name, kind);
  const member = findMember(declaration, name, kind);
  if (!member) {
    if (kind === "method" && declaration.getInstanceMethod(name)) refuseDispatch(node, name);
    return null;
  }
  if (!lowering.shared.exactInstances.has(object)) {
    if (isOverridden(declaration, name)) refuseDispatch(node, name);
    refuseStandIn(declaration, name, node);
  }
  return methodClosure(lowering, member, object);
}

/** A member on an instance; what it names is where its own class stands. */
function methodClosure(lowering: Lowering, node: Member, self: Value): FunctionValue & { kind: "closure" } {
  if (
    !isOfPackage(node) &&
    Node.isMethodDeclaration(node) &&
    isFieldAssigned(node.getName(), node.getParentOrThrow().getType(), node)
  )
    refuse(
      node,
      "unsupportedMethod",
      `${node.getName()} is assigned somewhere: which function an instance has is known only at run time.`,
      "Assign it nowhere, or keep the functions in an array and choose by an index.",
    );
  return { kind: "closure", node, scope: scopeOf(lowering, enclosingClass(node)!), self };
}

/** `object` of `object.name` and of a call of it. */
function ownerIn(node: Node): Node | null {
  if (Node.isCallExpression(node)) return ownerIn(node.getExpression());
  return Node.isPropertyAccessExpression(node) ? node.getExpression() : null;
}

/** The same for all classes that the instance may be of, or chosen by its class. */
function memberOfFamily(
  lowering: Lowering,
  object: Value,
  classes: readonly ClassNode[],
  name: string,
  kind: MemberKind,
  node: Node,
): FunctionValue | null {
  const members = classes.map((declaration) => findMember(declaration, name, kind));
  const [first] = members;
  if (members.every((member) => member === null)) return null;
  const isSame = members.every((member) => member === first) && !classes.some(lowering.unit.comesFromOutside);
  if (isSame) return methodClosure(lowering, first!, object);
  if (members.includes(null) || kind !== "method") refuseDispatch(node, name);
  const closures = members.map((member) => methodClosure(lowering, member!, object));
  return { kind: "method", object, classes, name, closures };
}

/** Some of the classes that the instance may be of compute what others store. */
export function isComputedBySome(classes: readonly ClassNode[], name: string): boolean {
  return classes.some((declaration) => findMember(declaration, name, "get") !== null);
}

function scopeOf(lowering: Lowering, declaration: ClassNode): Scope | null {
  return lowering.shared.classScopes.get(declaration) ?? null;
}

function refuseDispatch(node: Node, name: string): never {
  return refuse(
    node,
    "unknownMethod",
    `Which ${name} is used here is not known: the classes that the instance may be of do not all have one of the kind.`,
    "Let each class have its own, or write one function that tests the kind.",
  );
}

/** Its instances do something: there are methods, accessors, or functions in fields. */
export function hasBehaviour(declaration: ClassNode): boolean {
  const members = lineage(declaration).flatMap((one) => one.getInstanceMembers());
  return members.some(
    (member) =>
      !Node.isParameterDeclaration(member) && (!Node.isPropertyDeclaration(member) || heldFunction(member) !== null),
  );
}

/** The instance may be something else that passes for one. */
function refuseStandIn(declaration: ClassNode, name: string, node: Node): void {
  const object = standInFor(declaration, name);
  if (!object) return;
  const place = `${object.getSourceFile().getBaseName()}:${object.getStartLineNumber()}`;
  refuse(
    node,
    "unknownMethod",
    `Which ${name} is used here is not known: what stands at ${place} passes for an instance of ${declaration.getName() ?? "the class"}, and has its own.`,
    "Say with `extends` what that is, or with an interface and `implements` what both are.",
  );
}

export function classOf(lowering: Lowering, type: Type): ClassNode | null {
  return type.kind === "record" && type.brands?.length === 1 ? lowering.unit.classNamed(type.brands[0]!) : null;
}

/** A class of the project that extends this one has its own. */
function isOverridden(declaration: ClassNode, name: string): boolean {
  // Every class has private names of its own.
  if (name.startsWith("#")) return false;
  return classesExtending(declaration).some((one) =>
    one.getInstanceMembers().some((member) => plainName(member.getName()) === name),
  );
}

/** `f` of `["f"]() { … }`. */
function plainName(name: string): string {
  return name.replace(/^\[["'](.*)["']\]$/, "$1");
}

/** `super.method`. */
export function superMethod(lowering: Lowering, name: string, node: Node): FunctionValue | null {
  if (isOfPackage(node)) return liveSuperMethod(lowering, name);
  const base = enclosingClass(node)?.getBaseClass();
  const member = base && findMember(base, name, "method");
  const self = selfOf(lowering);
  return member && self ? { kind: "closure", node: member, scope: scopeOf(lowering, base), self } : null;
}

/** `C.method`. */
export function staticMethod(owner: Node, name: string): FunctionValue | null {
  const declaration = classNamed(owner);
  for (const node of declaration ? lineage(declaration) : []) {
    const method = node.getStaticMethod(name);
    if (method?.getBody()) return { kind: "closure", node: method, scope: null, self: null };
  }
  return null;
}

/** The value of `C.name`, a static field that is never assigned; null where there is none. */
export function lowerStaticField(lowering: Lowering, owner: Node, name: string, hint: Hint): Value | null {
  const declaration = classNamed(owner);
  if (!declaration) return null;
  for (const node of lineage(declaration)) {
    const getter = node.getStaticMembers().find((one) => Node.isGetAccessorDeclaration(one) && one.getName() === name);
    if (getter && Node.isGetAccessorDeclaration(getter))
      return inlineClosure(lowering, { kind: "closure", node: getter, scope: null, self: null }, [], owner);
    const property = node.getStaticProperty(name);
    if (!property || !Node.isPropertyDeclaration(property)) continue;
    const initializer = property.getInitializer();
    if (!initializer) return null;
    if (isAssignedAnywhere(property) || isChangedAnywhere(property) || !isOnlyRead(property)) {
      if (property.getScope() === Visibility.Public) return fieldOfClass(lowering, declaration, property, owner);
      refuse(
        owner,
        "moduleState",
        `${declaration.getName()}.${name} is module state: it may be written somewhere, and generated code cannot read it.`,
        "Pass it as a parameter, or make the field public.",
      );
    }
    const inside: Lowering = { ...lowering, scope: newScope(null, null) };
    const value = lowerExpression(inside, initializer, { name: hint.name ?? name, declared: property });
    lowering.shared.globals.add(value);
    return value;
  }
  return null;
}
