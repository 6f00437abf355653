/**
 * Generated adjoints beside other ways to a gradient in JavaScript, in one process. `npx tsx bench/peers/run.ts --only
 * nBody` compares on one problem; `--write` writes RESULTS.md and the chart.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { problems } from "../catalogue.js";
import { drawTimes } from "./chart.js";
import { compare, type Comparison } from "./compare.js";
import { allPeers, problemNames } from "./peers.js";
import { pageOf } from "./report.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    // Of timing, in all. Warming up and checking come on top, and the slow ones take what they need.
    seconds: { type: "string", default: "30" },
    write: { type: "boolean", default: false },
  },
});
const names = problemNames.filter((name) => values.only === undefined || name === values.only);
if (names.length === 0) throw new Error(`There is no problem ${values.only}: only ${problemNames.join(", ")}.`);

const peers = await allPeers();
const comparisons: Comparison[] = [];
for (const name of names) {
  console.error(`${name} …`);
  const problem = problems.find((one) => one.name === name)!;
  comparisons.push(await compare(problem, peers, Number(values.seconds) / names.length));
}
const page = await pageOf(comparisons);
console.log(page);
if (values.write) {
  writeFileSync(new URL("RESULTS.md", import.meta.url), page);
  await drawTimes(comparisons, new URL("peers.svg", import.meta.url));
}
