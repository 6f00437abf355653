/** The codes of all diagnostics, read from the compiler's sources. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const compilerFolder = join(dirname(fileURLToPath(import.meta.url)), "../../compiler");

const patterns = [
  /\b(?:refuse|fail)\(\s*[\w.!?()[\]]+?,\s*"(?<first>\w+)"/g,
  /\bcode: (?:\w+ \? )?"(?<first>\w+)"(?: : "(?<second>\w+)")?/g,
];

export function diagnosticCodes(): readonly string[] {
  const codes = new Set<string>();
  for (const entry of readdirSync(compilerFolder, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    const text = readFileSync(join(compilerFolder, entry), "utf8");
    for (const pattern of patterns)
      for (const { groups } of text.matchAll(pattern))
        for (const code of [groups!["first"], groups!["second"]]) if (code) codes.add(code);
  }
  return [...codes].sort();
}
