/**
 * What the compiler writes, it can read: the gradients of the fixtures, as generated, are differentiated again. Forwards
 * and backwards they give the Hessian times a vector, as `hvp` of the source gives it. What is generated for objects that
 * may be one calls the runtime in ways that the compiler does not follow: that is refused, and nothing else.
 */
import { describe, expect, test } from "vitest";
import { findRequests } from "../compiler/1-parse/findRequests.js";
import { lowerFile } from "../compiler/2-lower/unit.js";
import { emitFile } from "../compiler/6-emit/emitFile.js";
import { runPipeline } from "../compiler/pipeline.js";
import type { Request } from "../compiler/requests.js";
import { agree, directionFor, doubleTolerances, singleTolerances } from "./support/checkNumbers.js";
import type { Cases } from "./support/checkedRequests.js";
import { copyOf } from "./support/copies.js";
import {
  addGenerated,
  checkedVerbs,
  derive,
  emitFixture,
  type Fixture,
  findFixtures,
  lowerFixture,
} from "./support/fixtures.js";
import { locationsOf, numbersOf, tangentsOf } from "./support/locations.js";
import type { SourceFile } from "ts-morph";
import { Modules } from "./support/modules.js";
import { viewOf } from "./support/parts.js";

const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));
/** Of generated files that stand nowhere. */
const texts = new Map<string, string>();
const modules = new Modules({ texts });

/** A request whose gradient is differentiated again. */
interface Subject {
  readonly fixture: Fixture;
  readonly request: Request;
  readonly cases: Cases;
  /** The gradient as it is generated, and with a tag. */
  readonly text: string;
  readonly path: string;
  readonly source: string;
}

async function subjectsOf(fixture: Fixture): Promise<readonly Subject[]> {
  const lowered = lowerFixture(fixture);
  const cases = modules.load(fixture.cases) as unknown as Cases;
  const subjects: Subject[] = [];
  for (const [k, request] of lowered.requests.entries()) {
    const isMeant = checkedVerbs(lowered, request).includes("grad") && !request.of && !cases.frozen?.[request.function];
    // One of each fixture; all of those that are asked for by name.
    if (!isMeant || (only === "" && subjects.length > 0)) continue;
    const text = await emitFixture(
      lowered,
      derive(lowered, [{ ...request, stem: "Checked", verbs: ["grad", "hvp"] }], {}),
    );
    if (!text.includes("function hvpChecked") || unfollowed.test(text)) continue;
    const { parameters } = lowered.unit.functions.get(request.function)!;
    const names = request.wrt.map((position, n) => [parameters[position]!.name, ...request.wrtPaths[n]!].join("."));
    const tag = `/** @differentiable jvp, vjp wrt ${names.join(", ")} */\n`;
    const source = text.replace("export function gradChecked", `${tag}export function gradChecked`);
    subjects.push({ fixture, request, cases, text, path: fixture.golden.replace(/\.ts$/, `${k}.ts`), source });
  }
  return subjects;
}

/**
 * Functions of the runtime that walk over whatever they are given, and derivatives of array primitives: the compiler does
 * not follow those.
 */
const unfollowed =
  /\b(shadowsOf|sharedTangents|separateGradients|gradientsAtEntry|structureAtEntry|inShapeOf|snapshot|zerosLike|shadowLike)\(|\b(add(Scaled|Constant|To|Matvec\w+|Matmul\w+|Outer|Transposed)|(dot|sum|mean|norm|axpy|mat\w+|transpose|logSumExp|softmax)(Pullback|Tangent))\(/;

type Exports = Record<string, (...args: unknown[]) => unknown>;

/** The derivatives of a gradient; what is wrong, where it is refused. */
async function differentiatedAgain({ path, source }: Subject, file: SourceFile): Promise<Exports | string> {
  const found = findRequests(file);
  const lowered = lowerFile(file, found.functions);
  const result = runPipeline(lowered.unit, lowered.requests, { verify: true });
  const problems = [...found.diagnostics, ...lowered.diagnostics, ...result.warnings];
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return errors.map(({ code, message }) => `${code}: ${message}`).join("\n");
  const sibling = path.replace(/\.ts$/, ".adjoint.ts");
  const output = await emitFile({
    unit: lowered.unit,
    functions: result.functions,
    helpers: result.helpers,
    sourcePath: path,
    siblingPath: sibling,
    importSuffix: ".js",
    strictIndex: false,
    sourceText: () => source,
  });
  texts.set(path, source);
  return modules.evaluate(sibling, output);
}

/** Digits that are left where everything cancels. */
function isNothing(values: readonly unknown[]): boolean {
  return numbersOf(values).every((one) => Math.abs(one) < 1e-14);
}

async function problemsOf(subject: Subject, file: SourceFile): Promise<readonly string[]> {
  const { fixture, request, cases, text } = subject;
  const second = await differentiatedAgain(subject, file);
  if (typeof second === "string") return [second];
  const view = viewOf(request);
  const hvp = view.ofTuple(modules.evaluate(fixture.golden, text)["hvpChecked"])!;
  const tolerances = cases.isSingle ? singleTolerances : doubleTolerances;
  return cases.points[request.function]!.flatMap((make) => {
    const fresh = view.make(() => copyOf(make()));
    const args = fresh();
    const locations = locationsOf(args, view.wrt);
    const vectors = tangentsOf(args, view.wrt, locations, directionFor(locations.length, 1));
    const vector = request.isBare ? vectors[0] : vectors;
    let wanted: unknown;
    try {
      wanted = (hvp(fresh(), vector) as { hvp: unknown }).hvp;
    } catch {
      return [];
    }
    const { tangent } = view.ofTuple(second["jvpGradChecked"])!(fresh(), vector) as { tangent: unknown };
    const { pullback } = view.derived(second["vjpGradChecked"])!(...fresh()) as { pullback: (v: unknown) => unknown };
    const ways = [
      ["forwards", tangent],
      ["backwards", pullback(vector)],
    ] as const;
    return ways
      .filter(([, found]) => !agree(wanted, found, tolerances) && !isNothing([wanted, found]))
      .map(([way, found]) => `${way}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  });
}

const subjects = (await Promise.all(fixtures.map(subjectsOf))).flat();
const fileOf = addGenerated(new Map(subjects.map(({ path, source }) => [path, source])));

describe("gradients are differentiated again", () => {
  test.each(subjects.map((subject) => ({ name: `${subject.fixture.name} ${subject.request.function}`, subject })))(
    "$name",
    async ({ subject }) => {
      expect((await problemsOf(subject, fileOf(subject.path))).join("\n")).toBe("");
    },
  );
});
