/** TypeScript as JavaScript, mapped to the text that it was first. */
import { dirname } from "node:path";
import remapping from "@jridgewell/remapping";
import { ts } from "ts-morph";
import { findConfig } from "../findConfig.js";

export interface Stripped {
  readonly code: string;
  /** As JSON. */
  readonly map: string;
}

/** `before`: the map of the text itself, to what it was made from. `keepsJsx`: for whoever comes next. */
export function stripTypes(
  path: string,
  text: string,
  before: object | null,
  { keepsJsx }: { readonly keepsJsx: boolean },
): Stripped {
  const { outputText, sourceMapText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: path.endsWith(".cts") ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
      ...(keepsJsx ? { jsx: ts.JsxEmit.Preserve } : jsxOptions(path)),
      sourceMap: true,
      inlineSources: true,
    },
  });
  const code = outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
  const own = { ...JSON.parse(sourceMapText!), sources: [path] };
  if (!before) return { code, map: JSON.stringify(own) };
  return { code, map: remapping([own, before as never], () => null).toString() };
}

/** How the project writes elements; with the runtime of React where it does not say. */
function jsxOptions(path: string): ts.CompilerOptions {
  const config = /x$/.test(path) ? findConfig(dirname(path)) : undefined;
  const read = config ? (ts.readConfigFile(config, ts.sys.readFile).config as unknown) : null;
  const all = (read as { compilerOptions?: Record<string, unknown> } | null)?.compilerOptions ?? {};
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith("jsx")));
  const { options } = ts.convertCompilerOptionsFromJson(own, dirname(path));
  const isLeft = options.jsx === undefined || options.jsx === ts.JsxEmit.Preserve;
  return isLeft ? { ...options, jsx: ts.JsxEmit.ReactJSX } : options;
}
