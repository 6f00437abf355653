/** Module hooks of Node: markers are replaced, and types stripped where nobody else does it. */
import { readFile } from "node:fs/promises";
import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { ModuleCompiler, moduleFilter, type Transformed } from "./compileModule.js";

const compiler = new ModuleCompiler();

export const load: LoadHook = async (url, context, nextLoad) => {
  const path = url.startsWith("file:") ? fileURLToPath(url.replace(/[?#].*$/, "")) : "";
  if (!moduleFilter.include.test(path) || moduleFilter.exclude.some((one) => one.test(path)))
    return nextLoad(url, context);
  const code = await readFile(path, "utf8");
  const result = await compiler.transform(code, path);
  for (const warning of result.warnings) process.stderr.write(`${warning}\n\n`);
  if (result.error) throw asError(result.error.message);
  if (result.code === null) {
    try {
      return await nextLoad(url, context);
    } catch (error) {
      // Node before 22.18 knows no TypeScript.
      if (!isTypeScript(path) || (error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    }
  }
  const source = await asJavaScript(path, code, result);
  return { format: /\.c[jt]s$/.test(path) ? "commonjs" : "module", source, shortCircuit: true };
};

function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path);
}

/** What the compiler says is enough: its own stack is of no use to the reader. */
function asError(message: string): Error {
  const error = new Error(`\n${message}`);
  error.name = "AdjointError";
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

async function asJavaScript(path: string, original: string, { code, map }: Transformed): Promise<string> {
  const text = code ?? original;
  if (!isTypeScript(path)) return map ? withMap(text, JSON.stringify(map)) : text;
  const { stripTypes } = await import("./stripTypes.js");
  const stripped = stripTypes(path, text, map, { keepsJsx: false });
  return withMap(stripped.code, stripped.map);
}

function withMap(code: string, map: string): string {
  const encoded = Buffer.from(map).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}`;
}
