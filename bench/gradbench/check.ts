/**
 * Generates the derivatives, starts the tool and checks its answers to every eval against formulas of their own and central
 * differences: `npx tsx bench/gradbench/check.ts`. Exit status 1 when one is wrong. With `--ratios` it also measures.
 */
import { fileURLToPath } from "node:url";
import { ba } from "./checks/ba.js";
import type { Case } from "./checks/case.js";
import { gmm } from "./checks/gmm.js";
import { ht } from "./checks/ht.js";
import { lstm } from "./checks/lstm.js";
import { det, hello, kmeans, llsq, lse, ode, particle, saddle, shortOde } from "./checks/small.js";
import { startTool, type Tool } from "./client.js";
import { mismatches } from "./compare.js";
import { generate } from "./generate.js";

const cases: readonly Case[] = [
  hello(),
  ...[1, 500].map(lse),
  llsq(33, 8),
  ...[1, 10].map(shortOde),
  ode(7, 5),
  ...[1, 5, 6].map(det),
  kmeans(200, 5, 3),
  gmm({ d: 1, k: 2, n: 5 }),
  gmm({ d: 4, k: 3, n: 10 }),
  lstm(2, 12, 5),
  ba(3, 5, 20),
  ht(9, 6, false),
  ht(9, 6, true),
  particle(),
  saddle(),
];

/** What is wrong with the answers to a case. */
async function check({ module, input, expected, tolerance = 1e-6 }: Case, tool: Tool): Promise<string[]> {
  const defined = await tool.send({ kind: "define", module });
  if (!defined.success) return [`${module}: ${defined.error}`];
  const problems: string[] = [];
  for (const [name, output] of Object.entries(expected)) {
    const runs = { min_runs: 2, min_seconds: 0 };
    const asked = typeof input === "object" ? { ...input, ...runs } : input;
    const response = await tool.send({ kind: "evaluate", module, function: name, input: asked });
    const timings = typeof input === "object" ? 2 : 1;
    const found = response.success ? mismatches(output, response.output, tolerance) : [response.error ?? "failed"];
    if (response.timings?.length !== timings) found.push(`expected ${timings} timings`);
    problems.push(...found.map((problem) => `${module}::${name}: ${problem}`));
  }
  return problems;
}

/** What is wrong, by module. */
export async function checkAll(): Promise<ReadonlyMap<string, readonly string[]>> {
  await generate();
  const tool = startTool();
  const found = new Map<string, string[]>();
  const started = await tool.send({ kind: "start" });
  found.set("protocol", started.tool === "adjoint" ? [] : ["does not say its name"]);
  for (const one of cases) found.set(one.module, [...(found.get(one.module) ?? []), ...(await check(one, tool))]);
  const unknown = await tool.send({ kind: "define", module: "unknown" });
  if (unknown.success !== false || !unknown.error) found.get("protocol")!.push("defines a module that is not known");
  const analysis = await tool.send({ kind: "analysis", of: 1, valid: true });
  if (Object.keys(analysis).join() !== "id") found.get("protocol")!.push("says something to an analysis");
  if ((await tool.close()) !== 0) found.get("protocol")!.push("does not end well");
  return found;
}

async function print(): Promise<void> {
  for (const [module, problems] of await checkAll()) {
    console.log(`${problems.length === 0 ? "right" : "WRONG"}  ${module}`);
    for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await print();
  // Apart, since it takes a minute.
  if (process.argv.includes("--ratios")) await import("./ratios.js");
}
