/**
 * The rules of a project: every `defineRule(f, rule)`, by the function it is for.
 *
 * Needs: all modules that may hold rules are in the project. Guarantees: a rule that is not found under its function is
 * among the problems.
 */
import { type CallExpression, Node, type Project, SyntaxKind, type ts } from "ts-morph";
import { adjointName } from "../1-parse/importedNames.js";
import type { Diagnostic } from "../diagnostics.js";
import { spanOf } from "./lowering.js";
import { originalSymbol } from "./mentions.js";
import { unwrap } from "./syntax.js";

export interface FoundRule {
  readonly call: CallExpression;
  /** The name of the function, as the rule's file knows it. */
  readonly target: Node;
  readonly rule: Node;
}

export interface RuleTable {
  /** The rules of the function that a declaration declares. */
  of(declaration: Node): readonly FoundRule[];
  readonly problems: readonly Diagnostic[];
}

/** A program's symbols are its own: whatever changes the project makes another one. */
const tables = new WeakMap<ts.TypeChecker, RuleTable>();

export function rulesOf(project: Project): RuleTable {
  const checker = project.getTypeChecker().compilerObject;
  let table = tables.get(checker);
  if (!table) tables.set(checker, (table = findRules(project)));
  return table;
}

/** The declaration that stands for a function, whatever names it. */
export function declarationOf(name: Node): Node | undefined {
  return originalSymbol(name)?.getDeclarations()[0];
}

function findRules(project: Project): RuleTable {
  const found = new Map<Node, FoundRule[]>();
  const problems: Diagnostic[] = [];
  for (const file of project.getSourceFiles()) {
    if (file.isDeclarationFile() || !file.getFullText().includes("defineRule")) continue;
    for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      if (adjointName(call.getExpression()) !== "defineRule") continue;
      const read = readCall(call);
      if (typeof read === "string") problems.push(problem(call, read));
      else found.set(read.declaration, [...(found.get(read.declaration) ?? []), read.found]);
    }
  }
  return { of: (declaration) => found.get(declaration) ?? [], problems };
}

/** The rule, or what is wrong with the call. */
function readCall(call: CallExpression): { readonly declaration: Node; readonly found: FoundRule } | string {
  const statement = call.getParent();
  if (!Node.isExpressionStatement(statement) || !Node.isSourceFile(statement.getParent()))
    return "defineRule is not called by a statement at the top of a module, so that the rule would not be found.";
  const [first, rule, ...others] = call.getArguments();
  if (!first || !rule || others.length > 0 || Node.isSpreadElement(first) || Node.isSpreadElement(rule))
    return "defineRule takes a function and its rule.";
  const target = unwrap(first);
  if (adjointName(target) !== null) return `${target.getText()} of adjoint has a rule already.`;
  const declaration = declarationOf(target);
  const isFunction =
    declaration && (Node.isFunctionDeclaration(declaration) || Node.isVariableDeclaration(declaration));
  if (!isFunction || declaration.getType().getCallSignatures().length === 0)
    return `${target.getText()} does not name a function that is declared or imported at the top of a module.`;
  return { declaration, found: { call, target, rule } };
}

function problem(call: CallExpression, message: string): Diagnostic {
  return {
    code: "unusableRule",
    severity: "error",
    span: spanOf(call),
    message,
    suggestion: "Write defineRule(f, { … }) as a statement of its own, with the name of a function.",
  };
}
