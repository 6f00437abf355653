/**
 * Where the files of a project write, as far as their text says: found once for each file, by names, so that only what may
 * concern a name is looked at by its symbols.
 *
 * before: alias.k = 9        after: a write of k, by the names alias and k
 */
import { Node, type SourceFile, ts } from "ts-morph";
import { assignedTargets, unwrap } from "./syntax.js";

/** What writes, where it stands, with the names that stand in what it writes. */
export interface Write {
  readonly start: number;
  readonly end: number;
  readonly names: ReadonlySet<string>;
  /** The names of what gets another value itself. */
  readonly assigned: ReadonlySet<string>;
  /** A place in it is named by a key that is computed. */
  readonly isByKey: boolean;
}

/** What the text of a file says of writes: enough to tell which of them may concern a name. */
interface WritesOfFile {
  readonly writes: readonly Write[];
  /** Names that may stand for what other names hold. */
  readonly aliases: readonly { readonly name: string; readonly names: ReadonlySet<string> }[];
}

/** By the file's tree, which is another one when its text changes. */
const writesIn = new WeakMap<ts.SourceFile, WritesOfFile>();

export function writesOf(file: SourceFile): WritesOfFile {
  let found = writesIn.get(file.compilerNode);
  if (!found) writesIn.set(file.compilerNode, (found = findWrites(file.compilerNode)));
  return found;
}

/** On the compiler's own nodes, since it looks at every node of a project. */
function findWrites(file: ts.SourceFile): WritesOfFile {
  const writes: Write[] = [];
  const aliases: { name: string; names: ReadonlySet<string> }[] = [];
  const add = (node: ts.Node, places: readonly ts.Node[], assigned: ReadonlySet<string>): void => {
    const isByKey = !ts.isCallExpression(node) && places.some((place) => isKeyed(place));
    writes.push({ start: node.getStart(file), end: node.end, names: namesIn(places, file), assigned, isByKey });
  };
  const write = (node: ts.Node, place: ts.Node): void => add(node, [place], new Set(namesAssigned(place, file)));
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) write(node, node.left);
    else if (isIncrement(node)) write(node, node.operand);
    else if (ts.isDeleteExpression(node)) write(node, node.expression);
    else if (ts.isForOfStatement(node) || ts.isForInStatement(node)) write(node, node.initializer);
    else if (ts.isCallExpression(node)) add(node, [node.expression, ...node.arguments.filter(isPlace)], new Set());
    else if (ts.isVariableDeclaration(node) || ts.isBindingElement(node)) {
      const source = sourceIn(node);
      if (source) aliases.push({ name: node.name.getText(file), names: namesIn([source], file) });
    } else if (ts.isImportSpecifier(node) && node.propertyName)
      aliases.push({ name: node.name.text, names: new Set([node.propertyName.text]) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { writes, aliases };
}

function isIncrement(node: ts.Node): node is ts.PrefixUnaryExpression | ts.PostfixUnaryExpression {
  if (!ts.isPrefixUnaryExpression(node)) return ts.isPostfixUnaryExpression(node);
  return node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
}

function isAssignmentOperator(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `b` of `a.b`; of a pattern all names in it, of an element none. */
function namesAssigned(place: ts.Node, file: ts.SourceFile): Iterable<string> {
  if (ts.isParenthesizedExpression(place) || ts.isNonNullExpression(place) || ts.isAsExpression(place))
    return namesAssigned(place.expression, file);
  if (ts.isElementAccessExpression(place)) return [];
  return ts.isPropertyAccessExpression(place) ? [place.name.text] : namesIn([place], file);
}

/** `a[key]`, also in a pattern. */
function isKeyed(place: ts.Node): boolean {
  if (ts.isElementAccessExpression(place)) return !ts.isNumericLiteral(place.argumentExpression);
  return ts.forEachChild(place, (child) => isKeyed(child) || undefined) ?? false;
}

function isPlace(node: ts.Node): boolean {
  return !ts.isFunctionLike(node) && !ts.isLiteralExpression(node);
}

/** What a variable begins with; of one that a pattern names what the pattern takes apart. */
function sourceIn(node: ts.VariableDeclaration | ts.BindingElement): ts.Node | undefined {
  let whole: ts.Node = node;
  while (ts.isBindingElement(whole)) whole = whole.parent.parent;
  if (!ts.isVariableDeclaration(whole)) return undefined;
  const walk = whole.parent.parent;
  const source = ts.isForOfStatement(walk) ? walk.expression : whole.initializer;
  return source && isPlace(source) ? source : undefined;
}

function namesIn(places: readonly ts.Node[], file: ts.SourceFile): ReadonlySet<string> {
  return new Set(places.flatMap((place) => place.getText(file).match(/#?[A-Za-z_$][\w$]*/g) ?? []));
}

/** The places that are written where a write stands, and the calls that may write there. */
export function targetsAt({ start, end }: Write, file: SourceFile): readonly Node[] {
  let node = file.getDescendantAtPos(start);
  for (; node && node.getStart() === start && node.getEnd() <= end; node = node.getParent())
    if (node.getEnd() === end) {
      if (Node.isCallExpression(node)) return [node];
      const targets = targetsOf(node);
      if (targets.length > 0) return targets;
    }
  return [];
}

/** The name, and those that may stand for what it holds. */
export function namesFor(name: string, { aliases }: WritesOfFile): ReadonlySet<string> {
  const found = new Set([name]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const alias of aliases) if (meet(alias.names, found)) found.add(alias.name);
  }
  return found;
}

export function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of others) if (some.has(one)) return true;
  return false;
}

function targetsOf(node: Node): readonly Node[] {
  return [...assignedTargets(node), ...(Node.isDeleteExpression(node) ? [node.getExpression()] : [])];
}

// An element has no declaration: what holds it comes first.
export function isElement(target: Node): boolean {
  return Node.isElementAccessExpression(unwrap(target));
}
