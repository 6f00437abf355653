/** The house's arrows (DESIGN section 4): who may import whom. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "ts-morph";
import { describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

interface Import {
  readonly specifier: string;
  /** Relative to the root, for files of ours. */
  readonly target: string | null;
  readonly isType: boolean;
  readonly names: readonly string[];
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

function sourcesOf(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((entry) => entry.endsWith(".ts"))
    .map((entry) => {
      const path = join(folder, entry);
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const add = (specifier: string, isType: boolean, names: readonly string[]): void => {
    const target = specifier.startsWith(".")
      ? relative(root, resolve(root, dirname(path), specifier.replace(/\.js$/, ".ts")))
      : null;
    found.push({ specifier, target, isType, names });
  };
  const visit = (node: ts.Node): void => {
    const isDeclaration = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isDeclaration && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = ts.isImportDeclaration(node) ? node.importClause : undefined;
      const bindings = clause?.namedBindings;
      const elements = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
      const names = [...elements].map((element) => (element.propertyName ?? element.name).text);
      const isType = ts.isImportDeclaration(node)
        ? (clause?.isTypeOnly ?? false) || (elements.length > 0 && [...elements].every((one) => one.isTypeOnly))
        : node.isTypeOnly;
      add(node.moduleSpecifier.text, isType, names);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
      add(node.argument.literal.text, true, []);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      add(argument && ts.isStringLiteral(argument) ? argument.text : "?", false, []);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const compiler = sourcesOf("compiler");
const runtime = sourcesOf("runtime");
/** The matcher for Vitest is an entry of its own. */
const runtimeAlone = runtime.filter(({ path }) => path !== "runtime/vitest.ts");

/** The numbered phase a file belongs to; null for the others. */
const phaseOf = (path: string): number | null => Number(/^compiler\/(\d)-/.exec(path)?.[1] ?? 0) || null;
const folderOf = (path: string): string => path.split("/")[1]!;

function violations(sources: readonly Source[], isAllowed: (source: Source, one: Import) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports.filter((one) => !isAllowed(source, one)).map((one) => `${source.path} imports ${one.specifier}`),
  );
}

describe("arrows", () => {
  test("a phase imports itself, earlier phases, ir, rules and what is shared; no later phase", () => {
    const shared = new Set(["ir", "rules", "diagnostics.ts", "options.ts", "requests.ts"]);
    const phases = compiler.filter(({ path }) => phaseOf(path) !== null);
    expect(
      violations(phases, ({ path }, { target }) => {
        if (target === null) return true;
        const other = phaseOf(target);
        // Only lowering reads packages.
        if (folderOf(target) === "packages") return phaseOf(path) === 2;
        return other === null ? shared.has(folderOf(target)) : other <= phaseOf(path)!;
      }),
    ).toEqual([]);
  });

  test("ir imports nothing outside of ir", () => {
    const ir = compiler.filter(({ path }) => folderOf(path) === "ir");
    expect(violations(ir, (_, { target }) => target !== null && folderOf(target) === "ir")).toEqual([]);
  });

  test("rules import ir, rules and diagnostics only", () => {
    const rules = compiler.filter(({ path }) => folderOf(path) === "rules");
    expect(
      violations(rules, ({ path }, { target, specifier }) =>
        target === null
          ? specifier === "ts-morph" && path === "compiler/rules/read.ts"
          : ["ir", "rules", "diagnostics.ts"].includes(folderOf(target)),
      ),
    ).toEqual([]);
  });

  test("the compiler never imports the runtime, nor the runtime the compiler", () => {
    expect(violations(compiler, (_, { target }) => target === null || target.startsWith("compiler/"))).toEqual([]);
    expect(violations(runtimeAlone, (_, { target }) => target?.startsWith("runtime/") ?? false)).toEqual([]);
  });

  test("ts-morph appears where syntax is read, and typescript nowhere", () => {
    const readers = new Set(
      ["rules/read", "index", "project", "javascript", "runtimeSource", "plugin/session", "plugin/stripTypes"].map(
        (name) => `compiler/${name}.ts`,
      ),
    );
    const mayRead = (path: string): boolean => phaseOf(path) === 1 || phaseOf(path) === 2 || readers.has(path);
    expect(violations(compiler, ({ path }, { specifier }) => specifier !== "ts-morph" || mayRead(path))).toEqual([]);
    expect(violations([...compiler, ...runtime], (_, { specifier }) => specifier !== "typescript")).toEqual([]);
  });

  test("the entry of the package that users run never loads the compiler's dependencies", () => {
    expect(violations(runtimeAlone, (_, { target }) => target !== null)).toEqual([]);
  });
});

describe("cycles", () => {
  const graph = new Map(
    [...compiler, ...runtime].map(({ path, imports }) => [
      path,
      imports.filter(({ isType, target }) => !isType && target !== null).map(({ target }) => target!),
    ]),
  );

  /** Files that reach each other, by Tarjan's algorithm. */
  function components(): readonly (readonly string[])[] {
    const index = new Map<string, number>();
    const low = new Map<string, number>();
    const stack: string[] = [];
    const found: string[][] = [];
    const visit = (path: string): void => {
      index.set(path, index.size);
      low.set(path, index.get(path)!);
      stack.push(path);
      for (const next of graph.get(path) ?? []) {
        if (!index.has(next)) visit(next);
        if (stack.includes(next)) low.set(path, Math.min(low.get(path)!, low.get(next)!));
      }
      if (low.get(path) !== index.get(path)) return;
      found.push(stack.splice(stack.indexOf(path)));
    };
    for (const path of graph.keys()) if (!index.has(path)) visit(path);
    return found.filter((component) => component.length > 1);
  }

  test("none between files, but for lowering, where syntax is recursive", () => {
    const others = components().filter((component) => !component.every((path) => phaseOf(path) === 2));
    expect(others).toEqual([]);
  });
});

describe("files", () => {
  test("every import of ours names a file that exists", () => {
    const known = new Set([...compiler, ...runtime].map(({ path }) => path));
    expect(violations([...compiler, ...runtime], (_, { target }) => target === null || known.has(target))).toEqual([]);
  });

  test("files of the phases open with a comment that says what they are for", () => {
    const bare = compiler
      .filter(({ path }) => phaseOf(path) !== null)
      .filter(({ text }) => !text.startsWith("/**") && !/^(import[^;]*;\s*)+\/\*\*/.test(text))
      .map(({ path }) => path);
    expect(bare).toEqual([]);
  });

  test("nothing is called utils, and no file is an enum or a default export", () => {
    const all = [...compiler, ...runtime];
    expect(all.filter(({ path }) => /util|helper|misc|common/i.test(path)).map(({ path }) => path)).toEqual([]);
    expect(all.filter(({ text }) => /^(export )?(const )?enum /m.test(text)).map(({ path }) => path)).toEqual([]);
    // Tools ask for plugins in that way.
    const others = all.filter(({ path }) => !path.startsWith("compiler/plugin/entries/"));
    expect(others.filter(({ text }) => /^export default /m.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
