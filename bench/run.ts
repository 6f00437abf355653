/**
 * The benchmark: generated adjoint, adjoint by hand and primal, side by side. `npm run bench -- --only lorenz --seconds 5`
 * times one problem, for five seconds; `--write` writes both tables into RESULTS.md.
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { errorAgainstDifferences, gradientDifference } from "./accuracy.js";
import { countInputs, type Derivative, type Problem, problems } from "./catalogue.js";
import { generate, generateFile } from "./generate.js";
import { bytesPerCall, median, timeInterleaved } from "./measure.js";
import { inputsHeader, measureInputs } from "./inputs.js";
import { longHeader, measureLong } from "./long.js";
import { measureVerbs, verbBenches, verbHeader } from "./verbs.js";

const gradientTolerance = 1e-9;

/** What a derivative costs. */
interface Cost {
  readonly overPrimal: number;
  /** What a call allocates. */
  readonly bytes: number;
}

interface Generated extends Cost {
  readonly overByHand: number;
  readonly overSameValue: number;
}

interface Measured {
  readonly problem: Problem;
  /** Microseconds. */
  readonly primal: number;
  readonly byHand: Cost;
  readonly sameValue: Cost;
  /** Null when there is no right generated adjoint; `failure` says why. */
  readonly generated: Generated | null;
  readonly failure: string | null;
}

/** What is wrong with the generated adjoint, if anything. */
function findFault(problem: Problem, generated: Derivative): string | null {
  const { primal, handWritten, args } = problem;
  const before = structuredClone(args);
  const { value, grad } = generated(...args);
  if (!Object.is(value, primal(...args))) return `the value is ${value}, the primal's ${primal(...args)}`;
  if (!isDeepStrictEqual(args, before)) return "it writes its arguments";
  if (gradientDifference(problem, grad, generated(...args).grad) !== 0) return "a second call gives another gradient";
  const difference = gradientDifference(problem, handWritten(...args).grad, grad);
  if (difference <= gradientTolerance) return null;
  const [byHandError, ownError] = [handWritten, generated].map((f) =>
    errorAgainstDifferences(problem, f).toExponential(1),
  );
  return (
    `the gradient is ${difference.toExponential(1)} away from the one by hand ` +
    `(against differences: by hand ${byHandError}, generated ${ownError})`
  );
}

/** The generated adjoint when it is right, else the reason why there is none. */
async function generateAndCheck(problem: Problem): Promise<Derivative | string> {
  try {
    const derivative = await generate(problem);
    if (typeof derivative === "string") return derivative;
    const fault = findFault(problem, derivative);
    return fault === null ? derivative : `wrong: ${fault}`;
  } catch (error) {
    return `crashed: ${String(error).split("\n")[0]}`;
  }
}

async function measure(problem: Problem, seconds: number): Promise<Measured> {
  const { primal, handWritten, args, sameValue } = problem;
  const generated = await generateAndCheck(problem);
  const callPrimal = (): number => primal(...args);
  const callByHand = (): number => handWritten(...args).value;
  const callGenerated = typeof generated === "string" ? null : (): number => generated(...args).value;
  const callSameValue = (): number => sameValue(...args).value;
  const calls = [callPrimal, callByHand, callSameValue, ...(callGenerated ? [callGenerated] : [])];
  const times = timeInterleaved(calls, seconds);
  const ratio = (of: number, over: number): number => median(times.map((round) => round[of]! / round[over]!));
  return {
    problem,
    primal: median(times.map((round) => round[0]!)),
    byHand: { overPrimal: ratio(1, 0), bytes: bytesPerCall(callByHand) },
    sameValue: { overPrimal: ratio(2, 0), bytes: bytesPerCall(callSameValue) },
    generated: callGenerated && {
      overPrimal: ratio(3, 0),
      overByHand: ratio(3, 1),
      overSameValue: ratio(3, 2),
      bytes: bytesPerCall(callGenerated),
    },
    failure: typeof generated === "string" ? generated : null,
  };
}

const header = [
  "problem",
  "inputs",
  "primal µs",
  "by hand/primal",
  "generated/primal",
  "generated/by hand",
  "bytes by hand",
  "bytes generated",
];

const bytesOf = (...of: readonly (Cost | null)[]): string[] =>
  of.map((cost) => cost?.bytes.toLocaleString("en") ?? "failed");

function rowOf({ problem, primal, byHand, generated }: Measured): string[] {
  const ratios = [byHand.overPrimal, generated?.overPrimal, generated?.overByHand];
  const cells = [primal.toFixed(1), ...ratios.map((ratio) => ratio?.toFixed(2) ?? "failed")];
  return [problem.name, countInputs(problem).toLocaleString("en"), ...cells, ...bytesOf(byHand, generated)];
}

function sameValueRowOf({ problem, sameValue, generated }: Measured): string[] {
  const ratios = [sameValue.overPrimal, generated?.overPrimal, generated?.overSameValue];
  return [problem.name, ...ratios.map((ratio) => ratio?.toFixed(2) ?? "failed"), ...bytesOf(sameValue, generated)];
}

/** Geometric mean and worst of ratios, in rows with `before` and `after` empty cells. */
function summary(ratios: readonly (readonly number[])[], before: number, after: number): string[][] {
  const row = (name: string, of: (numbers: readonly number[]) => number): string[] => {
    const cells = ratios.map((numbers) => (numbers.length > 0 ? of(numbers).toFixed(2) : ""));
    return [name, ...Array<string>(before).fill(""), ...cells, ...Array<string>(after).fill("")];
  };
  return [
    row("geometric mean", (numbers) => Math.exp(numbers.reduce((sum, x) => sum + Math.log(x), 0) / numbers.length)),
    row("worst", (numbers) => Math.max(...numbers)),
  ];
}

