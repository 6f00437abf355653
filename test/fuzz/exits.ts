/** Random statements with `try`, and jumps out of it. */
import { both, type Both } from "./both.js";
import { condition } from "./expressions.js";
import type { Statement } from "./program.js";
import { type Generator, inner, type Scope } from "./scope.js";
import { statements } from "./statements.js";

type Maker = (generator: Generator, scope: Scope) => readonly Statement[] | null;

const nest = (heads: readonly Both[], bodies: readonly (readonly Statement[])[]): Statement => ({
  kind: "nest",
  heads,
  bodies,
  end: both`}`,
});

const tryFinally: Maker = (generator, scope) => {
  const { random } = generator;
  const body = statements(generator, inner(scope), random.integer(1, 3));
  const last = statements(
    generator,
    inner(scope, { jumps: [], returns: "never", catches: false }),
    random.integer(1, 2),
  );
  return [nest([both`try {`, both`} finally {`], [body, last])];
};

const tryCatch: Maker = (generator, scope) => {
  const { random } = generator;
  const inside = inner(scope, { catches: true });
  const body = statements(generator, inside, random.integer(1, 2));
  const thrown: Statement = {
    kind: "line",
    text: both`if (${condition(generator, inside)}) throw new Error("stop");`,
  };
  const after = statements(generator, inside, random.integer(0, 2));
  const caught = statements(generator, inner(scope), random.integer(1, 2));
  if (random.chance(0.7)) return [nest([both`try {`, both`} catch {`], [[...body, thrown, ...after], caught])];
  const last = statements(generator, inner(scope, { jumps: [], returns: "never", catches: false }), 1);
  return [nest([both`try {`, both`} catch {`, both`} finally {`], [[...body, thrown, ...after], caught, last])];
};

export const exitStatements: readonly (readonly [number, Maker])[] = [
  [3, tryFinally],
  [2, tryCatch],
];
