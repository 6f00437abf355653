/**
 * Whether what a declaration holds is only read, wherever it goes: it is named where it is read, and where it is handed
 * on, whoever gets it only reads it, too. What is kept, returned, or handed to what is not known may be written.
 *
 * before: const rates = [1, 2]; f(rates); function f(r) { return r[0]; }        after: true; false with `return rates`
 */
import {
  type BindingElement,
  type CallExpression,
  Node,
  type ParameterDeclaration,
  SyntaxKind,
  type ts,
  type Type as SourceType,
  type VariableDeclaration,
} from "ts-morph";
import { membersReached } from "./families.js";
import { originalSymbol } from "./mentions.js";
import { rootOf } from "./moduleState.js";
import { declaredFunction } from "./recursion.js";
import { assignedTargets, isFunctionLike, parametersOf, unwrap } from "./syntax.js";
import { isOfTheLanguage } from "./types.js";

/** Of arrays, maps and the like: what gives numbers, copies, or the items themselves. */
const reading: ReadonlySet<string> = new Set(
  "at concat entries every filter find findIndex findLast findLastIndex flat flatMap forEach get has includes indexOf join keys lastIndexOf map reduce reduceRight slice some test toFixed toReversed toSorted toString values valueOf with".split(
    " ",
  ),
);
/** Those whose callbacks get an item second. */
const folding: ReadonlySet<string> = new Set(["reduce", "reduceRight"]);
const callingBack: ReadonlySet<string> = new Set(
  "every filter find findIndex findLast findLastIndex flatMap forEach map reduce reduceRight some toSorted".split(" "),
);
/** Functions of the language that look at what they get, or copy it. */
const looking =
  /^(Object\.(keys|values|entries|hasOwn|isFrozen)|Array\.(isArray|from|of)|structuredClone|JSON\.stringify|console\.\w+|Math\.\w+|Number|String|Boolean|isNaN|isFinite)$/;
const copying = /^(Array|Set|(Float|Int|Uint|BigInt)\w*Array)$/;

const knownBy = new WeakMap<ts.TypeChecker, Map<Node, boolean>>();

export function isOnlyRead(declaration: Node): boolean {
  if (isFixed(declaration.getType())) return true;
  const checker = declaration.getProject().getTypeChecker().compilerObject;
  let known = knownBy.get(checker);
  if (!known) knownBy.set(checker, (known = new Map()));
  const before = known.get(declaration);
  if (before !== undefined) return before;
  // Asked for again on the way: that it is handed round in a circle does no harm.
  known.set(declaration, true);
  const result = mentionsOf(declaration).every(isReadHere);
  // What was believed meanwhile may be wrong.
  if (!result) known.clear();
  known.set(declaration, result);
  return result;
}

/** The expressions that stand for what the declaration holds. */
function mentionsOf(declaration: Node): readonly Node[] {
  if (!Node.hasName(declaration)) return [];
  const name = declaration.getName();
  const isMember = Node.isPropertyDeclaration(declaration);
  const own = declaration.getSourceFile();
  const files = isMember ? declaration.getProject().getSourceFiles() : [own];
  return files
    .filter((file) => !file.isDeclarationFile() && file.getFullText().includes(name))
    .flatMap((file) =>
      [...file.getDescendantsOfKind(SyntaxKind.Identifier), ...file.getDescendantsOfKind(SyntaxKind.PrivateIdentifier)]
        .filter((one) => one.getText() === name && isMentionOf(one, declaration))
        .map((one) => (isMember ? one.getParentOrThrow() : one)),
    );
}

function isMentionOf(name: Node, declaration: Node): boolean {
  const parent = name.getParent();
  if (parent === declaration && Node.hasName(parent) && parent.getNameNode() === name) return false;
  const symbol = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : originalSymbol(name);
  return symbol?.getDeclarations().includes(declaration) ?? false;
}

