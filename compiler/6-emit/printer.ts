/** What emission carries along: the names given, the variables declared, the lines written. */
import { invariant } from "../diagnostics.js";
import type { Block, IrFunction, Span, Statement, Value } from "../ir/ir.js";
import type { Folding } from "./fold.js";
import { claim, type Scope, wantedName } from "./names.js";
import type { Variables } from "./variables.js";

export interface EmitContext {
  /** Names that the file already uses: imports, other functions. */
  readonly taken: Iterable<string>;
  /** The printed name of a module-level constant. */
  bindingName(key: string): string;
  /** The printed name of another generated function. */
  calleeName(key: string): string;
  /** Notes that a runtime function is used and gives its printed name. */
  runtimeName(name: string): string;
  /** Element reads need `!` under the user's tsconfig. */
  readonly strictIndex: boolean;
  /** The source text of a span, or null. */
  sourceText(span: Statement["span"]): string | null;
  /** What is put behind a line that comes from a place in the source, to find it again. */
  readonly mark?: ((span: Span) => string) | undefined;
}

/** Around what `mark` gives. */
export const markPattern = / ?\/\*~(\d+)~\*\//;

/** A line as it was before it was marked. */
export function unmarked(line: string): string {
  return line.replace(markPattern, "");
}

export interface Printer {
  readonly context: EmitContext;
  readonly folding: Folding;
  readonly variables: Variables;
  readonly names: Map<Value, string>;
  readonly declared: Set<Value>;
  readonly commented: Set<string>;
  /** Where each variable with several assignments is declared. */
  readonly homes: ReadonlyMap<Value, Block>;
  readonly fn: IrFunction;
}

export interface Output {
  readonly lines: string[];
  readonly scope: Scope;
  readonly block: Block;
}

export function nameOf(printer: Printer, value: Value): string {
  const variable = printer.variables.variableOf(value);
  const name = printer.names.get(variable) ?? printer.names.get(value);
  invariant(name, `value ${value.id} (${value.name} ${value.role}) is printed before it is defined`);
  return name;
}

/** Claims a name for a value's variable in a scope. */
export function declare(printer: Printer, scope: Scope, value: Value): string {
  const variable = printer.variables.variableOf(value);
  const known = printer.names.get(variable);
  if (known) return known;
  const members = printer.variables.members(value);
  const isResult = (member: Value): boolean => printer.folding.definitionOf(member)?.kind === "loop";
  const label = members.find((member) => member.name !== null) ?? members.find(isResult) ?? value;
  const nameOf = (operand: Value): string | null =>
    printer.folding.isFolded(operand) ? null : (printer.names.get(printer.variables.variableOf(operand)) ?? null);
  const naming = { definitionOf: (of: Value) => printer.folding.definitionOf(of), nameOf };
  const name = claim(scope, wantedName(label, naming));
  printer.names.set(variable, name);
  return name;
}

/** The value lives in something that is assigned more than once, or from inside branches. */
export function isVariable(printer: Printer, value: Value): boolean {
  return printer.variables.isReassigned(value);
}
