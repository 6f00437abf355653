/** Classes of loaded packages, and the constructor functions of older JavaScript: instances are records. */
import { Node } from "ts-morph";
import type { Type, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { assignParameterProperties, classOf, isClass, isKind, type MemberKind, selfOf, storeField } from "./classes.js";
import { type Hint, lowerExpression } from "./expressions.js";
import { inlineClosure } from "./inlineCall.js";
import { knownFunction } from "./functionValues.js";
import { enclosingFunction, isLiveFunction, liveFunction, liveOf, liveScope, lowerLive } from "./liveValues.js";
import { type FunctionValue, type Lowering, newScope, refuse } from "./lowering.js";
import { makeOpenRecord, settleRecord } from "./openRecords.js";
import { isOfPackage, type LiveFunction } from "./packageReader.js";
import { unwrap } from "./syntax.js";

type Closure = FunctionValue & { kind: "closure" };

const brands = new Map<object, string>();
const prototypes = new Map<string, object>();

/** The brand of the objects that have a prototype. */
function brandOfPrototype(prototype: object): string {
  let brand = brands.get(prototype);
  if (brand === undefined) {
    brand = `package:${brands.size}`;
    brands.set(prototype, brand);
    prototypes.set(brand, prototype);
  }
  return brand;
}

/** The brand of a loaded object; null for a plain one, and for those of the language. */
export function brandOf(object: object): string | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  return isObject(prototype) && !isOfLanguage(prototype) ? brandOfPrototype(prototype) : null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `Object.prototype`, `Map.prototype`, … */
function isOfLanguage(prototype: object): boolean {
  const { constructor } = prototype;
  const owner: unknown = isLiveFunction(constructor) ? Reflect.get(constructor, "prototype") : null;
  return isLiveFunction(constructor) && isNative(constructor) && owner === prototype;
}

export function isNative(fn: LiveFunction): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn));
}

function prototypeOf(constructor: LiveFunction): object | null {
  const prototype: unknown = Reflect.get(constructor, "prototype");
  return isObject(prototype) ? prototype : null;
}

/** The loaded function that a known function is; null for one that is made in the program. */
export function identityOf(fn: FunctionValue): LiveFunction | null {
  if (fn.kind === "native") return fn.fn;
  return fn.kind === "closure" && fn.scope?.cells.size === 0 ? (fn.scope.live ?? null) : null;
}

/** The class or the constructor function that an expression stands for; null where it is none of a package. */
export function constructorOf(lowering: Lowering, expression: Node): LiveFunction | null {
  const node = unwrap(expression);
  const held = isOfPackage(node) ? knownFunction(lowering, node) : null;
  const found = held ? identityOf(held) : liveOf(lowering, node)?.value;
  return isLiveFunction(found) ? found : null;
}

/** What values of a type have as their prototype, where a package has written it. */
export function prototypeFor(lowering: Lowering, type: Type): object | null {
  if (type.kind !== "record" || type.brands?.length !== 1) return null;
  const declaration = classOf(lowering, type);
  if (!declaration) return prototypes.get(type.brands[0]!) ?? null;
  const constructor = declaration.getSourceFile().isDeclarationFile()
    ? lowering.unit.packages.classOf(declaration)
    : null;
  return constructor && prototypeOf(constructor);
}

/** `Object.create(prototype)`. */
export function lowerCreated(lowering: Lowering, prototype: object, hint: Hint): Value {
  const brand = isOfLanguage(prototype) ? undefined : brandOfPrototype(prototype);
  return makeOpenRecord(lowering, new Map(), { name: null, hint, ...(brand !== undefined && { brand }) });
}

function parentOf(constructor: LiveFunction): LiveFunction | null {
  const parent: unknown = Object.getPrototypeOf(constructor);
  return isLiveFunction(parent) && parent !== Function.prototype ? parent : null;
}

// -------------------------------------------------------------------------------------------------- construction

/** `new C(…)`. */
export function lowerLiveInstance(
  lowering: Lowering,
  constructor: LiveFunction,
  args: readonly Value[],
  node: Node,
  hint: Hint,
): Value {
  const self = lowerCreated(lowering, prototypeOf(constructor) ?? Object.prototype, hint);
  lowering.shared.exactInstances.add(self);
  const returned = construct(lowering, constructor, self, args, node);
  settleRecord(lowering, self);
  return returned && isReference(returned.type) ? returned : self;
}

function construct(
  lowering: Lowering,
  constructor: LiveFunction,
  self: Value,
  args: readonly Value[],
  node: Node,
): Value | null {
  const source = lowering.unit.packages.nodeOf(constructor);
  const scope = liveScope(lowering, constructor);
  if (!source)
    refuse(
      node,
      "unsupportedCall",
      `What new ${constructor.name} does is not known to the compiler.`,
      "Use numbers, arrays, records and classes that are written in JavaScript.",
    );
  if (!isClass(source)) return inlineClosure(lowering, { kind: "closure", node: source, scope, self }, args, node);
  const base = parentOf(constructor);
  const own = source.getConstructors().find((one) => one.getBody());
  if (!own) {
    if (base) construct(lowering, base, self, args, node);
    initialiseFields(lowering, constructor, self);
    return null;
  }
  if (!base) initialiseFields(lowering, constructor, self);
  return inlineClosure(lowering, { kind: "closure", node: own, scope, self }, args, node, {
    prelude: (inside) => {
      if (!base) assignParameterProperties(inside, source, self);
    },
  });
}

