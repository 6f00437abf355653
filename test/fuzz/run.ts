/** `npx tsx test/fuzz/run.ts --runs N [--seed S] [--batch B] [--variant NAME] [--topic TOPIC] [--directions] [--save DIRECTORY]` */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { check, type Failure, variants } from "./check.js";
import { checkDirections } from "./directions.js";
import { generate } from "./generate.js";
import { sharings } from "./points.js";
import { printPlain } from "./program.js";
import { topics } from "./scope.js";
import { shrink } from "./shrink.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    batch: { type: "string", default: "20" },
    variant: { type: "string" },
    /** Every program is about this, among others. */
    topic: { type: "string" },
    /** Leave out calls with shared arguments: nothing, same, views. */
    sharing: { type: "string", multiple: true },
    save: { type: "string" },
    /** Print what is refused, and where. */
    refusals: { type: "boolean", default: false },
    /** Make failing programs smaller. */
    small: { type: "boolean", default: true },
    /** Tangents and second derivatives, too. */
    directions: { type: "boolean", default: false },
    /** Stop after so many failures. */
    failures: { type: "string", default: "5" },
  },
  allowNegative: true,
});
const [runs, first, batch, limit] = [values.runs, values.seed, values.batch, values.failures].map(Number) as [
  number,
  number,
  number,
  number,
];
const names = values.variant ? [values.variant] : Object.keys(variants);
const shared = sharings.filter((sharing) => values.sharing?.includes(sharing) ?? true);

const started = performance.now();
const refusals = new Map<string, number>();
const totals = { made: 0, checked: 0, imprecise: 0, curved: 0, failures: 0 };

function tell(failure: Failure): void {
  const smaller = values.small ? shrink(failure) : failure;
  const text = printPlain(smaller.program);
  const title = `seed ${failure.program.seed}, ${smaller.variant}: ${smaller.kind} (${smaller.shared.join()} shared)`;
  const message = smaller.message.split("\n").slice(0, 6).join("\n  ");
  console.log(values.small ? `\n✗ ${title}\n  ${message}\n\n${text}` : `\n✗ ${title}\n  ${message}`);
  if (!values.save) return;
  mkdirSync(values.save, { recursive: true });
  const comment = `${title}\n${smaller.message}`.replace(/^/gm, "// ");
  writeFileSync(
    `${values.save}/seed${failure.program.seed}-${smaller.kind.replace(" ", "")}.ts`,
    `${comment}\n${text}`,
  );
}

for (let seed = first; seed < first + runs && totals.failures < limit; seed += batch) {
  const count = Math.min(batch, first + runs - seed);
  const programs = Array.from({ length: count }, (_, k) =>
    generate(
      seed + k,
      topics.find((topic) => topic === values.topic),
    ),
  );
  const report = check(programs, names, shared);
  totals.made += count;
  totals.checked += report.checked;
  totals.imprecise += report.imprecise;
  for (const { program, code, message } of report.refused) {
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
    if (values.refusals) console.log(`\n- seed ${program.seed} refused, ${code}: ${message}`);
  }
  const along = values.directions
    ? checkDirections(programs, { default: variants["default"]!, split: variants["split"]! })
    : { checked: 0, failures: [] };
  totals.curved += along.checked;
  // One program may fail in several variants; the first says enough.
  const told = new Set<number>();
  for (const failure of [...report.failures, ...along.failures]) {
    if (told.has(failure.program.seed)) continue;
    told.add(failure.program.seed);
    totals.failures++;
    tell(failure);
  }
  const rate = totals.made / ((performance.now() - started) / 1000);
  process.stdout.write(`\r${totals.made} programs, ${totals.failures} failures, ${rate.toFixed(1)} a second   `);
}

const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
const codes = [...refusals].map(([code, count]) => `${code} ${count}`).join(", ");
console.log(`\n${totals.checked} checked, ${totals.failures} failed, ${refused} refused${codes && ` (${codes})`}`);
console.log(`${totals.imprecise} comparisons left out for loss of digits`);
if (values.directions) console.log(`${totals.curved} times second derivatives`);
process.exitCode = totals.failures > 0 ? 1 : 0;