/** The expression, and whatever it gives, is only read where it stands. */
export function isReadHere(mention: Node): boolean {
  let node = mention;
  let parent = node.getParent();
  for (; parent && unwrap(parent) === unwrap(node) && parent !== unwrap(parent); parent = parent.getParent())
    node = parent;
  if (!parent || standsForType(parent)) return true;
  // A variable that gets another value holds no longer what it did.
  if (isWritten(node, parent)) return Node.isIdentifier(unwrap(node));
  if (isPlain(node.getType())) return true;
  if (Node.isPropertyAccessExpression(parent) || Node.isElementAccessExpression(parent)) {
    if (parent.getExpression() !== node) return true;
    const call = parent.getParent();
    return Node.isCallExpression(call) && call.getExpression() === parent
      ? isReadByMethod(call, node)
      : isReadHere(parent);
  }
  if (Node.isCallExpression(parent) || Node.isNewExpression(parent)) return isReadByCallee(parent, node);
  if (Node.isVariableDeclaration(parent) || Node.isBindingElement(parent) || Node.isParameterDeclaration(parent))
    return isReadAs(parent, node.getType());
  if (Node.isForOfStatement(parent)) {
    const [declared] = parent.getInitializer().getDescendantsOfKind(SyntaxKind.VariableDeclaration);
    const item = itemOf(node.getType());
    return (item !== null && isPlain(item)) || (declared !== undefined && isReadAs(declared, item));
  }
  if (Node.isSpreadElement(parent) || Node.isSpreadAssignment(parent)) return holdsOnlyPlain(node.getType());
  if (Node.isConditionalExpression(parent)) return parent.getCondition() === node || isReadHere(parent);
  if (Node.isBinaryExpression(parent)) {
    const operator = parent.getOperatorToken().getText();
    if (operator === "??" || operator === "||" || operator === "&&") return isReadHere(parent);
    if (operator === ",") return parent.getLeft() === node || isReadHere(parent);
    return !operator.endsWith("=") || /^[=!]==?$|^[<>]=$/.test(operator);
  }
  return (
    Node.isTemplateSpan(parent) ||
    Node.isTypeOfExpression(parent) ||
    Node.isPrefixUnaryExpression(parent) ||
    Node.isVoidExpression(parent) ||
    Node.isExpressionStatement(parent) ||
    Node.isIfStatement(parent) ||
    Node.isForInStatement(parent) ||
    Node.isForStatement(parent) ||
    Node.isWhileStatement(parent)
  );
}

function standsForType(parent: Node): boolean {
  return Node.isTypeQuery(parent) || Node.isQualifiedName(parent);
}

function isWritten(node: Node, parent: Node): boolean {
  return Node.isDeleteExpression(parent) || assignedTargets(parent).some((target) => unwrap(target) === unwrap(node));
}

/** A number, a text, or the like: who has it can change nothing. */
export function isPlain(type: SourceType): boolean {
  if (type.isUnion()) return type.getUnionTypes().every(isPlain);
  return (
    type.isNumber() ||
    type.isString() ||
    type.isBoolean() ||
    type.isBigInt() ||
    type.isLiteral() ||
    type.isTemplateLiteral() ||
    type.isNull() ||
    type.isUndefined() ||
    type.isVoid() ||
    type.isNever() ||
    type.getCallSignatures().length > 0
  );
}

/** TypeScript lets nobody write it: `as const`, `readonly number[]`. */
function isFixed(type: SourceType): boolean {
  if (type.isReadonlyArray()) return isPlain(type.getArrayElementTypeOrThrow());
  const target = type.getTargetType()?.compilerType as { readonly readonly?: boolean } | undefined;
  return isPlain(type) || (type.isTuple() && target?.readonly === true && type.getTupleElements().every(isFixed));
}

/** The type of its items, where it is a list. */
function itemOf(type: SourceType): SourceType | null {
  return type.getArrayElementType() ?? type.getNumberIndexType() ?? null;
}

