/** A whole generated file: header, imports, what has to be restated, functions; formatted by prettier. */
import { basename, dirname, relative } from "node:path/posix";
import { format, resolveConfig } from "prettier";
import { formatted } from "./formatted.js";
import { runtimeTypeMark } from "../ir/gradientType.js";
import type { Binding, IrFunction, Span, Unit } from "../ir/ir.js";
import { replaceReferences } from "../ir/references.js";
import { visitStatements } from "../ir/walk.js";
import { nameBindings, type UsedBinding, usedBindings } from "./bindingNames.js";
import { emitFunction } from "./emitFunction.js";
import { importedNames } from "./runtimeNames.js";
import { fieldsText, interfaceText } from "./typeText.js";

export interface EmitFileInput {
  readonly unit: Unit;
  readonly functions: readonly IrFunction[];
  /** Functions that these call, by key. */
  readonly helpers: ReadonlyMap<string, IrFunction>;
  readonly sourcePath: string;
  readonly siblingPath: string;
  /** How the source file writes its relative imports. */
  readonly importSuffix: ".js" | ".ts" | "";
  readonly strictIndex: boolean;
  readonly sourceText: (file: string) => string | null;
  /** What must be said of code that comes from a file of a package; null for files of the project. */
  readonly noticeFor?: (file: string) => string | null;
  /** For files of JavaScript: the text without its types. */
  readonly toJavaScript?: ((text: string) => string) | null;
  /** The runtime as text in place of an import, under the names given; other names of the file are taken. */
  readonly runtimeText?: (names: ReadonlyMap<string, string>, taken: readonly string[]) => string;
}

export async function emitFile(input: EmitFileInput): Promise<string> {
  const { notices, imports, copies, body } = printParts(input);
  const lines = [headerFor(input.sourcePath, input.siblingPath), ...notices, ...imports, ""];
  const text = [...lines, ...copies.flatMap((copy) => [copy, ""])].join("\n") + `\n${body}`;
  const config = (await resolveConfig(input.siblingPath)) ?? {};
  // With the file's name at hand, prettier need not look for JSX, which takes long in long files.
  const options = { printWidth: 120, ...config, filepath: input.siblingPath };
  if (!input.toJavaScript) return formatted(text, { ...options, parser: "babel-ts" });
  const [header, rest] = [text.slice(0, text.indexOf("\n") + 1), text.slice(text.indexOf("\n") + 1)];
  return format(header + input.toJavaScript(rest), { ...options, parser: "babel" });
}

/** What generated code consists of, as text that nobody has formatted. */
export interface PrintedParts {
  readonly notices: readonly string[];
  readonly imports: readonly string[];
  /** Declarations of the user's that have to stand here once more. */
  readonly copies: readonly string[];
  /** The functions. */
  readonly body: string;
  /** What is imported of the project's own modules, but for types. */
  readonly imported: readonly Binding[];
}

export interface PrintOptions {
  /** Names that the file has already in which the code is to stand. */
  readonly others?: ReadonlySet<string>;
  /** The functions asked for are exported. */
  readonly isExporting?: boolean;
  /** Put behind a line that comes from a place in the source. */
  readonly mark?: (span: Span) => string;
}

export function printParts(
  input: EmitFileInput,
  { others = new Set(), isExporting = true, mark }: PrintOptions = {},
): PrintedParts {
  const unit = withFields(input.unit);
  const helpers = withFreeNames(input.helpers, others);
  const functions = [...input.functions, ...helpers.values()];
  const ownNames = functions.map((fn) => fn.name);
  const bindings = nameBindings(unit, functions, others);
  const named = [...bindings.values()];
  const runtime = importedNames(functions, [...named, ...ownNames, ...others]);
  const taken = [...named, ...ownNames, ...runtime.values()];
  const nameOf = (key: string): string => bindings.get(key)!;
  const texts = functions.map((fn) =>
    emitFunction(
      fn,
      {
        taken,
        calleeName: (key) => helpers.get(key)!.name,
        bindingName: nameOf,
        runtimeName: (name) => runtime.get(name)!,
        strictIndex: input.strictIndex,
        sourceText: (span) => span && (input.sourceText(span.file)?.slice(span.start, span.end) ?? null),
        mark,
      },
      { isPublic: input.functions.includes(fn), isExported: isExporting && input.functions.includes(fn) },
    ),
  );
  const types = declaredTypes(functions);
  const { text: body, imported: runtimeTypes } = nameRuntimeTypes([...texts, ...types].join("\n"), taken);
  const used = usedBindings(unit, functions, body).filter(({ binding }) => !binding.isOwn);
  const renamed = ([name, alias]: [string, string]): string => (name === alias ? name : `${name} as ${alias}`);
  const typeNames = [...runtimeTypes].map((one) => `type ${renamed(one)}`).sort();
  const imported = [...typeNames, ...[...runtime].map(renamed)];
  const own = input.runtimeText?.(new Map([...runtimeTypes, ...runtime]), [...taken, ...others]);
  const isImported = imported.length > 0 && own === undefined;
  const ofRuntime = isImported ? [`import { ${imported.join(", ")} } from "adjoint/runtime";`] : [];
  const copies = used
    .filter(({ binding }) => binding.exportedAs === null)
    .map(({ binding }) => binding.declarationText);
  const final = (text: string): string => replaceReferences(text, ({ key }) => nameOf(key));
  return {
    notices: notices(input, functions),
    imports: [...ofRuntime, ...importLines(input, used, nameOf)].map(final),
    copies: copies.map(final),
    body: final(own ? `${body}\n${own}` : body),
    imported: used
      .filter(({ binding, isType }) => !isType && binding.exportedAs !== null && binding.module === undefined)
      .map(({ binding }) => binding),
  };
}

