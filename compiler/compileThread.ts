/** One thread of `compileMany`: compiles its share, and says so file by file. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadMessage } from "./compileMany.js";
import { compileFiles } from "./index.js";
import type { CompileOptions } from "./options.js";

const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

try {
  const options = workerData as CompileOptions;
  const { readSource: _, ...result } = await compileFiles({ ...options, onFile: () => say({ kind: "file" }) });
  say({ kind: "result", result });
} catch (error) {
  say({ kind: "failure", error });
}
