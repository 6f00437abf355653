/**
 * Families of classes: the classes of the project whose instances a value of a declared type may be, where it depends on
 * the class what its members do.
 */
import {
  type InterfaceDeclaration,
  Node,
  type PropertyAccessExpression,
  type SourceFile,
  SyntaxKind,
  type ts,
  type Type as SourceType,
} from "ts-morph";
import { type ClassNode, heldFunction, isClass, lineage } from "./classes.js";

const families = new WeakMap<ts.Type, Map<SourceFile, readonly ClassNode[] | null>>();

/** The classes that instances of the type may be of; null where they all behave the same, or nothing is known of them. */
export function familyOf(source: SourceType, at: Node): readonly ClassNode[] | null {
  const known = families.get(source.compilerType) ?? new Map<SourceFile, readonly ClassNode[] | null>();
  families.set(source.compilerType, known);
  const file = at.getSourceFile();
  if (!known.has(file)) known.set(file, findFamily(source, at));
  return known.get(file)!;
}

/** The methods and accessors that `object.name` may run, whichever class the object is of. */
export function membersReached(node: PropertyAccessExpression): readonly Node[] {
  const type = node.getExpression().getType().getNonNullableType();
  const parts = type.isUnion() ? type.getUnionTypes() : [type];
  const classes = parts.flatMap((part) => familyOf(part, node) ?? []).flatMap(lineage);
  const own = (node.getNameNode().getSymbol()?.getDeclarations() ?? []).filter(
    (one) => !one.getSourceFile().isDeclarationFile(),
  );
  const members = classes.flatMap((one) => one.getInstanceMembers());
  return [...new Set([...own, ...members.filter((member) => member.getName() === node.getName())])];
}

function findFamily(source: SourceType, at: Node): readonly ClassNode[] | null {
  const declaration = source
    .getSymbol()
    ?.getDeclarations()
    .find((one): one is ClassNode | InterfaceDeclaration => isClass(one) || Node.isInterfaceDeclaration(one));
  if (!declaration || declaration.getSourceFile().isDeclarationFile()) return null;
  const classes = classesOfProject(declaration).filter((one) => !isAbstract(one));
  const named = isClass(declaration)
    ? classes.filter((one) => lineage(one).includes(declaration))
    : classes.filter((one) => implementsIt(one, declaration));
  const isSilent = !isClass(declaration) && named.length === 0;
  const members = isSilent ? classes.filter((one) => isNearAndFits(one, declaration, source, at)) : named;
  if (members.every((one) => one === declaration)) return null;
  return dependsOnClass(declaration, members) ? members : null;
}

function isAbstract(declaration: ClassNode): boolean {
  return Node.isAbstractable(declaration) && declaration.isAbstract();
}

function implementsIt(one: ClassNode, declaration: InterfaceDeclaration): boolean {
  const entered = new Set<Node>();
  const enter = (named: Node): void => {
    if (entered.has(named)) return;
    entered.add(named);
    const own = isClass(named) ? [...named.getImplements(), named.getExtends()] : [];
    const heritage = Node.isInterfaceDeclaration(named) ? named.getExtends() : own;
    for (const clause of heritage) clause?.getType().getSymbol()?.getDeclarations().forEach(enter);
  };
  enter(one);
  return entered.has(declaration);
}

/** Whether an interface is implemented by both. */
export function implementsWith(one: ClassNode, other: ClassNode): boolean {
  const interfacesOf = (of: ClassNode): readonly Node[] =>
    lineage(of).flatMap((base) =>
      base.getImplements().flatMap((clause) => clause.getType().getSymbol()?.getDeclarations() ?? []),
    );
  const shared = interfacesOf(other);
  return interfacesOf(one).some((declared) => shared.includes(declared));
}

/** Where no class says that it implements the interface: one that could, beside it or where it is used. */
function isNearAndFits(one: ClassNode, declaration: InterfaceDeclaration, type: SourceType, at: Node): boolean {
  const file = one.getSourceFile();
  if (file !== declaration.getSourceFile() && file !== at.getSourceFile()) return false;
  const checker = declaration.getProject().getTypeChecker().compilerObject;
  return checker.isTypeAssignableTo(one.getType().compilerType, type.compilerType);
}

/** A member of the type is a method or an accessor, which the classes may have each in their own way. */
function dependsOnClass(declaration: ClassNode | InterfaceDeclaration, members: readonly ClassNode[]): boolean {
  const names = new Set(
    declaration
      .getType()
      .getProperties()
      .map((property) => property.getName()),
  );
  const common = isClass(declaration) ? lineage(declaration) : [];
  const own = members.flatMap((one) => lineage(one).filter((base) => !common.includes(base)));
  return own.some((one) =>
    one.getInstanceMembers().some((member) => {
      const isData =
        Node.isParameterDeclaration(member) || (Node.isPropertyDeclaration(member) && !heldFunction(member));
      return !isData && !member.getName().startsWith("#") && names.has(member.getName());
    }),
  );
}

const classesOfFile = new WeakMap<ts.SourceFile, readonly ClassNode[]>();

/** Classes of the project that extend this one. */
export function classesExtending(declaration: ClassNode): readonly ClassNode[] {
  return classesOfProject(declaration).filter((one) => one !== declaration && lineage(one).includes(declaration));
}

/** All classes of the project, those inside of functions, too. */
export function classesOfProject(node: Node): readonly ClassNode[] {
  const files = node.getProject().getSourceFiles();
  return files.filter((file) => !file.isInNodeModules() && !file.isDeclarationFile()).flatMap(classesIn);
}

function classesIn(file: SourceFile): readonly ClassNode[] {
  let classes = classesOfFile.get(file.compilerNode);
  if (!classes) {
    classes = [
      ...file.getDescendantsOfKind(SyntaxKind.ClassDeclaration),
      ...file.getDescendantsOfKind(SyntaxKind.ClassExpression),
    ];
    classesOfFile.set(file.compilerNode, classes);
  }
  return classes;
}
