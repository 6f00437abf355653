import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest tsconfig.json in a folder or above it. */
export function findConfig(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "tsconfig.json");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
