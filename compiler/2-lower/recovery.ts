/**
 * Going on after a problem, so that one run tells of all of them. The statement that failed is left out; what it would
 * have declared or assigned is lost, and a statement that reads what is lost is left out in silence. The function as a
 * whole has failed: nothing is made of it.
 */
import { Node } from "ts-morph";
import { type Diagnostic, DiagnosticError, isStackOverflow } from "../diagnostics.js";
import { assignedVariables } from "./assignedVariables.js";
import { clearFlags } from "./branches.js";
import { type Cell, cellIn, FollowUpError, type Lowering, type SharedState, symbolOf } from "./lowering.js";
import { ModuleNeeded } from "../packages/packages.js";
import { LessonLearned } from "./lessons.js";
import { isOfPackage } from "./packageReader.js";
import { isFunctionLike } from "./syntax.js";

/** Runs `run`; where it fails, what `node` would have changed is lost, and `otherwise` gives the result. */
export function attempt<T>(lowering: Lowering, node: Node, run: () => T, otherwise: () => T): T {
  // What is wrong in a package is told at the call of it.
  if (isOfPackage(node)) return run();
  try {
    return run();
  } catch (error) {
    if (error instanceof LessonLearned || error instanceof ModuleNeeded) throw error;
    note(lowering.shared, error);
    clearFlags(lowering);
    for (const cell of lostCells(lowering, node)) lowering.shared.lost.add(cell);
    return otherwise();
  }
}

/** Keeps a problem for the end; what is no problem of the user's counts only where none came before. */
function note(shared: SharedState, error: unknown): void {
  shared.failures++;
  if (error instanceof DiagnosticError) error.diagnostics.forEach((one) => addProblem(shared, one));
  const isOwn = !(error instanceof DiagnosticError || error instanceof FollowUpError) && shared.problems.length === 0;
  // Too large is the whole function, and not the statement at which that was found.
  if (isOwn || isStackOverflow(error) || shared.budget < 0) throw error;
}

/** A piece of source that is lowered twice has its problems once. */
function addProblem({ problems }: SharedState, found: Diagnostic): void {
  const isSame = ({ code, span }: Diagnostic): boolean =>
    code === found.code && span.file === found.span.file && span.start === found.span.start;
  if (!problems.some(isSame)) problems.push(found);
}

/** Fails with all problems that were found, in the order of the source, those of the function's own file first. */
export function failIfAny({ problems }: SharedState, node: Node): void {
  const own = node.getSourceFile().getFilePath() as string;
  const rank = ({ span }: Diagnostic): string => (span.file === own ? "" : span.file);
  const [first, ...others] = [...problems].sort(
    (a, b) => rank(a).localeCompare(rank(b)) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
  if (first) throw new DiagnosticError(first, ...others);
}

/** Runs what has statements of its own; their failures make the whole fail, without a word of its own. */
export function failTogether<T>({ shared }: Lowering, run: () => T): T {
  const before = shared.failures;
  const result = run();
  if (shared.failures > before) throw new FollowUpError();
  return result;
}

/** The variables that `node` declares or assigns, and those whose functions it may change. */
function lostCells(lowering: Lowering, node: Node): readonly Cell[] {
  const cells = [...declaredCells(lowering, node), ...assignedVariables(lowering, [node])];
  const { lists, functionFields } = lowering.shared;
  for (const name of [node, ...node.getDescendants()]) {
    const cell = Node.isIdentifier(name) ? cellIn(lowering.scope, symbolOf(name)) : null;
    const value = cell && lowering.variables.get(cell);
    const mayHoldFunctions = value?.type.kind === "array" && value.type.element.kind === "opaque";
    if (cell && value && (lists.has(value) || functionFields.has(value) || mayHoldFunctions)) cells.push(cell);
  }
  return cells;
}

function declaredCells(lowering: Lowering, node: Node): readonly Cell[] {
  const cells: Cell[] = [];
  const visit = (inner: Node): void => {
    if (inner !== node && isFunctionLike(inner)) return;
    const isNamed =
      Node.isVariableDeclaration(inner) || Node.isBindingElement(inner) || Node.isParameterDeclaration(inner);
    const name = isNamed ? inner.getNameNode() : undefined;
    const symbol = Node.isIdentifier(name) ? symbolOf(name) : null;
    if (symbol) {
      const cell = lowering.scope.cells.get(symbol) ?? { kind: "cell", name: symbol.name };
      lowering.scope.cells.set(symbol, cell);
      cells.push(cell);
    }
    inner.forEachChild(visit);
  };
  visit(node);
  return cells;
}
