/** Derivatives that write into buffers: the same numbers as those that make their results, for every fixture. */
import { expect, test } from "vitest";
import { selectOutput } from "../compiler/4-differentiate/selectOutput.js";
import { hasClearNumbers } from "../compiler/ir/types.js";
import type { Verb } from "../compiler/requests.js";
import { type Checked, problemsIn, type VerbsOf } from "./support/checkedRequests.js";
import { checkedVerbs, findFixtures } from "./support/fixtures.js";
import { isSame } from "./support/locations.js";
import type { Callable } from "./support/modules.js";

const only = process.env["FIXTURES"] ?? "";
const fixtures = findFixtures().filter((fixture) => fixture.name.includes(only));

/** Something of the same structure, without a number in it. */
function blank(value: unknown): unknown {
  if (typeof value === "number") return NaN;
  if (ArrayBuffer.isView(value)) return (value as Float64Array).slice().fill(NaN);
  if (Array.isArray(value)) return value.map(blank);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, blank(item)]));
}

type Given = { readonly result: unknown } | { readonly thrown: string };

function attempt(run: () => unknown): Given {
  try {
    return { result: run() };
  } catch (error) {
    return { thrown: String(error) };
  }
}

interface Pair {
  readonly verb: Verb;
  readonly made: Callable;
  readonly into: Callable;
  readonly tangentsOf: (args: unknown[]) => unknown;
}

function problemsOf({ verb, made, into, tangentsOf }: Pair, make: () => unknown[]): readonly string[] {
  const [args, others] = [make(), make()];
  const call = (f: Callable, first: unknown[], on: unknown[]): unknown =>
    verb === "jvp" ? f(...first, on, tangentsOf(on)) : f(...first, ...on);
  const usual = attempt(() => call(made, [], args));
  const [part, name] =
    verb === "jvp" ? ["tangent", "value"] : verb === "valueAndGrad" ? ["grad", "value"] : [null, null];
  const whole = "result" in usual ? (usual.result as Record<string, unknown>) : null;
  const wanted = whole && part ? whole[part] : whole;
  const buffer = blank(wanted ?? null);
  const given = attempt(() => call(into, [buffer], others));
  if ("thrown" in usual) return "thrown" in given ? [] : [`${verb}: does not throw ${usual.thrown}`];
  if ("thrown" in given) return [`${verb}: throws ${given.thrown}`];
  const problems: string[] = [];
  if (!isSame(buffer, wanted)) problems.push(`${verb}: ${JSON.stringify(buffer)}, not ${JSON.stringify(wanted)}`);
  if (name && !isSame(given.result, whole![name])) problems.push(`${verb}: gives back ${String(given.result)}`);
  if (!isSame(args, others)) problems.push(`${verb}: arguments are left otherwise`);
  return problems;
}

/** The structure of gradients of arguments, all numbers 0.5. */
function halves(value: unknown): unknown {
  if (typeof value === "number") return 0.5;
  if (ArrayBuffer.isView(value)) return (value as Float64Array).slice().fill(0.5);
  if (Array.isArray(value)) return value.map(halves);
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, halves(item)]));
}

const read = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], value);

const verbsOf: VerbsOf = (lowered, request) => {
  const output = selectOutput(lowered.unit.functions.get(request.function)!, request).body.yields[0]!;
  const rows: Verb[] = hasClearNumbers(output.type) ? ["jacobian"] : [];
  return [...checkedVerbs(lowered, request), ...rows, "into"];
};

function check({ request, derived }: Checked, make: () => unknown[]): readonly string[] {
  const tangentsOf = (args: unknown[]): unknown => {
    const all = request.wrt.map((position, j) => halves(read(args[position], request.wrtPaths[j]!)));
    return request.isBare ? all[0] : all;
  };
  const verbs = ["grad", "valueAndGrad", "jvp", "jacobian"] as const;
  return verbs.flatMap((verb) => {
    const [made, into] = [derived(verb), derived(`${verb}Into`)];
    return made && into ? problemsOf({ verb, made, into, tangentsOf }, make) : [];
  });
}

// Buffers are the same whether helpers are inlined or called: one way is enough.
test.each(fixtures)("$name", async (fixture) => {
  expect(await problemsIn(fixture, { splitCalls: false, verbsOf }, check)).toBe("");
});
