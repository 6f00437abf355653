import type { Block, IrFunction, Statement, Value } from "./ir.js";
import { blocksOf, operandsOf, resultsOf, scopedValuesOf, endsInThrow } from "./walk.js";
import { isReference } from "./types.js";

/** What is wrong with a function's IR; empty when nothing is. */
export function verify(fn: IrFunction, options: { readonly allowRecalls?: boolean } = {}): readonly string[] {
  const problems: string[] = [];
  const defined = new Set<Value>();
  const say = (message: string): void => void problems.push(`${fn.name}: ${message}`);
  const label = (value: Value): string => `%${value.id}${value.name ? ` (${value.name} ${value.role})` : ""}`;
  const define = (value: Value, scope: Set<Value>): void => {
    if (defined.has(value)) say(`${label(value)} is defined twice`);
    defined.add(value);
    scope.add(value);
  };
  const use = (value: Value, scopes: readonly Set<Value>[], by: string): void => {
    if (!value) return say(`a missing operand in ${by}`);
    if (!scopes.some((scope) => scope.has(value))) say(`${label(value)} is not visible in ${by}`);
  };
  const checkArity = (statement: Statement): void => {
    if (statement.kind === "if")
      for (const block of [statement.then, statement.else])
        if (!endsInThrow(block) && block.yields.length !== statement.results.length)
          say(`an if with ${statement.results.length} results has a branch that yields ${block.yields.length}`);
    if (statement.kind === "loop") {
      const counts = [statement.initial.length, statement.results.length];
      if (!endsInThrow(statement.body)) counts.push(statement.body.yields.length);
      if (counts.some((count) => count !== statement.parameters.length))
        say(
          `a loop with ${statement.parameters.length} parameters has ${counts.join(" / ")} initial / results / yields`,
        );
      if (!Number.isInteger(statement.step) || statement.step === 0) say("a loop's step is not an integer");
    }
    if (
      (statement.kind === "load" || statement.kind === "store" || statement.kind === "addTo") &&
      !isReference(statement.object.type)
    )
      say(`${statement.kind} from ${label(statement.object)}, which is no reference`);
    if (statement.kind === "recall" && !options.allowRecalls) say(`recall of ${label(statement.value)} remains`);
  };
  const enter = (block: Block, outer: readonly Set<Value>[], own: readonly Value[], owner: Statement | null): void => {
    const scope = new Set<Value>();
    own.forEach((value) => define(value, scope));
    const scopes = [...outer, scope];
    block.statements.forEach((statement, k) => {
      operandsOf(statement).forEach((operand) =>
        statement.kind === "recall" ? undefined : use(operand, scopes, statement.kind),
      );
      checkArity(statement);
      if (statement.kind === "throw" && k !== block.statements.length - 1) say("statements follow a throw");
      if (statement.kind === "loop") {
        const inside = new Set<Value>();
        scopedValuesOf(statement).forEach((value) => define(value, inside));
        for (const nested of blocksOf(statement)) enter(nested, [...scopes, inside], [], statement);
      } else for (const nested of blocksOf(statement)) enter(nested, scopes, [], statement);
      resultsOf(statement).forEach((value) => define(value, scope));
    });
    if (endsInThrow(block)) return;
    block.yields.forEach((value) => use(value, scopes, "a yield"));
    if (owner?.kind === "loop" && owner.exit && block === owner.body) use(owner.exit, scopes, "an exit");
  };
  enter(
    fn.body,
    [],
    fn.parameters.map((parameter) => parameter.value),
    null,
  );
  return problems;
}
