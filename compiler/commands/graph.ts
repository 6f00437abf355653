/** `adjoint graph`: the computational graph as a drawing. */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { drawFile } from "../graph/drawFile.js";
import type { GraphFormat } from "../graph/formats.js";
import { refuseName } from "./explain.js";
import { type Output, printDiagnostics, UsageError } from "./output.js";
import { sampleOf } from "./sample.js";

export interface GraphFlags {
  readonly format: GraphFormat;
  readonly at?: string;
  readonly out?: string;
  readonly project?: string;
}

export async function graph(file: string, name: string, flags: GraphFlags, output: Output): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  const { text, result, problem } = await drawFile({
    file: resolve(file),
    function: name,
    project: flags.project && resolve(flags.project),
    format: flags.format,
    at: flags.at === undefined ? null : sampleOf(flags.at),
  });
  printDiagnostics(result.diagnostics, result, output);
  if (problem) output.error(`adjoint: there are no numbers at this point: ${problem}`);
  const isBad = result.diagnostics.some((one) => one.severity === "error");
  if (text === null) return isBad ? 1 : refuseName(name, file, result);
  if (flags.out === undefined) output.out(text.trimEnd());
  else writeFileSync(flags.out, text);
  return isBad || problem !== null ? 1 : 0;
}
