/**
 * Emission: one IR function as TypeScript text (unformatted; prettier formats the file).
 *
 * Needs: verified, recall-free IR. Guarantees: the text performs the IR's operations on numbers in the IR's order.
 */
import { invariant } from "../diagnostics.js";
import type {
  Block,
  EnsureStatement,
  IfStatement,
  IrFunction,
  LoadStatement,
  LoopStatement,
  Statement,
  Value,
} from "../ir/ir.js";
import { blocksOf, resultsOf } from "../ir/walk.js";
import { define, emitCopies, widestType } from "./assignments.js";
import {
  conditionalText,
  conditionText,
  expression,
  expressionOf,
  isMaybeMissing,
  negated,
  object,
  pieces,
  place,
  runtimeCall,
  wrap,
} from "./expressions.js";
import { foldValues } from "./fold.js";
import { claim, innerScope, namesInText, rootScope, type Scope } from "./names.js";
import {
  declare,
  type EmitContext,
  isVariable,
  markPattern,
  nameOf,
  type Output,
  type Printer,
  unmarked,
} from "./printer.js";
import { holdsOpenInstance, holdsUnion, standsForHiding, typeText } from "./typeText.js";
import { assignVariables, materialUses, type Variables } from "./variables.js";

export interface EmitOptions {
  readonly isExported: boolean;
  /** False for a function that only generated code calls. */
  readonly isPublic?: boolean;
}

export function emitFunction(
  fn: IrFunction,
  context: EmitContext,
  { isExported, isPublic = isExported }: EmitOptions = { isExported: true },
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
  const scope = rootScope([...context.taken, ...namesInText(fn)]);
  for (const parameter of fn.parameters) {
    const name = claim(scope, parameter.name);
    printer.names.set(parameter.value, name);
    printer.declared.add(parameter.value);
  }
  const parameters = signature(printer, fn, isPublic);
  const output: Output = { lines: [], scope, block: fn.body };
  if (isPublic) widenUnions(printer, output, fn);
  emitStatements(printer, output, fn.body);
  const result = fn.body.yields[0];
  if (result) output.lines.push(`return ${expression(printer, result).text};`);
  const lines = withoutIdleHeadings(output.lines);
  const returnType = fn.returnTypeText ?? (result ? typeText(result.type) : "void");
  const comment = fn.documentation.length > 0 ? `/** ${fn.documentation.join("\n * ")} */\n` : "";
  const place = (fn.span && context.mark?.(fn.span)) ?? "";
  return `${comment}${isExported ? "export " : ""}function ${fn.name}${fn.typeParametersText}(${parameters}): ${returnType} {${place}\n${lines.join("\n")}\n}\n`;
}

/** Of a union of records, or of a class that hides some, all fields can be read under a name of a wider type. */
function widenUnions(printer: Printer, output: Output, fn: IrFunction): void {
  for (const { value, name } of fn.parameters) {
    const isHiding = standsForHiding(value.type);
    if (!isHiding && (value.type.kind !== "record" || !value.type.isUnion)) continue;
    const wider = claim(output.scope, name);
    const text = typeText(value.type);
    const given = printer.names.get(value)!;
    output.lines.push(
      isHiding ? `const ${wider} = ${given} as unknown as ${text};` : `const ${wider}: ${text} = ${given};`,
    );
    printer.names.set(value, wider);
  }
}

/** A sweep without a line but those that give storage back needs no heading, and one sweep alone needs none either. */
function withoutIdleHeadings(lines: readonly string[]): readonly string[] {
  const isHeading = (line: string | undefined): boolean => line?.startsWith("// ") ?? false;
  const isIdle = (k: number): boolean => {
    const next = lines.slice(k + 1).find((line) => !line.startsWith("giveBack"));
    return isHeading(next) || (next?.startsWith("return ") ?? true);
  };
  const kept = lines.filter((line, k) => !isHeading(line) || !isIdle(k));
  return kept.filter(isHeading).length === 1 ? kept.filter((line) => !isHeading(line)) : kept;
}

