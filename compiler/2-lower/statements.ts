/**
 * Statements. Exits nest: when one branch of an `if` always leaves, the rest of the list goes into the other branch; a
 * flag is tested only after a statement that may have left from deeper inside.
 */
import { Node, type Statement as SourceStatement } from "ts-morph";
import { newBlock } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { anyFlag, clearFlags, joinBranches, openBranch } from "./branches.js";
import { bindPattern } from "./destructuring.js";
import { lowerExpression, lowerForEffect } from "./expressions.js";
import { closureOf, declareClass, functionValue } from "./functionValues.js";
import { lowerDoStatement, lowerForStatement, lowerWhileStatement } from "./loops.js";
import { lowerForOf } from "./indexedLoops.js";
import {
  at,
  type Completion,
  constant,
  declareVariable,
  type Invented,
  type JumpTarget,
  type Lowering,
  nested,
  nullish,
  placeholder,
  refuse,
  rememberType,
  spanOf,
  typeAt,
} from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { lowerForIn } from "./records.js";
import { attempt } from "./recovery.js";
import { sourcePieces } from "./sourceText.js";
import { lowerSwitch } from "./switch.js";
import { lowerCaughtThrow, lowerTry } from "./tryStatement.js";
import { lowerYield } from "./generators.js";
import { unwrap } from "./syntax.js";
import { isFunctionType } from "./unknownTypes.js";
import { declareLater, declareHoisted } from "./hoisting.js";
import { knownTruth, lowerCondition } from "./conditions.js";

export function lowerStatements(lowering: Lowering, statements: readonly SourceStatement[]): Completion {
  hoistFunctions(lowering, statements);
  const body = statements[0]?.getParent();
  if (body && Node.isFunctionLikeDeclaration(body.getParent())) declareHoisted(lowering, body);
  return lowerList(lowering, statements, 0);
}

function hoistFunctions(lowering: Lowering, statements: readonly SourceStatement[]): void {
  for (const statement of statements)
    if (Node.isFunctionDeclaration(statement) && statement.getNameNode())
      declareVariable(
        lowering,
        statement.getNameNode()!,
        functionValue(lowering, closureOf(lowering.scope, statement)),
      );
}

function lowerList(lowering: Lowering, statements: readonly SourceStatement[], from: number): Completion {
  let completion: Completion = "normal";
  for (let k = from; k < statements.length; k++) {
    const statement = statements[k]!;
    if (Node.isIfStatement(statement) && k + 1 < statements.length) {
      const rest = (inside: Lowering): Completion => lowerList(inside, statements, k + 1);
      const lowered = attempt<LoweredIf>(
        lowering,
        statement,
        () => at(lowering, statement, () => lowerIf(lowering, statement, rest)),
        () => ({ completion: "normal", isRestDone: false }),
      );
      if (lowered.isRestDone) return lowered.completion;
      completion = lowered.completion;
      continue;
    }
    completion = lowerStatement(lowering, statement);
    if (completion === "abrupt") return "abrupt";
    if (completion === "maybe")
      return lowerGuarded(lowering, statement, (inside) => lowerList(inside, statements, k + 1));
  }
  return completion;
}

/** Code that runs only when none of the flags was set before it. */
export function lowerGuarded(lowering: Lowering, node: Node, rest: Rest): Completion {
  const left = anyFlag(lowering);
  if (!left) return rest(lowering);
  const gone = openBranch(lowering);
  gone.completion = "abrupt";
  const going = openBranch(lowering);
  clearFlags(going.lowering);
  going.completion = rest(going.lowering);
  return joinBranches(lowering, left, gone, going, node).completion;
}

/** How an `if` ends, and whether what follows it was lowered inside it. */
interface LoweredIf {
  readonly completion: Completion;
  readonly isRestDone: boolean;
}

type Rest = (inside: Lowering) => Completion;

function lowerIf(lowering: Lowering, node: import("ts-morph").IfStatement, rest: Rest | null): LoweredIf {
  const condition = lowerCondition(lowering, node.getExpression());
  const known = knownTruth(lowering, condition);
  const elseStatement = node.getElseStatement();
  if (known !== null) return lowerTaken(lowering, node, known ? node.getThenStatement() : elseStatement, rest);
  if (!lowering.throwTarget && alwaysThrows(node.getThenStatement())) {
    lowerGuard(lowering, node, condition);
    return lowerTaken(lowering, node, elseStatement, rest);
  }
  const thenBranch = openBranch(lowering);
  thenBranch.completion = lowerStatement(thenBranch.lowering, node.getThenStatement());
  const elseBranch = openBranch(lowering);
  if (elseStatement) elseBranch.completion = lowerStatement(elseBranch.lowering, elseStatement);
  let isRestDone = rest === null;
  const staying = [thenBranch, elseBranch].filter((branch) => branch.completion !== "abrupt");
  if (staying.length === 0) isRestDone = true;
  if (rest && staying.length === 1) {
    const branch = staying[0]!;
    const isWhole = branch.completion === "normal";
    branch.completion = isWhole ? rest(branch.lowering) : lowerGuarded(branch.lowering, node, rest);
    isRestDone = true;
  }
  const { completion } = joinBranches(lowering, condition, thenBranch, elseBranch, node);
  if (isRestDone || completion === "normal") return { completion, isRestDone };
  return { completion: lowerGuarded(lowering, node, rest!), isRestDone: true };
}

