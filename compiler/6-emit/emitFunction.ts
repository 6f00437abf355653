/**
 * Emission: one IR function as TypeScript text (unformatted; prettier formats the file).
 *
 * Needs: verified, recall-free IR. Guarantees: the text performs the IR's operations on numbers in the IR's order.
 */
import { invariant } from "../diagnostics.js";
import { primitiveNamed } from "../ir/primitives.js";
import type { Block, IfStatement, IrFunction, Key, LoadStatement, LoopStatement, Statement, Value } from "../ir/ir.js";
import { fieldType, isReference, missingOf } from "../ir/types.js";
import { blocksOf, operandsOf, resultsOf } from "../ir/walk.js";
import { foldValues, type Folding } from "./fold.js";
import { claim, innerScope, rootScope, type Scope, wantedName } from "./names.js";
import { needsAnnotation, typeText, zerosLikeText, zeroText } from "./typeText.js";
import { assignVariables, materialUses, type Variables } from "./variables.js";

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
}

/** An expression and how tightly it binds. */
interface Text {
  readonly text: string;
  readonly precedence: number;
}

const primary: number = 20;
const unary = 14;
const conditional = 2;

interface Printer {
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

interface Output {
  readonly lines: string[];
  readonly scope: Scope;
  readonly block: Block;
}

export interface EmitOptions {
  /** False for a function that only the others call. */
  readonly isExported: boolean;
}

export function emitFunction(
  fn: IrFunction,
  context: EmitContext,
  { isExported }: EmitOptions = { isExported: true },
): string {
  const folding = foldValues(fn);
  const variables = assignVariables(fn, folding);
  const printer: Printer = {
    context,
    folding,
    variables,
    names: new Map(),
    declared: new Set(),
    commented: new Set(),
    homes: homesOf(fn, variables),
    fn,
  };
  const scope = rootScope(context.taken);
  for (const parameter of fn.parameters) {
    const name = claim(scope, parameter.name);
    printer.names.set(parameter.value, name);
    printer.declared.add(parameter.value);
  }
  const output: Output = { lines: [], scope, block: fn.body };
  emitStatements(printer, output, fn.body);
  const result = fn.body.yields[0];
  if (result) output.lines.push(`return ${expression(printer, result).text};`);
  const returnType = fn.returnTypeText ?? (result ? typeText(result.type) : "void");
  const comment = fn.documentation.length > 0 ? `/** ${fn.documentation.join("\n * ")} */\n` : "";
  return `${comment}${isExported ? "export " : ""}function ${fn.name}${fn.typeParametersText}(${signature(printer, fn)}): ${returnType} {\n${output.lines.join("\n")}\n}\n`;
}

/** The parameters as printed: alone, or several as one destructured tuple. */
function signature(printer: Printer, fn: IrFunction): string {
  const names = fn.parameters.map(
    (parameter) => `${parameter.isRest ? "..." : ""}${printer.names.get(parameter.value)}`,
  );
  const types = fn.parameters.map((parameter) => parameter.typeText ?? typeText(parameter.value.type));
  const mark = (k: number): string => (fn.parameters[k]!.isOptional ? "?" : "");
  let next = 0;
  const groups = fn.groups ?? fn.parameters.map(() => ({ kind: "alone", count: 1 }) as const);
  return groups
    .flatMap((group) => {
      const positions = Array.from({ length: group.count }, () => next++);
      if (group.kind === "alone") return positions.map((k) => `${names[k]}${mark(k)}: ${types[k]}`);
      const elements = positions.map((k) => `${names[k]}${mark(k)}: ${types[k]}`);
      return [`[${positions.map((k) => names[k]).join(", ")}]: [${elements.join(", ")}]`];
    })
    .join(", ");
}

/** The innermost block that holds every definition of a variable. */
function homesOf(fn: IrFunction, variables: Variables): Map<Value, Block> {
  const paths = new Map<Value, readonly Block[]>();
  const enter = (block: Block, path: readonly Block[]): void => {
    const here = [...path, block];
    for (const statement of block.statements) {
      for (const value of resultsOf(statement)) note(value, here);
      if (statement.kind === "loop") for (const value of statement.parameters) note(value, here);
      for (const nested of blocksOf(statement)) enter(nested, here);
    }
  };
  const note = (value: Value, path: readonly Block[]): void => {
    const variable = variables.variableOf(value);
    const known = paths.get(variable);
    if (!known) return void paths.set(variable, path);
    let shared = 0;
    while (shared < known.length && shared < path.length && known[shared] === path[shared]) shared++;
    paths.set(variable, known.slice(0, shared));
  };
  enter(fn.body, []);
  return new Map([...paths].map(([variable, path]) => [variable, path.at(-1)!]));
}

// ----------------------------------------------------------------------------------------------------- names

function nameOf(printer: Printer, value: Value): string {
  const variable = printer.variables.variableOf(value);
  const name = printer.names.get(variable) ?? printer.names.get(value);
  invariant(name, `value ${value.id} (${value.name} ${value.role}) is printed before it is defined`);
  return name;
}

/** Claims a name for a value's variable in a scope. */
function declare(printer: Printer, scope: Scope, value: Value): string {
  const variable = printer.variables.variableOf(value);
  const known = printer.names.get(variable);
  if (known) return known;
  const members = printer.variables.members(value);
  const label = members.find((member) => member.name !== null) ?? value;
  const nameOf = (operand: Value): string | null =>
    printer.folding.isFolded(operand) ? null : (printer.names.get(printer.variables.variableOf(operand)) ?? null);
  const naming = { definitionOf: (of: Value) => printer.folding.definitionOf(of), nameOf };
  const name = claim(scope, wantedName(label, naming));
  printer.names.set(variable, name);
  return name;
}

// ----------------------------------------------------------------------------------------------------- statements

function emitStatements(printer: Printer, output: Output, block: Block): void {
  const done = new Set<Statement>();
  for (const statement of block.statements) {
    if (done.has(statement)) continue;
    const parts = printer.folding.partsOf(statement);
    if (parts.length > 0 && emitParts(printer, output, statement, parts)) {
      parts.forEach((part) => done.add(part));
      continue;
    }
    declareHomes(printer, output, statement);
    emitStatement(printer, output, statement);
  }
}

/** `const [a, b] = f(…)`; false where a part lives in a variable that is there already. */
function emitParts(printer: Printer, output: Output, statement: Statement, parts: readonly LoadStatement[]): boolean {
  const { variables, declared } = printer;
  if (parts.some((part) => declared.has(variables.variableOf(part.result)))) return false;
  if (
    parts.some(
      (part) =>
        isVariable(printer, part.result) && printer.homes.get(variables.variableOf(part.result)) !== output.block,
    )
  )
    return false;
  const names: string[] = [];
  for (const part of parts) {
    names[Number((part.key as { name: string }).name)] = declare(printer, output.scope, part.result);
    declared.add(variables.variableOf(part.result));
  }
  const keyword = parts.some((part) => isVariable(printer, part.result)) ? "let" : "const";
  const list = Array.from(names, (name) => name ?? "").join(", ");
  output.lines.push(`${keyword} [${list}] = ${expressionOf(printer, statement).text};`);
  return true;
}

/** Variables at home in this block that a statement assigns only inside its branches are declared before it. */
function declareHomes(printer: Printer, output: Output, statement: Statement): void {
  if (statement.kind !== "if" && statement.kind !== "loop") return;
  if (statement.kind === "if" && printer.folding.isExpression(statement)) return;
  const inside = new Set<Value>();
  const visit = (of: Statement): void => {
    for (const value of resultsOf(of)) if (!printer.folding.isFolded(value)) inside.add(value);
    if (of.kind === "loop") of.parameters.forEach((value) => inside.add(value));
    for (const nested of blocksOf(of)) nested.statements.forEach(visit);
  };
  visit(statement);
  const initial = new Set(
    statement.kind === "loop" ? statement.parameters.map((value) => printer.variables.variableOf(value)) : [],
  );
  for (const value of inside) {
    const variable = printer.variables.variableOf(value);
    if (printer.declared.has(variable) || printer.homes.get(variable) !== output.block) continue;
    if (initial.has(variable)) continue; // Declared with its initial value.
    if (!isVariable(printer, value)) continue;
    const name = declare(printer, output.scope, value);
    printer.declared.add(variable);
    output.lines.push(`let ${name}: ${typeText(widestType(printer, value))};`);
  }
}

/** The value lives in something that is assigned more than once, or from inside branches. */
function isVariable(printer: Printer, value: Value): boolean {
  return printer.variables.isReassigned(value);
}

/** `const x = …`, `let x = …` or `x = …`. */
function define(printer: Printer, output: Output, value: Value, text: string): void {
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
  const isLiteral = definition?.kind === "literal" || definition?.kind === "zerosLike";
  const needsType =
    /^\[\]$|^undefined/.test(text) ||
    (isLiteral && (needsAnnotation(type) || text.includes("[] as "))) ||
    readsOptionalVariable(printer, definition) ||
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

/** Of a variable that several values live in: the type that may be missing, where one may be. */
function widestType(printer: Printer, value: Value): Value["type"] {
  const types = printer.variables.members(value).map((member) => member.type);
  return types.find((type) => type.kind === "optional") ?? types.find((type) => type.kind !== "nullish") ?? value.type;
}

function emitStatement(printer: Printer, output: Output, statement: Statement): void {
  if (statement.kind === "if") return emitIf(printer, output, statement);
  if (statement.kind === "loop") return emitLoop(printer, output, statement);
  const result = "result" in statement ? (statement.result ?? null) : null;
  if (result) {
    if (printer.folding.isFolded(result)) return;
    const text = expressionOf(printer, statement).text;
    const isAlone = printer.folding.usesOf(result) === 0 && isEffect(statement);
    if (isAlone) output.lines.push(`${text};`);
    else define(printer, output, result, text);
    comment(printer, output, statement, result);
    return;
  }
  emitEffect(printer, output, statement);
}

function isEffect(statement: Statement): boolean {
  return (
    statement.kind === "pop" ||
    statement.kind === "evaluate" ||
    statement.kind === "runtimeCall" ||
    statement.kind === "call"
  );
}

/** The source statement an adjoint line comes from, beside the first such line. */
function comment(printer: Printer, output: Output, statement: Statement, result: Value): void {
  if (result.role !== "adjoint" || !statement.span) return;
  if (statement.kind !== "apply") return;
  const text = printer.context.sourceText(statement.span);
  if (!text || text.length > 60 || text.includes("\n") || !/[^\w.]/.test(text)) return;
  const key = `${statement.span.start}:${statement.span.end}`;
  if (printer.commented.has(key)) return;
  printer.commented.add(key);
  output.lines[output.lines.length - 1] += ` // ${text}`;
}

const compoundOperators: ReadonlySet<string> = new Set(["add", "subtract", "multiply", "divide"]);

function emitEffect(printer: Printer, output: Output, statement: Statement): void {
  const text = (value: Value): string => expression(printer, value).text;
  const push = (line: string): void => void output.lines.push(line);
  switch (statement.kind) {
    case "note":
      return push(`// ${statement.text}`);
    case "store":
      return push(`${place(printer, statement.object, statement.key)} = ${text(statement.value)};`);
    case "addTo": {
      const definition = printer.folding.definitionOf(statement.value);
      const target = place(printer, statement.object, statement.key);
      const isNegated =
        printer.folding.isFolded(statement.value) && definition?.kind === "apply" && definition.primitive === "negate";
      const [operator, value] = isNegated ? ["-=", text(definition.arguments[0]!)] : ["+=", text(statement.value)];
      if (isMaybeMissing(statement.object, statement.key)) return push(`${target}! ${operator} ${value};`);
      if (printer.context.strictIndex && statement.key.kind === "index") {
        const sign = isNegated ? "-" : "+";
        return push(
          `${target} = ${target}! ${sign} ${wrap(expression(printer, isNegated ? definition.arguments[0]! : statement.value), 12)};`,
        );
      }
      return push(`${target} ${operator} ${value};`);
    }
    case "fill": {
      const range = [statement.start, statement.end].filter((value) => value !== null).map(text);
      return push(`${object(printer, statement.object)}.fill(${[text(statement.value), ...range].join(", ")});`);
    }
    case "copy": {
      const offset = text(statement.offset);
      return push(
        `${object(printer, statement.object)}.set(${text(statement.source)}${offset === "0" ? "" : `, ${offset}`});`,
      );
    }
    case "push":
      return push(`${object(printer, statement.object)}.push(${text(statement.value)});`);
    case "throw":
      return push(`throw ${pieces(printer, statement.pieces)};`);
    case "evaluate":
      return push(`${pieces(printer, statement.pieces)};`);
    case "runtimeCall":
      return push(`${runtimeCall(printer, statement.name, statement.arguments)};`);
    case "call":
      return push(`${printer.context.calleeName(statement.callee)}(${statement.arguments.map(text).join(", ")});`);
    default:
      invariant(false, `${statement.kind} cannot be printed as a statement`);
  }
}

function runtimeCall(printer: Printer, name: string, args: readonly Value[]): string {
  return `${printer.context.runtimeName(name)}(${args.map((value) => expression(printer, value).text).join(", ")})`;
}

// ----------------------------------------------------------------------------------------------------- branches

function nested(output: Output, block: Block): Output {
  return { lines: [], scope: innerScope(output.scope), block };
}

function emitIf(printer: Printer, output: Output, statement: IfStatement): void {
  const only = statement.results[0];
  if (only && printer.folding.isExpression(statement)) {
    if (!printer.folding.isFolded(only)) define(printer, output, only, conditionalText(printer, statement).text);
    return;
  }
  const condition = conditionText(printer, statement.condition);
  const thenLines = branchLines(printer, output, statement, statement.then);
  const elseLines = branchLines(printer, output, statement, statement.else);
  if (thenLines.length === 0 && elseLines.length === 0) return;
  if (thenLines.length === 0) {
    output.lines.push(`if (${negated(printer, statement.condition)}) {`, ...elseLines, "}");
    return;
  }
  output.lines.push(`if (${condition}) {`, ...thenLines);
  if (elseLines.length === 0) output.lines.push("}");
  else if (isElseIf(elseLines)) output.lines.push(`} else ${elseLines[0]}`, ...elseLines.slice(1));
  else output.lines.push("} else {", ...elseLines, "}");
}

/** One `if` and nothing else. */
function isElseIf(lines: readonly string[]): boolean {
  if (!lines[0]!.startsWith("if (") || lines.at(-1) !== "}") return false;
  let depth = 0;
  for (const [k, line] of lines.entries()) {
    if (/^\}/.test(line)) depth--;
    if (/\{$/.test(line)) depth++;
    if (depth === 0 && k < lines.length - 1) return false;
  }
  return true;
}

function branchLines(printer: Printer, output: Output, statement: IfStatement, block: Block): readonly string[] {
  const inside = nested(output, block);
  emitStatements(printer, inside, block);
  if (block.statements.at(-1)?.kind !== "throw") emitCopies(printer, inside, statement.results, block.yields);
  return inside.lines.filter((line) => line !== "");
}

function conditionText(printer: Printer, value: Value): string {
  const definition = printer.folding.isFolded(value) ? printer.folding.definitionOf(value) : undefined;
  if (definition?.kind === "apply" && definition.primitive === "not") {
    const inner = definition.arguments[0]!;
    const innerDefinition = printer.folding.isFolded(inner) ? printer.folding.definitionOf(inner) : undefined;
    if (innerDefinition?.kind === "apply" && innerDefinition.primitive === "not")
      return expression(printer, innerDefinition.arguments[0]!).text;
  }
  return expression(printer, value).text;
}

const opposite: Readonly<Record<string, string>> = { equal: "!==", notEqual: "===" };

function negated(printer: Printer, value: Value): string {
  const definition = printer.folding.isFolded(value) ? printer.folding.definitionOf(value) : undefined;
  if (definition?.kind === "apply") {
    const [a, b] = definition.arguments;
    if (definition.primitive === "not") return conditionText(printer, a!);
    const { form } = primitiveNamed(definition.primitive);
    if (form.kind === "suffix")
      return `${wrap(expression(printer, a!), form.precedence + 1)} ${form.text.replace("==", "!=")}`;
    const operator = opposite[definition.primitive];
    if (operator) return `${wrap(expression(printer, a!), 9)} ${operator} ${wrap(expression(printer, b!), 9)}`;
  }
  return `!${wrap(expression(printer, value), unary)}`;
}

// ----------------------------------------------------------------------------------------------------- copies

interface Copy {
  readonly target: Value;
  readonly name: string;
  readonly source: Value;
  readonly text: string;
  readonly reads: ReadonlySet<Value>;
}

/** All targets take their sources at once (R5). */
function emitCopies(printer: Printer, output: Output, targets: readonly Value[], sources: readonly Value[]): void {
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
      const names = waiting.map((copy) => copy.name).join(", ");
      output.lines.push(`[${names}] = [${waiting.map((copy) => copy.text).join(", ")}];`);
      waiting = [];
    }
  }
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

// ----------------------------------------------------------------------------------------------------- loops

function emitLoop(printer: Printer, output: Output, statement: LoopStatement): void {
  // Carried variables take their initial values; those not declared yet are declared with them.
  const late: { target: Value; source: Value }[] = [];
  statement.parameters.forEach((parameter, k) => {
    const initial = statement.initial[k]!;
    const variable = printer.variables.variableOf(parameter);
    if (printer.declared.has(variable)) {
      late.push({ target: parameter, source: initial });
      return;
    }
    if (printer.homes.get(variable) !== output.block && printer.homes.has(variable)) {
      late.push({ target: parameter, source: initial });
      return;
    }
    define(printer, output, parameter, expression(printer, initial).text);
  });
  emitCopies(
    printer,
    output,
    late.map((copy) => copy.target),
    late.map((copy) => copy.source),
  );
  if (statement.trips) startCount(printer, output, statement.trips);
  const inside = nested(output, statement.body);
  const header = loopHeader(printer, inside, statement);
  if (statement.trips) inside.lines.push(`${nameOf(printer, statement.trips)}++;`);
  emitStatements(printer, inside, statement.body);
  if (statement.body.statements.at(-1)?.kind !== "throw") emitLoopEnd(printer, inside, statement);
  output.lines.push(`${header} {`, ...inside.lines.filter((line) => line !== ""), "}");
}

/** The number of iterations begins at zero. */
function startCount(printer: Printer, output: Output, trips: Value): void {
  const variable = printer.variables.variableOf(trips);
  const isDeclared = printer.declared.has(variable);
  const name = declare(printer, output.scope, trips);
  printer.declared.add(variable);
  output.lines.push(`${isDeclared ? "" : "let "}${name} = 0;`);
}

function emitLoopEnd(printer: Printer, inside: Output, statement: LoopStatement): void {
  const { exit } = statement;
  if (!exit) return emitCopies(printer, inside, statement.parameters, statement.body.yields);
  const own = new Set(statement.parameters.map((value) => printer.variables.variableOf(value)));
  const isSafe = ![...materialUses(printer.folding, exit)].some(
    (value) => own.has(printer.variables.variableOf(value)) && printer.folding.isFolded(exit),
  );
  let condition: string;
  if (isSafe) condition = "";
  else {
    condition = claim(inside.scope, "isLast");
    inside.lines.push(`const ${condition} = ${expression(printer, exit).text};`);
  }
  emitCopies(printer, inside, statement.parameters, statement.body.yields);
  inside.lines.push(`if (${condition || conditionText(printer, exit)}) break;`);
}

function isCounterUsed(printer: Printer, statement: LoopStatement): boolean {
  return printer.folding.usesOf(statement.counter) > 0;
}

function loopHeader(printer: Printer, inside: Output, statement: LoopStatement): string {
  const { test } = statement;
  const hasCounter = statement.upper !== null || isCounterUsed(printer, statement);
  const counter = hasCounter ? declareCounter(printer, inside, statement) : "";
  const testText = test ? testExpression(printer, test) : null;
  if (!hasCounter) {
    if (!test) return `for (;;)`;
    if (testText) return `while (${testText})`;
    emitLeadingTest(printer, inside, test);
    return `for (;;)`;
  }
  const lower = expression(printer, statement.lower).text;
  const bound = statement.upper
    ? [`${counter} ${statement.comparison} ${wrap(expression(printer, statement.upper), 10)}`]
    : [];
  const tests = testText ? [...bound, bound.length > 0 ? `(${testText})` : testText] : bound;
  if (test && !testText) emitLeadingTest(printer, inside, test);
  const step =
    Math.abs(statement.step) === 1
      ? `${counter}${statement.step > 0 ? "++" : "--"}`
      : `${counter} ${statement.step > 0 ? "+=" : "-="} ${Math.abs(statement.step)}`;
  return `for (let ${counter} = ${lower}; ${tests.join(" && ")}; ${step})`;
}

function declareCounter(printer: Printer, inside: Output, statement: LoopStatement): string {
  const wanted = statement.counter.name ?? "i";
  let name = wanted;
  if (statement.counter.name === null) {
    const free = ["i", "j", "k", "l", "m"].find((candidate) => !isTakenIn(inside.scope, candidate));
    name = free ?? "i";
  }
  name = claim(inside.scope, name);
  printer.names.set(statement.counter, name);
  printer.declared.add(statement.counter);
  return name;
}

function isTakenIn(scope: Scope | null, name: string): boolean {
  return scope !== null && (scope.taken.has(name) || isTakenIn(scope.outer, name));
}

/** The test as one expression, or null when it needs statements. */
function testExpression(printer: Printer, test: Block): string | null {
  const isFolded = test.statements.every((statement) => {
    const result =
      "result" in statement
        ? statement.result
        : statement.kind === "if" && printer.folding.isExpression(statement)
          ? statement.results[0]
          : null;
    return result !== null && result !== undefined && printer.folding.isFolded(result);
  });
  return isFolded ? conditionText(printer, test.yields[0]!) : null;
}

function emitLeadingTest(printer: Printer, inside: Output, test: Block): void {
  emitStatements(printer, { ...inside, block: test }, test);
  inside.lines.push(`if (${negated(printer, test.yields[0]!)}) break;`);
}

// ----------------------------------------------------------------------------------------------------- expressions

function wrap(of: Text, precedence: number): string {
  return of.precedence < precedence ? `(${of.text})` : of.text;
}

export function expression(printer: Printer, value: Value): Text {
  if (!printer.folding.isFolded(value)) return { text: nameOf(printer, value), precedence: primary };
  const statement = printer.folding.definitionOf(value);
  invariant(statement, `folded value ${value.id} has no definition`);
  return expressionOf(printer, statement);
}

function object(printer: Printer, value: Value): string {
  return wrap(expression(printer, value), primary);
}

function place(printer: Printer, of: Value, key: Key): string {
  if (key.kind === "index") return `${object(printer, of)}[${expression(printer, key.index).text}]`;
  if (/^\d+$/.test(key.name)) return `${object(printer, of)}[${key.name}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key.name)
    ? `${object(printer, of)}.${key.name}`
    : `${object(printer, of)}[${JSON.stringify(key.name)}]`;
}

/** An optional field of a record of derivatives: read only where the primal's field is there. */
function isMaybeMissing(object: Value, key: Key): boolean {
  if (key.kind !== "field" || object.type.kind !== "record") return false;
  const field = object.type.fields.find(({ name }) => name === key.name);
  return field?.isOptional === true && fieldType(object.type, key.name)?.kind !== "optional";
}

function pieces(printer: Printer, all: readonly (string | Value)[]): string {
  return all.map((piece) => (typeof piece === "string" ? piece : wrap(expression(printer, piece), unary))).join("");
}

function constantText(value: number | boolean | string | null | undefined): Text {
  if (typeof value !== "number")
    return { text: typeof value === "string" ? JSON.stringify(value) : String(value), precedence: primary };
  if (Object.is(value, -0)) return { text: "-0", precedence: unary };
  return { text: String(value), precedence: value < 0 ? unary : primary };
}

function expressionOf(printer: Printer, statement: Statement): Text {
  const text = (value: Value): string => expression(printer, value).text;
  const call = (callee: string, args: readonly (Value | null)[]): Text => ({
    text: `${callee}(${args
      .filter((value) => value !== null)
      .map(text)
      .join(", ")})`,
    precedence: primary,
  });
  switch (statement.kind) {
    case "constant":
      return statement.text !== null ? { text: statement.text, precedence: primary } : constantText(statement.value);
    case "placeholder":
      return { text: zeroText(statement.result.type), precedence: primary };
    case "global":
      return { text: printer.context.bindingName(statement.binding), precedence: primary };
    case "narrow": {
      const inner = expression(printer, statement.value);
      return { text: `${wrap(inner, primary)}!`, precedence: primary };
    }
    case "apply":
      return applyText(printer, statement.primitive, statement.arguments);
    case "arrayPrimitive":
      return { text: runtimeCall(printer, statement.primitive, statement.arguments), precedence: primary };
    case "runtimeCall":
      return { text: runtimeCall(printer, statement.name, statement.arguments), precedence: primary };
    case "evaluate":
      return {
        text: pieces(printer, statement.pieces),
        precedence: statement.pieces.length > 1 ? conditional : primary,
      };
    case "length":
      return { text: `${object(printer, statement.object)}.length`, precedence: primary };
    case "load": {
      // `!` takes away null as well, which only widens what is assigned.
      const isOptional = statement.result.type.kind === "optional" && missingOf(statement.result.type) !== "null";
      const isUnchecked = printer.context.strictIndex && statement.key.kind === "index";
      const mark = !isOptional && (isUnchecked || isMaybeMissing(statement.object, statement.key)) ? "!" : "";
      return { text: `${place(printer, statement.object, statement.key)}${mark}`, precedence: primary };
    }
    case "allocate": {
      const { type } = statement.result;
      const name =
        type.kind === "typedArray" ? type.name : `Array<${type.kind === "array" ? typeText(type.element) : "number"}>`;
      const length = text(statement.length);
      if (type.kind === "array" && length === "0" && !statement.fill) return { text: "[]", precedence: primary };
      const fill = statement.fill ? `.fill(${text(statement.fill)})` : "";
      return { text: `new ${name}(${length})${fill}`, precedence: primary };
    }
    case "literal":
      return literalText(printer, statement);
    case "zerosLike":
      if (statement.keepsIdentity) return call(printer.context.runtimeName("shadowsOf"), [statement.object]);
      return { text: zerosLikeText(statement.result.type, object(printer, statement.object)), precedence: primary };
    case "view":
      return call(`${object(printer, statement.object)}.subarray`, [statement.start, statement.end]);
    case "slice":
      return sliceText(printer, statement);
    case "pop":
      return { text: `${object(printer, statement.object)}.pop()!`, precedence: primary };
    case "ensure":
      return { text: runtimeCall(printer, "ensure", [statement.object, statement.capacity]), precedence: primary };
    case "call":
      return call(printer.context.calleeName(statement.callee), statement.arguments);
    case "if":
      return conditionalText(printer, statement);
    default:
      invariant(false, `${statement.kind} cannot be printed as an expression`);
  }
}

function sliceText(printer: Printer, statement: Statement & { kind: "slice" }): Text {
  const { object: source, start, end, result } = statement;
  const from =
    result.type.kind === "typedArray" && (source.type.kind !== "typedArray" || source.type.name !== result.type.name);
  const text = expression(printer, source).text;
  if (from && result.type.kind === "typedArray")
    return { text: `${result.type.name}.from(${text})`, precedence: primary };
  if (result.type.kind === "array" && source.type.kind === "typedArray")
    return { text: `Array.from(${text})`, precedence: primary };
  const args = [start, end].filter((value) => value !== null).map((value) => expression(printer, value!).text);
  return { text: `${object(printer, source)}.slice(${args.join(", ")})`, precedence: primary };
}

function literalText(printer: Printer, statement: Statement & { kind: "literal" }): Text {
  const texts = statement.elements.map((value) => {
    const { text } = expression(printer, value);
    return text === "[]" ? `[] as ${typeText(value.type)}` : text;
  });
  if (statement.fields === null) return { text: `[${texts.join(", ")}]`, precedence: primary };
  const fields = statement.fields.map((name, k) => (name === texts[k] ? name : `${name}: ${texts[k]}`));
  return { text: `{ ${fields.join(", ")} }`, precedence: primary };
}

function applyText(printer: Printer, primitive: string, args: readonly Value[]): Text {
  const { form } = primitiveNamed(primitive);
  const [a, b] = args.map((value) => expression(printer, value));
  switch (form.kind) {
    case "call":
      if (primitive === "toNumber" && args[0]!.type.kind === "boolean")
        return { text: `${wrap(a!, conditional + 1)} ? 1 : 0`, precedence: conditional };
      return {
        text: `${form.callee}(${args.map((value) => expression(printer, value).text).join(", ")})`,
        precedence: primary,
      };
    case "unary": {
      const inner = wrap(a!, unary);
      return { text: `${form.operator}${inner.startsWith(form.operator) ? `(${inner})` : inner}`, precedence: unary };
    }
    case "suffix":
      return { text: `${wrap(a!, form.precedence + 1)} ${form.text}`, precedence: form.precedence };
    case "binary": {
      const { operator, precedence } = form;
      if (operator === "**") return { text: `${wrap(a!, 15)} ** ${wrap(b!, 13)}`, precedence };
      const right = wrap(b!, precedence + 1);
      return {
        text: `${wrap(a!, precedence)} ${operator} ${right.startsWith("-") ? `(${right})` : right}`,
        precedence,
      };
    }
  }
}

/** `x` in `x === undefined ? d : x`, where TypeScript knows that it is there. */
function withoutMark(printer: Printer, statement: IfStatement): Text | null {
  const test = printer.folding.definitionOf(statement.condition);
  const taken = printer.folding.definitionOf(statement.else.yields[0]!);
  const isTest = test?.kind === "apply" && (test.primitive === "isUndefined" || test.primitive === "isNullish");
  if (!isTest || taken?.kind !== "narrow" || test.arguments[0] !== taken.value) return null;
  if (!printer.folding.isFolded(statement.condition) || !printer.folding.isFolded(taken.result)) return null;
  return printer.folding.isFolded(taken.value) ? null : expression(printer, taken.value);
}

/** `c ? a : b`, or `a && b`, `a || b`, `!a` where the branches are constants. */
function conditionalText(printer: Printer, statement: IfStatement): Text {
  const constantIn = (block: Block): unknown => {
    const value = block.yields[0]!;
    const definition = printer.folding.definitionOf(value);
    return definition?.kind === "constant" ? definition.value : null;
  };
  const yes = expression(printer, statement.then.yields[0]!);
  const no = withoutMark(printer, statement) ?? expression(printer, statement.else.yields[0]!);
  const condition = expression(printer, statement.condition);
  const isBoolean = statement.condition.type.kind === "boolean";
  if (isBoolean && constantIn(statement.else) === false) {
    if (constantIn(statement.then) === true) return condition;
    return { text: `${wrap(condition, 5)} && ${wrap(yes, 4)}`, precedence: 4 };
  }
  if (isBoolean && constantIn(statement.then) === true) {
    const left = condition.precedence === 4 ? condition.text : wrap(condition, 3);
    return { text: `${left} || ${wrap(no, 3)}`, precedence: 3 };
  }
  if (isBoolean && constantIn(statement.then) === false && constantIn(statement.else) === true)
    return { text: negated(printer, statement.condition), precedence: unary };
  const test = conditionText(printer, statement.condition);
  const wrappedTest = condition.precedence <= conditional ? `(${test})` : test;
  return { text: `${wrappedTest} ? ${wrap(yes, conditional)} : ${wrap(no, conditional)}`, precedence: conditional };
}