/** Aligned columns; the first `texts` of them to the left. */
function tableOf(rows: readonly (readonly string[])[], texts: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at < texts ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ");
  const [first, ...rest] = rows;
  const rule = widths.map((width, at) => (at < texts ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ");
  return [line(first!), rule, ...rest.map(line)].map((text) => `| ${text} |`).join("\n");
}

/** Besides the gradients of the problems. */
const others = ["verbs", "inputs", "long"] as const;

interface Options {
  readonly chosen: readonly Problem[];
  readonly also: readonly (typeof others)[number][];
  /** Of timing, in all. */
  readonly seconds: number;
  /** Write the tables into RESULTS.md. */
  readonly write: boolean;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        seconds: { type: "string", default: "30" },
        write: { type: "boolean", default: false },
      },
    });
    const isChosen = (name: string): boolean => values.only === undefined || name === values.only;
    const chosen = problems.filter(({ name }) => isChosen(name));
    const also = others.filter(isChosen);
    const seconds = Number(values.seconds);
    if (chosen.length + also.length === 0) throw new Error(`there is no problem ${values.only}`);
    if (!(seconds > 0)) throw new Error(`--seconds needs a positive number`);
    return { chosen, also, seconds, write: values.write };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    const names = [...problems.map(({ name }) => name), ...others];
    console.error(`Usage: bench [--only ${names.join("|")}] [--seconds <timing in all>] [--write]`);
    process.exit(2);
  }
}

const byHandRemark =
  "Those by hand are as fast as two readers in turn could make them. They may compute the value by other formulas (to the last digits the same), which " +
  "the generated derivative may not: the head of each says how. Many take several points, rows or steps at a time, so that sums need not wait " +
  "for each other, which a generator could do only to code that nobody would read.";
const sameValueRemark =
  "By hand again, but with the function's own operations, so that the value is the same to the last bit, and one point, row or step at a " +
  "time: what the code costs where the algorithm is the same. The derivative may follow other formulas; the head of each says how.";

const sameValueHeader = [
  "problem",
  "by hand/primal",
  "generated/primal",
  "generated/by hand",
  "bytes by hand",
  "bytes generated",
];

/** Gradients beside those by hand, and beside those that compute the value as the function does. */
async function gradientSections(chosen: readonly Problem[], seconds: number): Promise<readonly Section[]> {
  const measured: Measured[] = [];
  for (const problem of chosen) {
    console.error(`${problem.name} …`);
    measured.push(await measure(problem, seconds / chosen.length));
  }
  for (const { problem, failure } of measured) {
    if (failure === null) continue;
    console.error(`${problem.name} failed: ${failure}`);
    process.exitCode = 1;
  }
  const ofGenerated = (ratio: (of: Generated) => number): readonly number[] =>
    measured.flatMap(({ generated }) => (generated ? [ratio(generated)] : []));
  const overPrimal = ofGenerated((one) => one.overPrimal);
  const best = [measured.map(({ byHand }) => byHand.overPrimal), overPrimal, ofGenerated((one) => one.overByHand)];
  const same = [measured.map((one) => one.sameValue.overPrimal), overPrimal, ofGenerated((one) => one.overSameValue)];
  return [
    {
      title: "Gradients, beside the fastest by hand",
      remark: byHandRemark,
      table: tableOf([header, ...measured.map(rowOf), ...summary(best, 2, 2)], 1),
    },
    {
      title: "Gradients, beside those with the same value by hand",
      remark: sameValueRemark,
      table: tableOf([sameValueHeader, ...measured.map(sameValueRowOf), ...summary(same, 0, 2)], 1),
    },
  ];
}

async function verbTable(seconds: number): Promise<string> {
  console.error("verbs …");
  const generated = await generateFile("verbs");
  if (typeof generated === "string") throw new Error(generated);
  const benches = verbBenches(generated);
  return tableOf([verbHeader, ...benches.flatMap((bench) => measureVerbs(bench, seconds / benches.length))], 3);
}

interface Section {
  readonly title: string;
  readonly remark: string | null;
  readonly table: string;
}

async function sectionOf(name: (typeof others)[number], seconds: number): Promise<Section> {
  if (name === "verbs")
    return {
      title: "Verbs, beside the functions themselves",
      remark: "Bytes are what one call allocates, its result included; `into` writes into buffers that are there.",
      table: await verbTable(seconds),
    };
  console.error(`${name} …`);
  if (name === "inputs")
    return {
      title: "The number of inputs",
      remark: null,
      table: tableOf([inputsHeader, ...(await measureInputs(seconds))], 1),
    };
  return {
    title: "Long programs",
    remark:
      "Compile time is that of `adjoint generate`, start of Node and writing included. A derivative is split into parts that V8 can optimise; it is timed after 10,000 calls, or ten seconds of them.",
    table: tableOf([longHeader, ...(await measureLong(seconds))], 1),
  };
}

const { chosen, also, seconds, write } = readOptions();
const share = seconds / (also.length + (chosen.length > 0 ? 3 : 0));
const sections: Section[] = [];
if (chosen.length > 0) sections.push(...(await gradientSections(chosen, 3 * share)));
for (const name of also) sections.push(await sectionOf(name, share));
console.log(sections.map(({ table }) => table).join("\n\n"));
if (write) {
  const where = `Node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? "an unknown kind"}`;
  const text = [
    "# Benchmarks",
    `\`npm run bench -- --write\` wrote this: medians of one run, on ${where}. Ratios within a round, in which all take their turn.`,
    ...sections.flatMap(({ title, remark, table }) => [`## ${title}`, ...(remark ? [remark] : []), table]),
  ];
  writeFileSync(new URL("RESULTS.md", import.meta.url), `${text.join("\n\n")}\n`);
}
