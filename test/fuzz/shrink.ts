/** Makes a failing program smaller: drops statements, and puts the inside of a nest in its place. */
import { check, type Failure } from "./check.js";
import type { Program, ProgramFunction, Statement } from "./program.js";

type Body = readonly Statement[];

const isPinned = (statement: Statement): boolean => statement.kind === "line" && statement.isPinned === true;

/** A nest without its `else`, one of its cases, or a method. */
function without(nest: Statement & { kind: "nest" }, part: number): Statement {
  const others = <T>(items: readonly T[]): T[] => items.filter((_, k) => k !== part);
  return { ...nest, heads: others(nest.heads), bodies: others(nest.bodies) };
}

/** Bodies with one change each, the boldest first. */
function smallerBodies(body: Body): Body[] {
  const candidates: Body[] = [];
  for (let size = body.length; size >= 1; size = Math.floor(size / 2))
    for (let start = 0; start < body.length; start += size) {
      const rest = body.filter((statement, k) => k < start || k >= start + size || isPinned(statement));
      if (rest.length < body.length) candidates.push(rest);
    }
  body.forEach((statement, k) => {
    if (statement.kind === "line") return;
    const replaced = (by: Body): Body => [...body.slice(0, k), ...by, ...body.slice(k + 1)];
    for (let part = 1; part < statement.heads.length; part++) candidates.push(replaced([without(statement, part)]));
    if (!statement.bodies.some((inside) => inside.some(isPinned)))
      candidates.push(...statement.bodies.filter((inside) => inside.length > 0).map(replaced));
    statement.bodies.forEach((inside, j) => {
      for (const smaller of smallerBodies(inside))
        candidates.push(
          replaced([{ ...statement, bodies: statement.bodies.map((other, m) => (m === j ? smaller : other)) }]),
        );
    });
  });
  return candidates;
}

function smallerPrograms(program: Program): Program[] {
  const { main, helpers, wrt } = program;
  const candidates: Program[] = smallerBodies(main.body).map((body) => ({ ...program, main: { ...main, body } }));
  for (const declarations of smallerBodies(program.declarations)) candidates.push({ ...program, declarations });
  main.parameters.forEach((_, k) => candidates.push(withoutParameter(program, k)));
  for (const [k, helper] of helpers.entries()) {
    candidates.push({ ...program, helpers: helpers.filter((other) => other !== helper) });
    for (const body of smallerBodies(helper.body)) {
      const changed: ProgramFunction = { ...helper, body };
      candidates.push({ ...program, helpers: helpers.map((other, j) => (j === k ? changed : other)) });
    }
  }
  if (wrt.length > 1)
    for (const position of wrt) candidates.push({ ...program, wrt: wrt.filter((other) => other !== position) });
  return candidates;
}

function withoutParameter(program: Program, at: number): Program {
  const { main, wrt } = program;
  const parameters = main.parameters.filter((_, k) => k !== at);
  const rest = wrt.filter((k) => k !== at).map((k) => (k > at ? k - 1 : k));
  return { ...program, main: { ...main, parameters }, wrt: rest.length > 0 ? rest : [0] };
}

/** The failure of the smallest program found that fails in the same way. */
export function shrink(failure: Failure, rounds = 40): Failure {
  let best = failure;
  for (let round = 0; round < rounds; round++) {
    const found = firstFailure(smallerPrograms(best.program), best);
    if (!found) return best;
    best = found;
  }
  return best;
}

const batch = 24;

function firstFailure(candidates: readonly Program[], like: Failure): Failure | null {
  for (let start = 0; start < candidates.length; start += batch) {
    const { failures } = check(candidates.slice(start, start + batch), [like.variant], like.shared);
    const found = failures.find((failure) => isAlike(failure, like));
    if (found) return found;
  }
  return null;
}

/** Crashes are alike when they say the same, numbers aside. */
function isAlike(a: Failure, b: Failure): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind !== "crash" && a.kind !== "throw") return true;
  const first = (text: string): string =>
    text
      .split("\n")
      .slice(0, 2)
      .join("")
      .replace(/\d+|\([^)]*\)/g, "#");
  return first(a.message) === first(b.message);
}
