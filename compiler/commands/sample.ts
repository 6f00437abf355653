import { UsageError } from "./output.js";

/** The arguments that `--at` gives. */
export function sampleOf(text: string): readonly unknown[] {
  try {
    const args: unknown = JSON.parse(text);
    if (Array.isArray(args)) return args;
  } catch {
    // Said below.
  }
  throw new UsageError(`--at takes a JSON array of arguments, not ${text}`);
}