/** The parameters as printed: alone, or several as one destructured tuple. */
function signature(printer: Printer, fn: IrFunction, isPublic: boolean): string {
  const names = fn.parameters.map(
    (parameter) => `${parameter.isRest && isPublic ? "..." : ""}${printer.names.get(parameter.value)}`,
  );
  // What only generated code calls takes what generated code has: records of unions, records in place of instances,
  // arguments left out as undefined.
  const types = fn.parameters.map(({ value, typeText: written, isOptional }) => {
    const { type } = value;
    const takesRecords = !isPublic && (holdsUnion(type) || holdsOpenInstance(type) || standsForHiding(type));
    const text = written === null || takesRecords ? typeText(type) : written;
    return isOptional && !isPublic ? `${text} | undefined` : text;
  });
  const mayBeLeftOut = (k: number): boolean => isPublic && fn.parameters[k]!.isOptional;
  let next = 0;
  const groups = fn.groups ?? fn.parameters.map(() => ({ kind: "alone", count: 1 }) as const);
  return groups
    .flatMap((group) => {
      const positions = Array.from({ length: group.count }, () => next++);
      const last = group.kind === "alone" ? fn.parameters.length : next;
      const elements = positions.map((k) => {
        // Only the last ones can be left out.
        if (mayBeLeftOut(k) && fn.parameters.slice(k + 1, last).some((other) => !other.isOptional && !other.isRest))
          return `${names[k]}: (${types[k]}) | undefined`;
        return `${names[k]}${mayBeLeftOut(k) ? "?" : ""}: ${types[k]}`;
      });
      if (group.kind === "alone") return elements;
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

function emitStatements(printer: Printer, output: Output, block: Block): void {
  const done = new Set<Statement>();
  for (const statement of block.statements) {
    if (done.has(statement)) continue;
    const parts = printer.folding.partsOf(statement);
    if (parts.length > 0 && emitParts(printer, output, statement, parts)) {
      parts.forEach((part) => done.add(part));
      continue;
    }
    const from = output.lines.length;
    declareHomes(printer, output, statement);
    emitStatement(printer, output, statement);
    markLines(printer, output, from, statement);
  }
}

/** Lines that are not marked yet come from where the statement does. */
function markLines({ context }: Printer, { lines }: Output, from: number, { span, kind }: Statement): void {
  if (!context.mark || !span || kind === "note") return;
  const mark = context.mark(span);
  for (let k = from; k < lines.length; k++)
    if (lines[k] !== "" && !markPattern.test(lines[k]!) && !lines[k]!.startsWith("}")) lines[k] += mark;
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

function emitStatement(printer: Printer, output: Output, statement: Statement): void {
  if (statement.kind === "if") return emitIf(printer, output, statement);
  if (statement.kind === "loop") return emitLoop(printer, output, statement);
  const result = "result" in statement ? (statement.result ?? null) : null;
  if (result) {
    if (printer.folding.isFolded(result)) return;
    if (statement.kind === "ensure" && growsInPlace(printer, statement)) return emitGrowth(printer, output, statement);
    const text = expressionOf(printer, statement).text;
    const isAlone = printer.folding.usesOf(result) === 0 && isEffect(statement);
    if (isAlone) output.lines.push(`${text.replace(/!$/, "")};`);
    else define(printer, output, result, text);
    comment(printer, output, statement, result);
    return;
  }
  emitEffect(printer, output, statement);
}

/** The storage and what may take its place live in one variable. */
function growsInPlace(printer: Printer, { object, result }: EnsureStatement): boolean {
  return (
    !printer.folding.isFolded(object) && printer.variables.variableOf(object) === printer.variables.variableOf(result)
  );
}

/** The test stands here, since the runtime's function sees storage of every kind, which V8 is slow with. */
function emitGrowth(printer: Printer, output: Output, statement: EnsureStatement): void {
  const name = nameOf(printer, statement.result);
  let capacity = expression(printer, statement.capacity).text;
  if (!/^\w+$/.test(capacity)) {
    const room = claim(output.scope, "room");
    output.lines.push(`const ${room} = ${capacity};`);
    capacity = room;
  }
  output.lines.push(
    `if (${name}.length < ${capacity}) ${name} = ${printer.context.runtimeName("ensure")}(${name}, ${capacity});`,
  );
}

function isEffect(statement: Statement): boolean {
  return (
    statement.kind === "pop" ||
    statement.kind === "evaluate" ||
    statement.kind === "runtimeCall" ||
    statement.kind === "call" ||
    statement.kind === "externalCall"
  );
}

/** The source statement an adjoint line comes from, beside the first such line. */
function comment(printer: Printer, output: Output, statement: Statement, result: Value): void {
  if (result.role !== "adjoint" || !statement.span) return;
  if (statement.kind !== "apply") return;
  const text = printer.context.sourceText(statement.span);
  if (!text || text.length > 60 || text.includes("\n") || !/[^\w.]/.test(text)) return;
  if (/^(if|for|while|do|switch|return)\b|^[{]/.test(text)) return;
  const key = `${statement.span.start}:${statement.span.end}`;
  if (printer.commented.has(key)) return;
  printer.commented.add(key);
  output.lines[output.lines.length - 1] += ` // ${text}`;
}

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
      return push(
        `${object(printer, statement.object)}.${statement.atStart ? "unshift" : "push"}(${text(statement.value)});`,
      );
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
    if (/\{$/.test(unmarked(line))) depth++;
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