/** The branch that is known to be taken, in place. */
function lowerTaken(
  lowering: Lowering,
  node: import("ts-morph").IfStatement,
  taken: SourceStatement | undefined,
  rest: Rest | null,
): LoweredIf {
  const completion = taken ? lowerStatement(lowering, taken) : "normal";
  if (rest && completion === "maybe") return { completion: lowerGuarded(lowering, node, rest), isRestDone: true };
  return { completion, isRestDone: rest === null || completion === "abrupt" };
}

/** `if (c) throw …` is a test that stands by itself: what comes after it is not nested in it. */
function lowerGuard(lowering: Lowering, node: import("ts-morph").IfStatement, condition: Value): void {
  const throwing = nested(lowering);
  lowerStatement(throwing, node.getThenStatement());
  const then = newBlock(throwing.builder.statements);
  lowering.builder.add({ kind: "if", condition, then, else: newBlock([]), results: [], span: spanOf(node) });
}

function alwaysThrows(node: SourceStatement): boolean {
  if (Node.isThrowStatement(node)) return true;
  if (!Node.isBlock(node)) return false;
  const statements = node.getStatements();
  const last = statements.at(-1);
  const isPlain = (one: SourceStatement): boolean => Node.isExpressionStatement(one) || Node.isVariableStatement(one);
  return last !== undefined && alwaysThrows(last) && statements.slice(0, -1).every(isPlain);
}

export function lowerStatement(lowering: Lowering, node: SourceStatement): Completion {
  return attempt(
    lowering,
    node,
    () => at(lowering, node, () => lowerStatementHere(lowering, node)),
    () => completionOfFailed(lowering, node),
  );
}

/** What leaves does so, whatever is wrong with what it hands over. */
function completionOfFailed(lowering: Lowering, node: SourceStatement): Completion {
  if (Node.isReturnStatement(node)) lowering.variables.set(lowering.returnTarget.flag, constant(lowering, true));
  return Node.isReturnStatement(node) || Node.isThrowStatement(node) ? "abrupt" : "normal";
}

function lowerStatementHere(lowering: Lowering, node: SourceStatement): Completion {
  if (Node.isExpressionStatement(node)) {
    const given = unwrap(node.getExpression());
    if (Node.isYieldExpression(given)) return lowerYield(lowering, given);
    lowerForEffect(lowering, node.getExpression());
    return "normal";
  }
  if (Node.isVariableStatement(node)) {
    lowerDeclarations(lowering, node.getDeclarationList());
    return "normal";
  }
  if (Node.isIfStatement(node)) return lowerIf(lowering, node, null).completion;
  if (Node.isBlock(node)) return lowerStatements(lowering, node.getStatements());
  if (Node.isReturnStatement(node)) return lowerReturn(lowering, node);
  if (Node.isForStatement(node)) return lowerForStatement(lowering, node, null);
  if (Node.isForOfStatement(node)) return lowerForOf(lowering, node, null);
  if (Node.isWhileStatement(node)) return lowerWhileStatement(lowering, node, null);
  if (Node.isDoStatement(node)) return lowerDoStatement(lowering, node, null);
  if (Node.isBreakStatement(node) || Node.isContinueStatement(node)) return lowerJump(lowering, node);
  if (Node.isLabeledStatement(node)) return lowerLabelled(lowering, node);
  if (Node.isSwitchStatement(node)) return lowerSwitch(lowering, node);
  if (Node.isThrowStatement(node)) return lowerThrow(lowering, node);
  if (Node.isFunctionDeclaration(node) || Node.isEmptyStatement(node)) return "normal";
  if (Node.isClassDeclaration(node)) {
    declareClass(lowering, node);
    return "normal";
  }
  if (Node.isTypeAliasDeclaration(node) || Node.isInterfaceDeclaration(node)) return "normal";
  if (Node.isTryStatement(node)) return lowerTry(lowering, node);
  if (Node.isForInStatement(node)) return lowerForIn(lowering, node, null);
  return refuse(
    node,
    "unsupportedSyntax",
    `This statement (${node.getKindName()}) is not supported.`,
    "Write it with if, loops and assignments.",
  );
}

