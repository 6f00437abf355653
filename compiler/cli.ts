#!/usr/bin/env node
/** The command line: `adjoint generate`, `explain`, `graph`, `init`, `doctor`. Exit status 0 done, 1 diagnostics or stale, 2 usage, 3 ours. */
import { existsSync, readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { debug, explain, type ExplainFlags } from "./commands/explain.js";
import { doctor } from "./commands/doctor.js";
import { generate, type GenerateFlags } from "./commands/generate.js";
import { graph, type GraphFlags } from "./commands/graph.js";
import { init } from "./commands/init.js";
import { type Output, progressOn, UsageError } from "./commands/output.js";
import { watch } from "./commands/watch.js";
import { UnfittingArgument } from "./debug/arguments.js";
import { ConfigError } from "./loadConfig.js";
import { graphFormats } from "./graph/formats.js";

/** Both give the same numbers; the first is for those who doubt it. */
function keepOption(): Option {
  const text = "what the reverse sweep reads is kept, all of it, or as little as pays";
  return new Option("--keep <what>", text).choices(["all", "minimal"]);
}

/** Runs the command line; gives back the exit status. What goes on until it is stopped ends with `signal`. */
export async function main(
  args: readonly string[],
  output: Output,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  let status = 0;
  const program = new Command("adjoint")
    .description("Source-to-source automatic differentiation for TypeScript.")
    .version(ownVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.error(text.trimEnd()),
    });
  program
    .command("generate [globs...]")
    .description("write a .adjoint.ts beside every file with @differentiable functions")
    .option("--check", "write nothing; fail when a generated file is stale, missing or orphaned")
    .option("--out-dir <folder>", "folder for generated files")
    .option("--watch", "go on, and generate again when a source has changed")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .option("--config <file>", "the adjoint.config.ts to use; the nearest one otherwise")
    .option("--self-contained", "write the runtime's functions into the generated files, which then import nothing")
    .option("--json", "print one JSON object")
    .option("--strict", "treat warnings as errors")
    .addOption(keepOption())
    .option("--print-passes [pass]", "print the intermediate representation after every pass, or one")
    .option("--stop-after <pass>", "stop after a pass and write nothing")
    .action(async (globs: string[], { watch: isWatching, ...flags }: GenerateFlags & { readonly watch?: boolean }) => {
      status = await (isWatching ? watch(globs, flags, output, signal) : generate(globs, flags, output));
    });
  program
    .command("explain <file> [function]")
    .description("say what is active, and what is kept and why")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .option("--json", "print one JSON object")
    .addOption(keepOption())
    .option("--debug", "compare the adjoint with the tangent, statement by statement, and find where NaN arises")
    .option("--at <arguments>", "a JSON array of arguments, for --debug")
    .action(async (file: string, name: string | undefined, flags: ExplainFlags) => {
      status = flags.debug ? await debug(file, name, flags, output) : await explain(file, name, flags, output);
    });
  program
    .command("graph <file> <function>")
    .description("draw the computational graph of a function and its adjoint")
    .addOption(new Option("--format <format>", "how").choices(graphFormats).default("mermaid"))
    .option("--at <arguments>", "a JSON array of arguments: shows numbers")
    .option("--out <file>", "write it there instead of printing it")
    .option("--json", "print one JSON object: nodes, boxes and edges")
    .option("--project <tsconfig>", "the tsconfig.json to use")
    .action(async (file: string, name: string, flags: GraphFlags) => {
      status = await graph(file, name, flags, output);
    });
  program
    .command("init")
    .description("write a config and a first example")
    .option("--json", "print one JSON object")
    .action((flags: { readonly json?: boolean }) => {
      status = init(flags, output);
    });
  program
    .command("doctor")
    .description("say which tools are found, whether the plugin is active, what is wrong and how to mend it")
    .option("--json", "print one JSON object")
    .action(async (flags: { readonly json?: boolean }) => {
      status = await doctor(flags, ownVersion(), output);
    });
  try {
    await program.parseAsync(["node", "adjoint", ...args]);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof UnfittingArgument || error instanceof ConfigError) {
      output.error(`adjoint: ${error.message}`);
      return 2;
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (isFileProblem(error)) {
      output.error(`adjoint: ${reason}`);
      return 1;
    }
    output.error(`adjoint: internal error, please report it with the source: ${reason.split("\n")[0]}`);
    if (process.env["ADJOINT_DEBUG"]) output.error(String((error as Error).stack));
    return 3;
  }
}

/** The file system said no: nothing of ours is wrong. */
function isFileProblem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function ownVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const url = new URL(path, import.meta.url);
    if (existsSync(url)) return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
  }
  return "0";
}

const isMain = process.argv[1] !== undefined && /cli\.[jt]s$|adjoint$/.test(process.argv[1]);
if (isMain) {
  // Whoever reads may stop reading.
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  const colour = process.env["NO_COLOR"] === undefined && process.stderr.isTTY === true;
  const stopped = new AbortController();
  // What is being written is written before.
  process.once("SIGINT", () => (process.argv.includes("--watch") ? stopped.abort() : process.exit(130)));
  const output: Output = {
    out: (text) => process.stdout.write(`${text}\n`),
    error: (text) => process.stderr.write(`${text}\n`),
    colour,
    progress: () => progressOn(process.stderr),
  };
  process.exitCode = await main(process.argv.slice(2), output, stopped.signal);
}
