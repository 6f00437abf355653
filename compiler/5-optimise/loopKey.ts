/**
 * Loops that compute the same: a text that is equal for two of them, whatever their own values are called.
 *
 * before: s = loop i < n {s + load xs, i}; … t = loop j < n {t + load xs, j}        both: "loop 0 < n …"
 */
import { readObjects } from "../ir/effects.js";
import type { Block, LoopStatement, Statement, Value } from "../ir/ir.js";
import { operandsOf, resultsOf, visitStatements } from "../ir/walk.js";

/** Null where the loop does more than compute values from values and memory. */
export function loopKey(loop: LoopStatement): string | null {
  let isPure = loop.exit === null;
  visitStatements(loop.body, (statement) => (isPure &&= onlyComputes(statement)));
  if (loop.test) visitStatements(loop.test, (statement) => (isPure &&= onlyComputes(statement)));
  return isPure ? new Writer().loop(loop) : null;
}

/** The objects that the loop reads. */
export function objectsReadIn(loop: LoopStatement): readonly Value[] {
  const found = new Set<Value>();
  for (const block of loop.test ? [loop.test, loop.body] : [loop.body])
    visitStatements(block, (statement) => readObjects(statement).forEach((object) => found.add(object)));
  return [...found];
}

function onlyComputes(statement: Statement): boolean {
  switch (statement.kind) {
    case "constant":
    case "global":
    case "apply":
    case "load":
    case "length":
    case "narrow":
    case "note":
    case "if":
      return true;
    case "loop":
      return statement.exit === null;
    default:
      return false;
  }
}

/** Values of the loop's own are numbered in the order in which they are defined; others are known by their ids. */
class Writer {
  private readonly own = new Map<Value, number>();

  loop(loop: LoopStatement): string {
    const outside = [loop.lower, loop.upper, ...loop.initial].map((value) => (value ? this.use(value) : "endless"));
    this.define(loop.counter);
    loop.parameters.forEach((parameter) => this.define(parameter));
    const blocks = [loop.test, loop.body].map((block) => (block ? this.block(block) : ""));
    [...loop.results, ...(loop.trips ? [loop.trips] : [])].forEach((result) => this.define(result));
    return `loop ${loop.comparison} ${loop.step} ${loop.trips !== null} (${outside.join(" ")}) ${blocks.join(" while ")}`;
  }

  private use(value: Value): string {
    const number = this.own.get(value);
    return number === undefined ? `#${value.id}` : String(number);
  }

  private define(value: Value): void {
    this.own.set(value, this.own.size);
  }

  private block({ statements, yields }: Block): string {
    const lines = statements.map((statement) => this.statement(statement));
    return `{${lines.join("; ")} yield ${yields.map((value) => this.use(value)).join(" ")}}`;
  }

  private statement(statement: Statement): string {
    if (statement.kind === "loop") return this.loop(statement);
    const operands = operandsOf(statement).map((value) => this.use(value));
    const blocks =
      statement.kind === "if" ? [this.block(statement.then), this.block(statement.else)].join(" else ") : "";
    resultsOf(statement).forEach((result) => this.define(result));
    return `${statement.kind} ${detailOf(statement)} ${operands.join(" ")} ${blocks}`;
  }
}

/** What a statement says besides its operands. */
function detailOf(statement: Statement): string {
  switch (statement.kind) {
    case "constant":
      return `${typeof statement.value} ${Object.is(statement.value, -0) ? "-0" : String(statement.value)}`;
    case "global":
      return statement.binding;
    case "apply":
      return statement.primitive;
    case "load":
      return statement.key.kind === "field" ? `.${statement.key.name}` : "[]";
    default:
      return "";
  }
}
