/** Which sources a folder has, by their names: a new one may extend a class, or hold a rule, that compiled modules depend on. */
import { readdirSync } from "node:fs";

const ofTools: ReadonlySet<string> = new Set(["node_modules", "dist", "build", "out", "coverage"]);

/** The names of its sources and of its folders; nothing where it is gone. */
export function listingOf(folder: string): string {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const counts = entries.filter((one) =>
      one.isDirectory() ? !one.name.startsWith(".") && !ofTools.has(one.name) : /\.[cm]?[jt]sx?$/.test(one.name),
    );
    return counts
      .map((one) => one.name)
      .sort()
      .join("\n");
  } catch {
    return "";
  }
}
