/**
 * `compileFiles` for projects of many files: those with tags are shared out among threads, each with a project of its own,
 * in which all other files stand beside.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { findConfig } from "./findConfig.js";
import { compileFiles, type CompiledFile, type CompileResult } from "./index.js";
import type { CompileOptions } from "./options.js";
import { configuredFiles, readText, withoutRepeats } from "./project.js";
import { isSibling } from "./siblings.js";

/** Fewer files are compiled before another thread has loaded the compiler. */
const filesPerThread = 60;

export interface ManyOptions extends CompileOptions {
  /** How many of the files with tags are done. */
  readonly onProgress?: (done: number, all: number) => void;
  /** At most so many threads; as many as there are processors when absent. */
  readonly threads?: number;
}

export async function compileMany({ onProgress, threads, ...options }: ManyOptions): Promise<CompileResult> {
  const given = options.files?.map((file) => resolve(file));
  const configPath = options.project ?? findConfig(process.cwd());
  const all = given ?? (configPath === undefined ? [] : configuredFiles(configPath));
  const tagged = all.filter((file) => !isSibling(file) && readText(file).includes("@differentiable"));
  const count = Math.min(threads ?? availableParallelism(), Math.floor(tagged.length / filesPerThread));
  const hears = options.onPass ?? options.onFunction ?? options.onLowered;
  let done = 0;
  const onFile = (): void => onProgress?.(++done, tagged.length);
  // A thread is handed data, and runs what was built.
  if (count < 2 || hears || import.meta.url.endsWith(".ts")) return compileFiles({ ...options, onFile });
  const shares = Array.from({ length: count }, (_, k) => tagged.filter((_, n) => n % count === k));
  const beside = given ? undefined : all;
  const results = await Promise.all(shares.map((files) => runApart({ ...options, files, beside }, onFile)));
  const order = new Map(all.map((file, k) => [file, k]));
  const placeOf = ({ source }: CompiledFile): number => order.get(source) ?? all.length;
  return {
    files: results.flatMap((result) => result.files).sort((a, b) => placeOf(a) - placeOf(b)),
    diagnostics: withoutRepeats(results.flatMap((result) => result.diagnostics)),
    sources: all.filter((file) => !isSibling(file) && !/\.d\.[cm]?ts$/.test(file)),
    siblings: given ? [] : all.filter(isSibling),
    readSource: readText,
  };
}

export type ThreadResult = Omit<CompileResult, "readSource">;

/** What a thread says. */
export type ThreadMessage =
  | { readonly kind: "file" }
  | { readonly kind: "result"; readonly result: ThreadResult }
  | { readonly kind: "failure"; readonly error: unknown };

function runApart(options: CompileOptions, onFile: () => void): Promise<ThreadResult> {
  return new Promise((settle, fail) => {
    const worker = new Worker(new URL("./compileThread.js", import.meta.url), { workerData: options });
    worker.on("message", (message: ThreadMessage) => {
      if (message.kind === "file") onFile();
      else if (message.kind === "result") settle(message.result);
      else fail(message.error);
    });
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`a thread of the compiler ended with ${code}`)));
  });
}
