/**
 * Whether a project gives a field another value, by whatever name, type or key it knows the object: then nobody knows which
 * function the field holds.
 */
import { type CallExpression, Node, type SourceFile, type ts, type Type as SourceType } from "ts-morph";
import { declaredFunction } from "./recursion.js";
import { unwrap } from "./syntax.js";
import { targetsAt, type Write, writesOf } from "./writes.js";

/** Functions of the language that write what they get first, under the key that they get second; or under several. */
const keyWriters = ["Object.defineProperty", "Reflect.set", "Reflect.defineProperty", "Reflect.deleteProperty"];
const objectWriters = ["Object.assign", "Object.defineProperties", "Object.setPrototypeOf", "Reflect.setPrototypeOf"];

export function writesFirstArgument(callee: Node): boolean {
  return [...keyWriters, ...objectWriters].includes(callee.getText());
}

/** A function that writes a field of whatever it is passed: `function set<T>(target: T, key: keyof T, value) { … }`. */
interface Setter {
  readonly name: string;
  readonly fn: Node;
  readonly object: number;
  /** Which argument is the key; where it is none, the key itself. */
  readonly key: number | Node;
}

const settersBy = new WeakMap<ts.TypeChecker, readonly Setter[]>();

/** Whether any file of the project assigns the field of an object of that type. */
export function isFieldAssigned(name: string, owner: SourceType, at: Node): boolean {
  const checker = checkerOf(at);
  const mayBeOwner = (object: Node, isKeyKnown = true): boolean => {
    if (Node.isObjectLiteralExpression(unwrap(object))) return false;
    const own = object.getType();
    // What is passed to a function for any type is looked at where it is called.
    if (own.isTypeParameter() && passedIn(object)) return false;
    const seenAs = own.isTypeParameter() ? own.getApparentType() : own;
    // Where neither the object nor the key is known, something is copied or read from a text.
    if (seenAs.isAny() || !seenAs.getNonNullableType().getProperty(name)) return isKeyKnown;
    return checker.isTypeAssignableTo(owner.compilerType, seenAs.getNonNullableType().compilerType);
  };
  const mayBeKeyOf = (object: Node, key: Node | undefined): boolean =>
    key !== undefined && mayBeKey(key, name) && mayBeOwner(object, isKeyKnown(key));
  const setters = settersOf(at);
  const isSetterCall = (call: CallExpression): boolean => {
    const fn = declaredFunction(call.getExpression());
    const args = call.getArguments();
    return setters.some((setter) => {
      if (setter.fn !== fn || !args[setter.object]) return false;
      return mayBeKeyOf(args[setter.object]!, typeof setter.key === "number" ? args[setter.key] : setter.key);
    });
  };
  const mayBeIt = (target: Node): boolean => {
    const place = unwrap(target);
    if (Node.isPropertyAccessExpression(place)) return place.getName() === name && mayBeOwner(place.getExpression());
    if (Node.isElementAccessExpression(place)) return mayBeKeyOf(place.getExpression(), place.getArgumentExpression());
    if (!Node.isCallExpression(place)) return false;
    const [first, second] = place.getArguments();
    const writer = unwrap(place.getExpression()).getText();
    if (keyWriters.includes(writer)) return first !== undefined && mayBeKeyOf(first, second);
    const filled = fills(place, name);
    return (filled !== null && mayBeOwner(first!, filled === "surely")) || isSetterCall(place);
  };
  const names = ["Object", "Reflect", ...setters.map((setter) => setter.name)];
  const mayConcern = (write: Write): boolean =>
    write.assigned.has(name) || write.isByKey || names.some((one) => write.names.has(one));
  return filesOf(at).some((file) =>
    writesOf(file).writes.some((write) => mayConcern(write) && targetsAt(write, file).some(mayBeIt)),
  );
}

function filesOf(node: Node): readonly SourceFile[] {
  return node
    .getProject()
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile());
}

function checkerOf(node: Node): ts.TypeChecker {
  return node.getProject().getTypeChecker().compilerObject;
}

/** The function and the parameter of it that a name stands for, where the function has a name to be called by. */
function passedIn(object: Node): { readonly fn: Node; readonly name: string; readonly position: number } | null {
  const declaration = object.getSymbol()?.getDeclarations()[0];
  const fn = Node.isParameterDeclaration(declaration) ? declaration.getParent() : undefined;
  if (!fn || !Node.isParametered(fn)) return null;
  const variable = fn.getParent();
  const named = Node.isVariableDeclaration(variable) ? variable : fn;
  const name = Node.hasName(named) ? named.getName() : undefined;
  return name && declaredFunction(fn)
    ? { fn, name, position: fn.getParameters().findIndex((one) => one === declaration) }
    : null;
}

function settersOf(at: Node): readonly Setter[] {
  const checker = checkerOf(at);
  let found = settersBy.get(checker);
  if (!found) {
    const targets = filesOf(at).flatMap((file) =>
      writesOf(file)
        .writes.filter((write) => write.isByKey)
        .flatMap((write) => targetsAt(write, file)),
    );
    settersBy.set(checker, (found = targets.flatMap((target) => setterBy(unwrap(target)) ?? [])));
  }
  return found;
}

function setterBy(place: Node): Setter | null {
  if (!Node.isElementAccessExpression(place)) return null;
  const object = unwrap(place.getExpression());
  const passed = object.getType().isTypeParameter() ? passedIn(object) : null;
  const key = place.getArgumentExpression();
  if (!passed || !key) return null;
  const keyPassed = passedIn(unwrap(key));
  return {
    name: passed.name,
    fn: passed.fn,
    object: passed.position,
    key: keyPassed?.fn === passed.fn ? keyPassed.position : key,
  };
}

/** Whether the key of an element may be the name of that field: a text that is not known to be another. */
function mayBeKey(key: Node, name: string): boolean {
  return partsOfKey(key).some((part) => {
    if (part.isStringLiteral()) return part.getLiteralValue() === name;
    return !part.isNumber() && !part.isNumberLiteral();
  });
}

function isKeyKnown(key: Node): boolean {
  return partsOfKey(key).every((part) => part.isLiteral());
}

function partsOfKey(key: Node): readonly SourceType[] {
  const type = key.getType();
  const known = type.isTypeParameter() ? (type.getConstraint() ?? type) : type;
  return known.isUnion() ? known.getUnionTypes() : [known];
}

/** Whether a call of the language's own functions writes several fields, one of which has that name, or may have it. */
function fills(call: CallExpression, name: string): "surely" | "perhaps" | null {
  const callee = unwrap(call.getExpression());
  const [first, ...sources] = call.getArguments();
  if (!first || !objectWriters.includes(callee.getText())) return null;
  if (callee.getText().endsWith("setPrototypeOf")) return "perhaps";
  if (sources.some((source) => source.getType().getProperty(name) !== undefined)) return "surely";
  const isOpen = (type: SourceType): boolean => type.isAny() || type.isTypeParameter();
  return sources.some((source) => Node.isSpreadElement(source) || isOpen(source.getType())) ? "perhaps" : null;
}
