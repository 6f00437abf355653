/** Makes the adjoint of a problem with the compiler of this tree, and loads it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFiles } from "../compiler/index.js";
import type { Derivative, Problem } from "./catalogue.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A function that was generated, by its name. */
export type Generated = (name: string) => (...args: readonly unknown[]) => unknown;

/** What is generated for a file of problems, or why the compiler refused. */
export async function generateFile(file: string): Promise<Generated | string> {
  const { files, diagnostics } = await compileFiles({
    files: [here(`problems/${file}.ts`)],
    project: here("../tsconfig.json"),
    outDir: here("generated"),
  });
  const [compiled] = files;
  if (!compiled?.text) return `refused: ${diagnostics.map(({ code, message }) => `${code}: ${message}`).join(" ")}`;
  mkdirSync(dirname(compiled.sibling), { recursive: true });
  writeFileSync(compiled.sibling, compiled.text);
  const module = (await import(pathToFileURL(compiled.sibling).href)) as Record<string, ReturnType<Generated>>;
  return (name) => {
    const found = module[name];
    if (!found) throw new Error(`generated no ${name}`);
    return found;
  };
}

/** The generated adjoint of a problem, or why the compiler refused. */
export async function generate({ name }: Problem): Promise<Derivative | string> {
  const generated = await generateFile(name);
  if (typeof generated === "string") return generated;
  return generated(`valueAndGrad${name[0]!.toUpperCase()}${name.slice(1)}`) as Derivative;
}
