/** Generates the derivatives of all evals: `npx tsx bench/gradbench/generate.ts`. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileFiles } from "../../compiler/index.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function generate(): Promise<void> {
  const evals = here("evals");
  const { files, diagnostics } = await compileFiles({
    files: readdirSync(evals).map((name) => join(evals, name)),
    project: here("../../tsconfig.json"),
    outDir: here("../generated"),
    // The tool runs in the tree of the compiler, whether or not that is built.
    selfContained: true,
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  for (const { sibling, text } of files) {
    mkdirSync(dirname(sibling), { recursive: true });
    writeFileSync(sibling, text!);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