/** Functions that others call may have the names of functions of the user's, which they stand beside. */
function withFreeNames(
  helpers: ReadonlyMap<string, IrFunction>,
  others: ReadonlySet<string>,
): ReadonlyMap<string, IrFunction> {
  const taken = new Set([...others, ...[...helpers.values()].map((fn) => fn.name)]);
  return new Map(
    [...helpers].map(([key, fn]): [string, IrFunction] => {
      if (!others.has(fn.name)) return [key, fn];
      let name = fn.name;
      for (let k = 2; taken.has(name); k++) name = `${fn.name}${k}`;
      taken.add(name);
      return [key, { ...fn, name }];
    }),
  );
}

/** The unit with the texts of the interfaces that stand in for classes. */
function withFields(unit: Unit): Unit {
  const written = [...unit.bindings].map(([key, binding]): [string, Binding] => [
    key,
    binding.declares ? { ...binding, declarationText: fieldsText(binding.declares) } : binding,
  ]);
  return { ...unit, bindings: new Map(written) };
}

/** Whose code of packages the functions contain. */
function notices({ noticeFor }: EmitFileInput, functions: readonly IrFunction[]): readonly string[] {
  const files = new Set<string>();
  for (const fn of functions)
    visitStatements(fn.body, ({ span }) => {
      if (span) files.add(span.file);
    });
  const found = new Set([...files].flatMap((file) => noticeFor?.(file) ?? []));
  return [...found].sort().map((notice) => `// ${notice}`);
}

/** Types of the runtime under the names by which the file imports them. */
function nameRuntimeTypes(
  text: string,
  taken: readonly string[],
): { readonly text: string; readonly imported: ReadonlyMap<string, string> } {
  const imported = new Map<string, string>();
  const named = text.replace(new RegExp(`${runtimeTypeMark}(\\w+)`, "g"), (_, name: string) => {
    let alias = name;
    for (let k = 2; taken.includes(alias); k++) alias = `${name}${k}`;
    imported.set(name, alias);
    return alias;
  });
  return { text: named, imported };
}

/** The first line of a generated file. */
export function headerFor(sourcePath: string, siblingPath: string): string {
  const path = relative(dirname(siblingPath), sourcePath);
  return `// Generated by adjoint from ${path.startsWith(".") ? path : `./${path}`}. Do not edit.`;
}

export function hasHeader(text: string): boolean {
  return /^\uFEFF?\/\/ Generated by adjoint from .*\. Do not edit\.\r?$/m.test(text.split("\n", 1)[0] ?? "");
}

/** Interfaces for the records that only generated functions hand to one another. */
function declaredTypes(functions: readonly IrFunction[]): readonly string[] {
  const declared = new Map<string, string>();
  for (const fn of functions)
    for (const { type } of [...fn.body.yields, ...fn.parameters.map(({ value }) => value)])
      if (type.kind === "record" && type.isDeclared) declared.set(type.name!, interfaceText(type));
  return [...declared.values()];
}

function importLines(
  input: EmitFileInput,
  used: readonly UsedBinding[],
  nameOf: (key: string) => string,
): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { key, binding, isType } of used) {
    const { exportedAs } = binding;
    if (exportedAs === null) continue;
    const where = `"${binding.module ?? specifier(input, binding.file)}"`;
    const from = binding.attributes ? `${where} ${binding.attributes}` : where;
    const keyword = isType ? "import type" : "import";
    const name = nameOf(key);
    // A namespace stands alone.
    const group = exportedAs === "*" ? `${keyword} * as ${name} from ${from};` : `${keyword}|${from}`;
    groups.set(group, [...(groups.get(group) ?? []), exportedAs === name ? name : `${exportedAs} as ${name}`]);
  }
  return [...groups].map(([group, names]) => {
    const [keyword, from] = group.split("|");
    return from === undefined ? group : `${keyword} { ${names.sort().join(", ")} } from ${from};`;
  });
}

function specifier(input: EmitFileInput, file: string): string {
  const folder = relative(dirname(input.siblingPath), dirname(file)) || ".";
  const stem = basename(file).replace(/\.[cm]?[jt]sx?$/, "");
  const kind = /\.([cm]?)[jt]sx?$/.exec(file)?.[1] ?? "";
  if (!kind && stem === basename(file)) return `${folder.startsWith(".") ? folder : `./${folder}`}/${stem}`;
  const suffix =
    input.importSuffix === ".ts"
      ? basename(file).slice(stem.length)
      : input.importSuffix === ".js" || kind
        ? `.${kind}js`
        : "";
  return `${folder.startsWith(".") ? folder : `./${folder}`}/${stem}${suffix}`;
}
