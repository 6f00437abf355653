/**
 * What TypeScript takes for an instance of a class though it is none, and which does what is its own: objects that are
 * written out, and instances of classes that have the same fields.
 *
 * before: const odd: Vec = { x: 3, length() { … } }        after: odd.length is not that of Vec
 */
import { type Expression, Node, type SourceFile, ts, type Type as SourceType } from "ts-morph";
import { type ClassNode, isClass, lineage } from "./classes.js";
import { classesOfProject } from "./families.js";

const ownFunctions = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.ObjectLiteralExpression[]>>();

/** What in the project passes for an instance of the class, or of one beside it, and has its own `name`. */
export function standInFor(declaration: ClassNode, name: string): Node | null {
  const files = declaration.getProject().getSourceFiles();
  const own = files.filter((one) => !one.isDeclarationFile() && !one.isInNodeModules());
  for (const file of own)
    for (const literal of literalsWith(name, file)) {
      const token = file.getDescendantAtPos(literal.getStart(file.compilerNode));
      const object = token?.getAncestors().find((one) => one.compilerNode === literal);
      if (Node.isObjectLiteralExpression(object) && isTakenFor(object, declaration)) return object;
    }
  const others = classesLike(declaration).filter((one) =>
    lineage(one).some((base) => base.getInstanceMembers().some((member) => member.getName() === name)),
  );
  return others.length === 0 ? null : instanceTakenFor(declaration, others, own);
}

/** Classes that have nothing to do with the class but for the same fields. */
function classesLike(declaration: ClassNode): readonly ClassNode[] {
  const checker = declaration.getProject().getTypeChecker().compilerObject;
  const isRelated = (one: ClassNode): boolean =>
    lineage(one).includes(declaration) || lineage(declaration).includes(one);
  const own = declaration.getType().compilerType;
  return classesOfProject(declaration).filter(
    (one) => !isRelated(one) && checker.isTypeAssignableTo(one.getType().compilerType, own),
  );
}

/** An expression that gives an instance of one of the others where one of the class is expected. */
function instanceTakenFor(
  declaration: ClassNode,
  others: readonly ClassNode[],
  files: readonly SourceFile[],
): Node | null {
  const isOther = (type: SourceType): boolean =>
    (type.getSymbol()?.getDeclarations() ?? []).some((one) => isClass(one) && others.includes(one));
  for (const file of files)
    for (const node of file.getDescendants()) {
      const isGiven = Node.isNewExpression(node) || Node.isIdentifier(node) || Node.isCallExpression(node);
      if (isGiven && isOther(node.getType()) && isTakenFor(node, declaration)) return node;
    }
  return null;
}

function isTakenFor(object: Expression, declaration: ClassNode): boolean {
  const expected = object.getContextualType()?.getNonNullableType();
  const parts = expected?.isUnion() ? expected.getUnionTypes() : expected ? [expected] : [];
  const classes = parts.flatMap((part) => part.getSymbol()?.getDeclarations() ?? []).filter(isClass);
  return classes.some((one) => lineage(one).includes(declaration) || lineage(declaration).includes(one));
}

/** The object literals of a file that have a function or an accessor of that name. */
function literalsWith(name: string, file: SourceFile): readonly ts.ObjectLiteralExpression[] {
  let found = ownFunctions.get(file.compilerNode);
  if (!found) ownFunctions.set(file.compilerNode, (found = findLiterals(file.compilerNode)));
  return found.get(name) ?? [];
}

/** On the compiler's own nodes, since it looks at every node of a project. */
function findLiterals(file: ts.SourceFile): ReadonlyMap<string, readonly ts.ObjectLiteralExpression[]> {
  const found = new Map<string, ts.ObjectLiteralExpression[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node))
      for (const property of node.properties) {
        if (!property.name || ts.isComputedPropertyName(property.name)) continue;
        const name = property.name.text;
        found.set(name, [...(found.get(name) ?? []), node]);
      }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
