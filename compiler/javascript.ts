/** What is generated for a file of JavaScript: the same text without its types, as a module of the file's own kind. */
import { Node, type SourceFile, ts } from "ts-morph";

/** Stands in for an empty line, which the printer of TypeScript would leave out. */
const emptyLine = "//~";

/** How a text of TypeScript is written for this file; null where it stays as it is. */
export function toJavaScriptFor(source: SourceFile): ((text: string) => string) | null {
  const path = source.getFilePath();
  if (!/\.[cm]?jsx?$/.test(path)) return null;
  const isCommon = path.endsWith(".cjs") || (!path.endsWith(".mjs") && isCommonJs(source));
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    alwaysStrict: false,
    module: isCommon ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
  };
  return (text) => {
    const marked = text.replace(/\n(?=\n)/g, `\n${emptyLine}`);
    const { outputText } = ts.transpileModule(marked, { compilerOptions, fileName: "generated.ts" });
    return outputText.replaceAll(new RegExp(`^[ \\t]*${emptyLine}$`, "gm"), "");
  };
}

function isCommonJs(source: SourceFile): boolean {
  const isModule = source.getStatements().some((statement) => {
    if (Node.isImportDeclaration(statement) || Node.isExportDeclaration(statement)) return true;
    return Node.isExportAssignment(statement) || (Node.isExportable(statement) && statement.hasExportKeyword());
  });
  return !isModule && /\b(module\.)?exports\b/.test(source.getFullText());
}
