/** `adjoint graph`: the computational graph as a drawing. */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { drawFile } from "../graph/drawFile.js";
import type { GraphFormat } from "../graph/formats.js";
import { refuseName } from "./explain.js";
import { jsonVersion, type Output, placed, printDiagnostics, statusOf, UsageError } from "./output.js";
import { sampleOf } from "./sample.js";

export interface GraphFlags {
  readonly format: GraphFormat;
  readonly at?: string;
  readonly out?: string;
  readonly project?: string;
  readonly json?: boolean;
}

export async function graph(file: string, name: string, flags: GraphFlags, output: Output): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
  const {
    text,
    graph: data,
    result,
    problem,
  } = await drawFile({
    file: resolve(file),
    function: name,
    project: flags.project && resolve(flags.project),
    format: flags.format,
    at: flags.at === undefined ? null : sampleOf(flags.at),
  });
  if (flags.json) {
    if (flags.out !== undefined) throw new UsageError("--json prints the graph as data: it goes without --out");
    const diagnostics = result.diagnostics.map((one) => placed(one, result));
    output.out(JSON.stringify({ version: jsonVersion, graph: data, problem, diagnostics }, null, 2));
  } else printDiagnostics(result.diagnostics, result, output);
  if (problem) output.error(`adjoint: there are no numbers at this point: ${problem}`);
  if (text === null) {
    const status = statusOf(result.diagnostics);
    return status === 0 ? refuseName(name, file, result) : status;
  }
  const status = statusOf(result.diagnostics) || (problem === null ? 0 : 1);
  if (flags.json) return status;
  if (flags.out === undefined) output.out(text.trimEnd());
  else writeFileSync(flags.out, text);
  return status;
}
