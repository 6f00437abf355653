/** Runs TypeScript files as CommonJS modules, with texts given for some of them. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ts } from "ts-morph";
import * as runtime from "../../runtime/generated.js";
import * as publicRuntime from "../../runtime/index.js";

export type Callable = (...args: unknown[]) => unknown;
export type Exports = Record<string, Callable>;

export interface ModuleOptions {
  /** Where a module lies that is not named by a relative path. */
  readonly resolveAlias?: (name: string) => string | null;
  /** Files that are not on the disk, by path. */
  readonly texts?: ReadonlyMap<string, string>;
}

export class Modules {
  private readonly loaded = new Map<string, Exports>();
  constructor(private readonly options: ModuleOptions = {}) {}

  /** Loads a file once; everything it declares at its top level is given back, exported or not. */
  load(path: string): Exports {
    const known = this.loaded.get(path);
    if (known) return known;
    const exports: Exports = {};
    this.loaded.set(path, exports);
    const text = this.options.texts?.get(path) ?? readFileSync(path, "utf8");
    const whole = path.endsWith(".json") ? dataModule(text) : this.run(path, text, exports);
    this.loaded.set(path, whole);
    return whole;
  }

  /** Runs a text as if it stood at `path`. */
  evaluate(path: string, text: string): Exports {
    return this.run(path, text, {});
  }

  /** Gives back what stands in the place of `exports` at the end: `export =` replaces it. */
  private run(path: string, text: string, exports: Exports): Exports {
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, strict: true },
    });
    const require = (name: string): object => {
      if (name === "adjoint/runtime") return runtime;
      if (name === "adjoint") return publicRuntime;
      return this.load(this.sourceOf(this.options.resolveAlias?.(name) ?? resolve(dirname(path), name)));
    };
    const names = [...text.matchAll(/^(?:function|const|let) (\w+)/gm)].map((match) => match[1]!);
    const private_ = names.map((name) => `exports.${name} ??= ${name};`).join("\n");
    const module = { exports };
    const code = `"use strict";\n${outputText}\n${private_}`;
    new Function("exports", "require", "module", code)(exports, require, module);
    return module.exports;
  }

  private sourceOf(path: string): string {
    const candidates = [path.replace(/\.js$/, ".ts"), `${path}.ts`, path];
    return candidates.find((candidate) => this.options.texts?.has(candidate) || existsSync(candidate)) ?? path;
  }
}

function dataModule(text: string): Exports {
  return { __esModule: true, default: JSON.parse(text) } as unknown as Exports;
}

/** What a request's function is at run time; of a method of instances a function that takes the instance first. */
export function primalOf(exports: Exports, name: string): Callable {
  const [owner, method] = name.split(".");
  if (method === undefined) return (exports[name] ?? exports["default"])!;
  const statics = exports[owner!] as unknown as Exports;
  return (
    statics[method] ??
    ((self, ...args) => {
      const members = self as Exports;
      return members[method]!(...args);
    })
  );
}
