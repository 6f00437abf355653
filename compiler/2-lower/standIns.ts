/**
 * Objects that are written out where an instance of a class is expected: TypeScript takes them for one, and what they do
 * is their own.
 *
 * before: const odd: Vec = { x: 3, length() { … } }        after: odd.length is not that of Vec
 */
import { Node, type ObjectLiteralExpression, type SourceFile, ts } from "ts-morph";
import { type ClassNode, isClass, lineage } from "./classes.js";

const ownFunctions = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.ObjectLiteralExpression[]>>();

/** An object of the project that has its own `name` and is taken for an instance of the class, or of one beside it. */
export function standInFor(declaration: ClassNode, name: string): Node | null {
  const files = declaration.getProject().getSourceFiles();
  for (const file of files.filter((one) => !one.isDeclarationFile() && !one.isInNodeModules()))
    for (const literal of literalsWith(name, file)) {
      const token = file.getDescendantAtPos(literal.getStart(file.compilerNode));
      const object = token?.getAncestors().find((one) => one.compilerNode === literal);
      if (Node.isObjectLiteralExpression(object) && isTakenFor(object, declaration)) return object;
    }
  return null;
}

function isTakenFor(object: ObjectLiteralExpression, declaration: ClassNode): boolean {
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
        const isData = ts.isPropertyAssignment(property) && ts.isLiteralExpression(property.initializer);
        if (isData || !property.name || ts.isComputedPropertyName(property.name)) continue;
        const name = property.name.text;
        found.set(name, [...(found.get(name) ?? []), node]);
      }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
