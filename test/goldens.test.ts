/**
 * The goldens. For every fixture, in this order: it compiles without a diagnostic; its derivatives are executed at
 * every sample point, under every option, and their numbers are right; what is generated type-checks; and it is the text
 * of the golden beside it, byte for byte. Numbers come before texts.
 *
 * `UPDATE_GOLDENS=1 npx vitest run test/goldens.test.ts` writes the goldens of the fixtures whose numbers are green and
 * whose text type-checks; no others. `FIXTURES=loops/` takes only the fixtures whose name contains that.
 *
 * A fixture `topic/case.ts` has a `topic/case.cases.ts` beside it that exports `points`: for each annotated function a
 * list of functions that make an argument list (made anew for every call; the same array may stand in it twice). At the
 * points of `kinks` the gradient is the one written there. `isSingle` says that numbers are stored in single precision
 * on the way, so that nothing can be compared more sharply than that. Where derivatives are stopped on purpose, `frozen`
 * gives for a point the function that differences are taken of: the same, with what is stopped held as it is there.
 * `references` are functions that give the same in another way, where the source as it stands cannot be run: markers in
 * it are for the compiler.
 */
import { viewOf } from "./support/parts.js";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { copyOf } from "./support/copies.js";
import type { PipelineOptions } from "../compiler/passes.js";
import type { Request } from "../compiler/requests.js";
import {
  agree,
  checkNumbers,
  checkPartials,
  doubleTolerances,
  singleTolerances,
  type Subject,
} from "./support/checkNumbers.js";
import {
  checkedVerbs,
  derive,
  emitFixture,
  findFixtures,
  hasCalls,
  type LoweredFixture,
  lowerFixture,
  orphanedGoldens,
  typeErrors,
} from "./support/fixtures.js";
import { isSame } from "./support/locations.js";
import { type Callable, type Exports, Modules, primalOf } from "./support/modules.js";

interface Kink {
  readonly args: () => unknown[];
  readonly grad: unknown;
}

interface Cases {
  readonly points: Readonly<Record<string, readonly (() => unknown[])[]>>;
  readonly kinks?: Readonly<Record<string, readonly Kink[]>>;
  readonly isSingle?: boolean;
  readonly frozen?: Readonly<Record<string, (args: unknown[]) => Callable>>;
  readonly references?: Readonly<Record<string, Callable>>;
}

interface Variant {
  readonly pipeline: PipelineOptions;
  /** Helpers are called, not inlined. */
  readonly splitCalls?: boolean;
}

/** The first is what users get; its partial derivatives are the reference of the others. */
const variants: Readonly<Record<string, Variant>> = {
  optimised: { pipeline: {} },
  plain: { pipeline: { optimise: false } },
  keepEverything: { pipeline: { keepEverything: true } },
  plainKeepEverything: { pipeline: { optimise: false, keepEverything: true } },
  splitCalls: { pipeline: {}, splitCalls: true },
  smallParts: { pipeline: { partSize: 100 } },
};

const isUpdating = process.env["UPDATE_GOLDENS"] === "1";
const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));
const modules = new Modules();
/** What is generated for each golden; for a tsconfig with noUncheckedIndexedAccess; with calls instead of inlining; in small parts. */
const texts = new Map<string, string>();
const strictTexts = new Map<string, string>();
const splitTexts = new Map<string, string>();
const partTexts = new Map<string, string>();
/** The variants whose numbers are right. */
const green = new Map<string, Set<string>>();
let typeProblems: ReadonlyMap<string, readonly string[]> = new Map();

/** Stems that make the names of all derivatives of a request its own. */
const checkedRequest = (lowered: LoweredFixture, request: Request, k: number): Request => ({
  ...request,
  stem: `Checked${k}`,
  verbs: checkedVerbs(lowered, request),
});

function subjectOf(cases: Cases, primal: Exports, derived: Exports, request: Request, k: number): Subject {
  const moving = cases.frozen?.[request.function];
  const reference = cases.references?.[request.function];
  const view = viewOf(request);
  return {
    primal: view.primal(reference ?? primalOf(primal, request.function)),
    ...(reference ? { isOther: true } : {}),
    ...(moving ? { moving } : {}),
    wrt: view.wrt,
    isBare: request.isBare,
    derived: {
      grad: view.derived(derived[`gradChecked${k}`]),
      valueAndGrad: view.derived(derived[`valueAndGradChecked${k}`]),
      jvp: view.ofTuple(derived[`jvpChecked${k}`])!,
    },
  };
}

/** The golden's own functions must give what the checked ones give. */
function checkGolden(golden: Exports, request: Request, subject: Subject, make: () => unknown[]): readonly string[] {
  return request.verbs.flatMap((verb) => {
    // Tangents have been checked; test/secondOrder.test.ts checks second derivatives.
    if (verb !== "grad" && verb !== "valueAndGrad") return [];
    const own = viewOf(request).derived(golden[`${verb}${request.stem}`]);
    if (!own) return [`${verb}${request.stem} is not exported`];
    const wanted = subject.derived[verb]!;
    const attempt = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return String(error);
      }
    };
    const isRight = isSame(
      attempt(() => own(...make())),
      attempt(() => wanted(...make())),
    );
    return isRight ? [] : [`${verb}${request.stem} gives something else than under a name of its own`];
  });
}

/** Gradients by function and point, as the first variant gives them. */
type References = Map<string, unknown>;

