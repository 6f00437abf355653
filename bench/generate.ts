/** Makes the adjoint of a problem with the compiler of this tree, and loads it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFiles } from "../compiler/index.js";
import type { Derivative, Problem } from "./catalogue.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The generated adjoint, or why the compiler refused. */
export async function generate({ name }: Problem): Promise<Derivative | string> {
  const { files, diagnostics } = await compileFiles({
    files: [here(`problems/${name}.ts`)],
    project: here("../tsconfig.json"),
    outDir: here("generated"),
  });
  const [file] = files;
  if (!file?.text) return `refused: ${diagnostics.map(({ code, message }) => `${code}: ${message}`).join(" ")}`;
  mkdirSync(dirname(file.sibling), { recursive: true });
  writeFileSync(file.sibling, file.text);
  const module = (await import(pathToFileURL(file.sibling).href)) as Record<string, Derivative>;
  const exported = `valueAndGrad${name[0]!.toUpperCase()}${name.slice(1)}`;
  const derivative = module[exported];
  if (!derivative) throw new Error(`generated no ${exported}`);
  return derivative;
}