/** `super(…)` in a constructor of a package. */
export function lowerLiveSuper(lowering: Lowering, args: readonly Value[], node: Node): void {
  const constructor = enclosingFunction(lowering.scope);
  const base = constructor && parentOf(constructor);
  const self = selfOf(lowering);
  if (!base || !self)
    refuse(node, "unsupportedCall", "What this class extends is not known.", "Extend a class of the project.");
  construct(lowering, base, self, args, node);
  initialiseFields(lowering, constructor, self);
}

function initialiseFields(lowering: Lowering, constructor: LiveFunction, self: Value): void {
  const source = lowering.unit.packages.nodeOf(constructor);
  if (!source || !isClass(source)) return;
  const inside: Lowering = { ...lowering, scope: newScope(liveScope(lowering, constructor), self) };
  for (const property of source.getInstanceProperties()) {
    const initializer = Node.isPropertyDeclaration(property) ? property.getInitializer() : undefined;
    if (!initializer) continue;
    const value = lowerExpression(inside, initializer, { name: property.getName() });
    storeField(inside, self, property.getName(), value, property);
  }
}

// ------------------------------------------------------------------------------------------------------- members

/** The prototype and those above it that packages have written. */
function chainOf(prototype: object): readonly object[] {
  const above: unknown = Object.getPrototypeOf(prototype);
  return isOfLanguage(prototype) ? [] : [prototype, ...(isObject(above) ? chainOf(above) : [])];
}

function memberIn(prototype: object, name: string): PropertyDescriptor | undefined {
  const owner = chainOf(prototype).find((one) => Object.hasOwn(one, name));
  return owner && Object.getOwnPropertyDescriptor(owner, name);
}

function functionIn(descriptor: PropertyDescriptor | undefined, kind: MemberKind): LiveFunction | null {
  const member: unknown = kind === "method" ? descriptor?.value : descriptor?.[kind];
  return isLiveFunction(member) ? member : null;
}

function bound(lowering: Lowering, fn: LiveFunction | null, self: Value): Closure | null {
  const found = fn && liveFunction(lowering, fn);
  return found?.kind === "closure" ? { ...found, self } : null;
}

/** The method or accessor that an instance has from its class. */
export function liveMember(lowering: Lowering, object: Value, name: string, kind: MemberKind): Closure | null {
  const prototype = prototypeFor(lowering, object.type);
  if (!prototype) return null;
  if (name.startsWith("#")) return privateMember(lowering, prototype, object, name, kind);
  return bound(lowering, functionIn(memberIn(prototype, name), kind), object);
}

/** `#name` is seen by the class alone, not by its prototype. */
function privateMember(
  lowering: Lowering,
  prototype: object,
  self: Value,
  name: string,
  kind: MemberKind,
): Closure | null {
  for (const { constructor } of chainOf(prototype)) {
    const owner = isLiveFunction(constructor) ? constructor : null;
    if (!owner) continue;
    const source = lowering.unit.packages.nodeOf(owner);
    const members = source && isClass(source) ? source.getInstanceMembers() : [];
    for (const node of members)
      if (isKind(node, kind) && node.getName() === name)
        return { kind: "closure", node, scope: liveScope(lowering, owner), self };
  }
  return null;
}

/** A constant that instances have from their prototype; null where there is none. */
export function prototypeConstant(lowering: Lowering, object: Value, name: string): Value | null {
  const prototype = prototypeFor(lowering, object.type);
  const member = prototype && memberIn(prototype, name);
  const isPlain = member && "value" in member && typeof member.value !== "object";
  return isPlain ? lowerLive(lowering, member.value, name, null) : null;
}

/** `super.method` in a method of a package. */
export function liveSuperMethod(lowering: Lowering, name: string): FunctionValue | null {
  const method = enclosingFunction(lowering.scope);
  const self = selfOf(lowering);
  const prototype = self && prototypeFor(lowering, self.type);
  if (!method || !self || !prototype) return null;
  // The class that has the method whose body this is comes first; what is above it is meant.
  const chain = chainOf(prototype);
  const above = chain.slice(chain.findIndex((owner) => holds(owner, method)) + 1);
  return bound(lowering, functionIn(above[0] && memberIn(above[0], name), "method"), self);
}

function holds(owner: object, method: LiveFunction): boolean {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(owner));
  return descriptors.some(({ value, get, set }) => value === method || get === method || set === method);
}

/** Whether objects with a prototype are instances of a class. */
export function isInstance(prototype: object, of: LiveFunction): boolean {
  return chainOf(prototype).some((one) => one === prototypeOf(of));
}