export function lowerDeclarations(lowering: Lowering, list: import("ts-morph").VariableDeclarationList): void {
  if (list.getDeclarationKind().endsWith("using"))
    refuse(list, "unsupportedSyntax", "What `using` disposes of is not followed.", "Declare it with const.");
  for (const declaration of list.getDeclarations()) {
    const name = declaration.getNameNode();
    const initializer = declaration.getInitializer();
    const declare = (): void => {
      if (Node.isIdentifier(name)) {
        if (!initializer && isOfPackage(declaration)) return declareLater(lowering, name);
        const value: Value = initializer
          ? lowerExpression(lowering, initializer, { name: name.getText(), declared: declaration })
          : nothingYet(lowering, typeAt(lowering, declaration));
        declareVariable(lowering, name, value);
        if (!isKnownByValue(declaration, value) && !isOfPackage(declaration))
          rememberType(lowering, name, typeAt(lowering, declaration));
      } else bindPattern(lowering, name, lowerExpression(lowering, initializer!));
    };
    attempt(
      lowering,
      declaration,
      () => at(lowering, declaration, declare),
      () => {},
    );
  }
}

/** A number that stays what it is: the checker, which would walk through all statements before, has nothing to add. */
function isKnownByValue(declaration: import("ts-morph").VariableDeclaration, value: Value): boolean {
  const list = declaration.getVariableStatement()?.getDeclarationKind();
  return list === "const" && value.type.kind === "number" && !declaration.getTypeNode();
}

/** What a variable holds before it is assigned, where its type allows that it is asked. */
function nothingYet(lowering: Lowering, type: Type): Value {
  const mayHoldFunction = type.kind === "optional" && isFunctionType(type.of);
  return mayHoldFunction ? nullish(lowering, undefined) : placeholder(lowering, type);
}

function lowerReturn(lowering: Lowering, node: import("ts-morph").ReturnStatement): Completion {
  const { flag, result } = lowering.returnTarget;
  const expression = node.getExpression();
  if (expression) lowering.variables.set(result, lowerExpression(lowering, expression));
  lowering.variables.set(flag, constant(lowering, true));
  return "abrupt";
}

function lowerJump(
  lowering: Lowering,
  node: import("ts-morph").BreakStatement | import("ts-morph").ContinueStatement,
): Completion {
  const label = node.getLabel()?.getText() ?? null;
  const isBreak = Node.isBreakStatement(node);
  const fits = (target: JumpTarget): boolean =>
    label !== null
      ? target.label === label
      : isBreak
        ? target.continueFlag !== null || Node.isSwitchStatement(target.node)
        : target.continueFlag !== null;
  const target = [...lowering.jumpTargets].reverse().find(fits);
  const flag: Invented | null | undefined = isBreak ? target?.breakFlag : target?.continueFlag;
  if (!flag) refuse(node, "unsupportedSyntax", "This jump leads nowhere.", "Check the label.");
  lowering.variables.set(flag, constant(lowering, true));
  return "abrupt";
}

function lowerLabelled(lowering: Lowering, node: import("ts-morph").LabeledStatement): Completion {
  const label = node.getLabel().getText();
  const inner = node.getStatement();
  if (Node.isForStatement(inner)) return lowerForStatement(lowering, inner, label);
  if (Node.isForOfStatement(inner)) return lowerForOf(lowering, inner, label);
  if (Node.isForInStatement(inner)) return lowerForIn(lowering, inner, label);
  if (Node.isWhileStatement(inner)) return lowerWhileStatement(lowering, inner, label);
  if (Node.isDoStatement(inner)) return lowerDoStatement(lowering, inner, label);
  const breakFlag: Invented = { kind: "flag", name: `left${label}` };
  const target: JumpTarget = { node: inner, label, breakFlag, continueFlag: null };
  const completion = lowerStatement({ ...lowering, jumpTargets: [...lowering.jumpTargets, target] }, inner);
  return settle(lowering, completion, breakFlag);
}

/** After the target of a break: its flag has done its work. */
export function settle(lowering: Lowering, completion: Completion, breakFlag: Invented): Completion {
  const broke = lowering.variables.get(breakFlag);
  lowering.variables.delete(breakFlag);
  if (completion === "normal") return "normal";
  if (anyFlag(lowering)) return completion === "abrupt" && !broke ? "abrupt" : "maybe";
  return completion === "abrupt" && !broke ? "abrupt" : "normal";
}

function lowerThrow(lowering: Lowering, node: import("ts-morph").ThrowStatement): Completion {
  if (lowering.throwTarget) return lowerCaughtThrow(lowering, node);
  lowering.builder.add({
    kind: "throw",
    pieces: sourcePieces(lowering, node.getExpression()),
    span: spanOf(node),
  });
  return "abrupt";
}