function holdsOnlyPlain(type: SourceType): boolean {
  if (type.isTuple()) return type.getTupleElements().every(isPlain);
  const item = itemOf(type);
  if (item) return isPlain(item);
  const indexed = type.getStringIndexType();
  const properties = type.getProperties().flatMap((one) => one.getValueDeclaration() ?? []);
  return (!indexed || isPlain(indexed)) && properties.every((one) => isPlain(one.getType()));
}

/** A variable, a parameter or a part of a pattern that gets it. */
function isReadAs(
  target: VariableDeclaration | BindingElement | ParameterDeclaration,
  type: SourceType | null,
): boolean {
  const name = target.getNameNode();
  // A field of the instance from then on.
  if (Node.isParameterDeclaration(target) && target.isParameterProperty()) return false;
  if (Node.isIdentifier(name)) return isOnlyRead(target);
  const elements = name.getElements().filter(Node.isBindingElement);
  return elements.every((one) => {
    if (one.getDotDotDotToken()) return type !== null && holdsOnlyPlain(type);
    return isPlain(one.getType()) || isReadAs(one, one.getType());
  });
}

/** `list.map(…)`, `record.f(…)`. */
function isReadByMethod(call: CallExpression, owner: Node): boolean {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return isPlain(call.getType());
  const method = callee.getNameNode().getSymbol()?.getDeclarations()[0];
  if (owner.getType().isAny()) return false;
  if (!method || !isOfTheLanguage(method)) return isReadByOwnFunction(method ?? callee, owner);
  const name = callee.getName();
  if (!reading.has(name) && !/^(get|to)[A-Z]/.test(name)) return false;
  const item = itemOf(owner.getType());
  const isOfPlain = item !== null && isPlain(item);
  if (callingBack.has(name)) {
    const [callback] = call.getArguments();
    const fn = callback && declaredFunction(callback);
    if (!fn) return isOfPlain;
    const at = folding.has(name) ? 1 : 0;
    const parameters = parametersOf(fn);
    // The list itself comes last.
    if (parameters.length > at + 2) return false;
    if (
      !isOfPlain &&
      !parameters.slice(0, at + 1).every((one) => isPlain(one.getType()) || isReadAs(one, one.getType()))
    )
      return false;
  }
  const isFresh = /^(map|flatMap|flat|keys)$/.test(name) && holdsOnlyPlain(call.getType());
  return isOfPlain || isPlain(call.getType()) || isFresh || isReadHere(call);
}

/** A function in a record of the project, which may use the record as `this`. */
function isReadByOwnFunction(member: Node, owner: Node): boolean {
  const written = Node.isPropertyAssignment(member) ? unwrap(member.getInitializerOrThrow()) : member;
  const [holder] = originalSymbol(rootOf(owner))?.getDeclarations() ?? [];
  const whole = Node.isVariableDeclaration(holder) ? holder.getInitializer() : undefined;
  const places = isFunctionLike(written) ? written : whole;
  return places?.getDescendantsOfKind(SyntaxKind.ThisKeyword).every(isReadHere) ?? false;
}

function isReadByCallee(call: Node, argument: Node): boolean {
  if (!Node.isCallExpression(call) && !Node.isNewExpression(call)) return false;
  const callee = unwrap(call.getExpression());
  if (callee === unwrap(argument)) return true;
  const position = call.getArguments().findIndex((one) => one === argument);
  const item = itemOf(argument.getType());
  if (Node.isNewExpression(call)) return copying.test(callee.getText()) && item !== null && isPlain(item);
  if (looking.test(callee.getText())) return isPlain(call.getType()) || holdsOnlyPlain(argument.getType());
  const methods = Node.isPropertyAccessExpression(callee) ? membersReached(callee).filter(isFunctionLike) : [];
  const fn = declaredFunction(callee);
  const functions = fn ? [fn] : methods;
  return (
    functions.length > 0 &&
    functions.every((one) => {
      const parameter = parametersOf(one)[position];
      return parameter !== undefined && !parameter.isRestParameter() && isReadAs(parameter, argument.getType());
    })
  );
}
