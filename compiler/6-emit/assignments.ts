/** Values into variables: declarations, assignments, and several assignments at once. */
import { primitiveNamed } from "../ir/primitives.js";
import type { Key, Statement, Value } from "../ir/ir.js";
import { isReference } from "../ir/types.js";
import { operandsOf, visitStatements } from "../ir/walk.js";
import { expression } from "./expressions.js";
import { declare, isVariable, nameOf, type Output, type Printer } from "./printer.js";
import { zerosFunction } from "./runtimeNames.js";
import { needsAnnotation, typeText } from "./typeText.js";
import { materialUses } from "./variables.js";

/** `const x = …`, `let x = …` or `x = …`. */
export function define(printer: Printer, output: Output, value: Value, text: string): void {
  const variable = printer.variables.variableOf(value);
  if (printer.declared.has(variable)) {
    const target = { target: variable, name: nameOf(printer, value), text };
    output.lines.push(copyLine(printer, target, printer.folding.definitionOf(value)));
    return;
  }
  const name = declare(printer, output.scope, value);
  printer.declared.add(variable);
  const keyword = isVariable(printer, value) ? "let" : "const";
  const type = keyword === "let" ? widestType(printer, value) : value.type;
  const definition = printer.folding.definitionOf(value);
  const isLiteral = definition?.kind === "literal" || (definition?.kind === "zerosLike" && !zerosFunction(definition));
  const needsType =
    /^\[\]$|^undefined/.test(text) ||
    (definition?.kind === "if" && isReference(type) && needsAnnotation(type)) ||
    (isLiteral && (needsAnnotation(type) || text.includes("[]"))) ||
    readsOptionalVariable(printer, definition) ||
    readsNarrowedElement(printer, definition) ||
    (keyword === "let" && (/^(true|false)$/.test(text) || isReference(type) || type.kind === "optional"));
  output.lines.push(`${keyword} ${name}${needsType ? `: ${typeText(type)}` : ""} = ${text};`);
}

/** What reads a variable that may be missing: TypeScript cannot infer its type around a loop that assigns both. */
function readsOptionalVariable(printer: Printer, definition: Statement | undefined): boolean {
  if (!definition || definition.kind === "loop" || definition.kind === "literal") return false;
  return operandsOf(definition).some((operand) =>
    [...materialUses(printer.folding, operand)].some(
      (read) => read.type.kind === "optional" && isVariable(printer, read),
    ),
  );
}

/** `a[0]!` where `a[0]` is assigned, too: TypeScript follows such elements, and around a loop it cannot infer their type. */
function readsNarrowedElement(printer: Printer, definition: Statement | undefined): boolean {
  const { folding, context, fn } = printer;
  if (!context.strictIndex || definition?.kind !== "load") return false;
  const isFixed = (key: Key): boolean => key.kind === "index" && folding.definitionOf(key.index)?.kind === "constant";
  if (!isFixed(definition.key)) return false;
  let isAround = false;
  visitStatements(fn.body, (loop) => {
    if (loop.kind !== "loop") return;
    let [isRead, isAssigned] = [false, false];
    visitStatements(loop.body, (inside) => {
      isRead ||= inside === definition;
      const isWrite = inside.kind === "store" || inside.kind === "addTo";
      isAssigned ||= isWrite && inside.object === definition.object && isFixed(inside.key);
    });
    isAround ||= isRead && isAssigned;
  });
  return isAround;
}

/** Of a variable that several values live in: the type that may be missing, where one may be. */
export function widestType(printer: Printer, value: Value): Value["type"] {
  const types = printer.variables.members(value).map((member) => member.type);
  return types.find((type) => type.kind === "optional") ?? types.find((type) => type.kind !== "nullish") ?? value.type;
}

const compoundOperators: ReadonlySet<string> = new Set(["add", "subtract", "multiply", "divide"]);

interface Copy {
  readonly target: Value;
  readonly name: string;
  readonly source: Value;
  readonly text: string;
  readonly reads: ReadonlySet<Value>;
}

/** All targets take their sources at once (R5). */
export function emitCopies(
  printer: Printer,
  output: Output,
  targets: readonly Value[],
  sources: readonly Value[],
): void {
  const { variables } = printer;
  let waiting: Copy[] = targets.flatMap((target, k) => {
    const source = sources[k]!;
    const variable = variables.variableOf(target);
    if (!printer.folding.isFolded(source) && variables.variableOf(source) === variable) return [];
    const reads = new Set([...materialUses(printer.folding, source)].map((value) => variables.variableOf(value)));
    return [{ target: variable, name: nameOf(printer, target), source, text: expression(printer, source).text, reads }];
  });
  while (waiting.length > 0) {
    const free = waiting.find((copy) => !waiting.some((other) => other !== copy && other.reads.has(copy.target)));
    if (free) {
      const definition = printer.folding.isFolded(free.source) ? printer.folding.definitionOf(free.source) : undefined;
      output.lines.push(copyLine(printer, free, definition));
      waiting = waiting.filter((copy) => copy !== free);
    } else {
      const entangled = entangledWith(waiting[0]!, waiting);
      const names = entangled.map((copy) => copy.name).join(", ");
      output.lines.push(`[${names}] = [${entangled.map((copy) => copy.text).join(", ")}];`);
      waiting = waiting.filter((copy) => !entangled.includes(copy));
    }
  }
}

/** The copies that must be made at once with the first, in order. */
function entangledWith(first: Copy, all: readonly Copy[]): readonly Copy[] {
  const found = new Set([first]);
  for (const one of found)
    for (const other of all) if (other.reads.has(one.target) || one.reads.has(other.target)) found.add(other);
  return all.filter((copy) => found.has(copy));
}

/** `x += e` where the source is `x + e`. */
function copyLine(
  printer: Printer,
  copy: Pick<Copy, "target" | "name" | "text">,
  definition: Statement | undefined,
): string {
  if (definition?.kind === "apply" && compoundOperators.has(definition.primitive)) {
    const [first, second] = definition.arguments;
    const isSelf = !printer.folding.isFolded(first!) && printer.variables.variableOf(first!) === copy.target;
    const form = primitiveNamed(definition.primitive).form;
    if (isSelf && form.kind === "binary") {
      const by = expression(printer, second!).text;
      if (by === "1" && (form.operator === "+" || form.operator === "-"))
        return `${copy.name}${form.operator}${form.operator};`;
      return `${copy.name} ${form.operator}= ${by};`;
    }
  }
  return `${copy.name} = ${copy.text};`;
}
