/** TypeScript as JavaScript, mapped to the text that it was first. */
import remapping from "@jridgewell/remapping";
import { ts } from "ts-morph";

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
      jsx: keepsJsx ? ts.JsxEmit.Preserve : ts.JsxEmit.ReactJSX,
      sourceMap: true,
      inlineSources: true,
    },
  });
  const code = outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
  const own = { ...JSON.parse(sourceMapText!), sources: [path] };
  if (!before) return { code, map: JSON.stringify(own) };
  return { code, map: remapping([own, before as never], () => null).toString() };
}