async function numberProblems(
  lowered: LoweredFixture,
  cases: Cases,
  variant: string,
  golden: Exports | null,
  references: References,
): Promise<readonly string[]> {
  const requests = lowered.requests.map((request, k) => checkedRequest(lowered, request, k));
  const text = await emitFixture(lowered, derive(lowered, requests, variants[variant]!.pipeline));
  const derived = modules.evaluate(lowered.fixture.golden, text);
  const primal = modules.load(lowered.fixture.source);
  const tolerances = cases.isSingle ? singleTolerances : doubleTolerances;
  return lowered.requests.flatMap((request, k) => {
    const subject = subjectOf(cases, primal, derived, request, k);
    // Copies, with what is shared still shared: a point may hand out one array again and again.
    const points = (cases.points[request.function] ?? []).map((make) => viewOf(request).make(() => copyOf(make())));
    if (points.length < 2) return [`${request.function} needs two points or more`];
    const problems = points.flatMap((make, at) => {
      const { problems: found, gradient } = checkNumbers(subject, make, tolerances);
      const key = `${k} ${at}`;
      const isFirst = !references.has(key);
      if (isFirst) references.set(key, gradient);
      const others =
        gradient === null || found.length > 0
          ? []
          : isFirst
            ? checkPartials(subject, make, tolerances, gradient)
            : agree(references.get(key), gradient, tolerances)
              ? []
              : [`gradient ${JSON.stringify(gradient)}, not ${JSON.stringify(references.get(key))}`];
      return [...found, ...others, ...(golden ? checkGolden(golden, request, subject, make) : [])].map(
        (problem) => `${request.function} at point ${at}: ${problem}`,
      );
    });
    const atKinks = (cases.kinks?.[request.function] ?? []).flatMap(({ args, grad }) => {
      const result = subject.derived.valueAndGrad!(...args()) as { value: unknown; grad: unknown };
      return isSame(result, { value: subject.primal(...args()), grad })
        ? []
        : [`${request.function} at ${JSON.stringify(args())}: ${JSON.stringify(result)}, not ${JSON.stringify(grad)}`];
    });
    return [...problems, ...atKinks];
  });
}

/** Fails with every problem on a line of its own. */
function expectNone(problems: readonly string[]): void {
  if (problems.length > 0) expect.fail(problems.join("\n"));
}

describe.each(fixtures)("$name", (fixture) => {
  const passed = new Set<string>();
  const references: References = new Map();
  green.set(fixture.name, passed);

  test("compiles", async () => {
    const lowered = lowerFixture(fixture);
    expectNone(lowered.errors.map(({ code, message }) => `${code}: ${message}`));
    const generated = derive(lowered, lowered.requests, {});
    texts.set(fixture.golden, await emitFixture(lowered, generated));
    strictTexts.set(fixture.golden, await emitFixture(lowered, generated, true));
    expectNone(generated.warnings.map(({ code, message }) => `${code}: ${message}`));
    passed.add("compiles");
  });

  test.each(Object.keys(variants))("numbers, %s", async (variant) => {
    const { splitCalls = false, pipeline } = variants[variant]!;
    const lowered = lowerFixture(fixture, splitCalls);
    expectNone(lowered.errors.map(({ code }) => `refused: ${code}`));
    if (splitCalls && !hasCalls(lowered)) return void passed.add(variant);
    if (splitCalls)
      splitTexts.set(fixture.golden, await emitFixture(lowered, derive(lowered, lowered.requests, {}), true));
    if (pipeline.partSize !== undefined) {
      const inParts = derive(lowered, lowered.requests, pipeline);
      if (inParts.helpers.size > 0) partTexts.set(fixture.golden, await emitFixture(lowered, inParts, true));
    }
    // By the same modules as the derivatives: an instance is of one class in both.
    const cases = modules.load(fixture.cases) as unknown as Cases;
    const golden = variant === "optimised" ? modules.evaluate(fixture.golden, texts.get(fixture.golden) ?? "") : null;
    expectNone(await numberProblems(lowered, cases, variant, golden, references));
    passed.add(variant);
  });
});

describe("types", () => {
  test("generated files pass strict", () => {
    typeProblems = typeErrors(texts);
    expectNone([...typeProblems.values()].flat());
  });

  test("generated files pass strict with noUncheckedIndexedAccess", () => {
    const changes = { noUncheckedIndexedAccess: true, noUnusedLocals: true, noUnusedParameters: false };
    expectNone([...typeErrors(strictTexts, changes).values()].flat());
  });

  test("generated files with calls pass the same", () => {
    expectNone([...typeErrors(splitTexts, { noUncheckedIndexedAccess: true }).values()].flat());
  });

  test("generated files in small parts pass the same", () => {
    expectNone([...typeErrors(partTexts, { noUncheckedIndexedAccess: true }).values()].flat());
  });
});

describe("goldens", () => {
  test.each(fixtures)("$name", ({ name, golden }) => {
    expect([...green.get(name)!], "numbers come before texts").toEqual(["compiles", ...Object.keys(variants)]);
    expectNone(typeProblems.get(golden) ?? []);
    const text = texts.get(golden)!;
    if (isUpdating) writeFileSync(golden, text);
    expect(existsSync(golden), `${golden} is missing: run with UPDATE_GOLDENS=1`).toBe(true);
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  test("none is left without its source", () => {
    expectNone(orphanedGoldens());
  });
});
