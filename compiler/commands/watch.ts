/** `adjoint generate --watch`: once, and again whenever a source has changed. */
import { relative } from "node:path";
import { watch as watchFiles } from "chokidar";
import { isSibling } from "../siblings.js";
import { generate, type GenerateFlags } from "./generate.js";
import { type Output, UsageError } from "./output.js";

/** Changes that come together are one. */
const pause = 50;

/** Ends when `signal` says so; the status is that of the last run. */
export async function watch(
  globs: readonly string[],
  flags: GenerateFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  if (flags.check || flags.json || flags.stopAfter !== undefined)
    throw new UsageError("--watch writes files: it goes with neither --check, --json nor --stop-after");
  const isSource = (path: string): boolean => /\.(?:[cm]?[jt]sx?|json)$/.test(path) && !isSibling(path);
  const isElsewhere = (path: string): boolean => /(?:^|[\\/])(?:node_modules|\.git)(?:$|[\\/])/.test(path);
  const watcher = watchFiles(".", {
    ignored: (path, stats) => isElsewhere(path) || (stats?.isFile() === true && !isSource(path)),
    ignoreInitial: true,
  });
  await new Promise<void>((ready) => void watcher.once("ready", () => ready()));
  let status = await generate(globs, flags, output);
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const changed = new Set<string>();
  const again = async (): Promise<void> => {
    const paths = [...changed].sort();
    changed.clear();
    output.out(`\n${paths.join(", ")} changed`);
    status = await generate(globs, flags, output);
    output.out("watching");
  };
  watcher.on("all", (_, path) => {
    changed.add(relative(process.cwd(), path) || path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(again).catch((error: unknown) => output.error(`adjoint: ${String(error)}`));
    }, pause);
  });
  output.out("watching");
  await new Promise<void>((stop) => {
    if (signal.aborted) stop();
    signal.addEventListener("abort", () => stop(), { once: true });
  });
  clearTimeout(timer);
  await running;
  await watcher.close();
  return status;
}
