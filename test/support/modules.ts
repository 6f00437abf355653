/** Runs TypeScript files as CommonJS modules, with texts given for some of them. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ts } from "ts-morph";
import * as runtime from "../../runtime/generated.js";
import * as publicRuntime from "../../runtime/index.js";

export type Callable = (...args: unknown[]) => unknown;
export type Exports = Record<string, Callable>;

export class Modules {
  private readonly loaded = new Map<string, Exports>();

  /** Loads a file once; everything it declares at its top level is given back, exported or not. */
  load(path: string): Exports {
    const known = this.loaded.get(path);
    if (known) return known;
    const exports: Exports = {};
    this.loaded.set(path, exports);
    this.run(path, readFileSync(path, "utf8"), exports);
    return exports;
  }

  /** Runs a text as if it stood at `path`. */
  evaluate(path: string, text: string): Exports {
    const exports: Exports = {};
    this.run(path, text, exports);
    return exports;
  }

  private run(path: string, text: string, exports: Exports): void {
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, strict: true },
    });
    const require = (name: string): object => {
      if (name === "adjoint/runtime") return runtime;
      if (name === "adjoint") return publicRuntime;
      return this.load(sourceOf(resolve(dirname(path), name)));
    };
    const names = [...text.matchAll(/^(?:function|const|let) (\w+)/gm)].map((match) => match[1]!);
    const private_ = names.map((name) => `exports.${name} ??= ${name};`).join("\n");
    new Function("exports", "require", `"use strict";\n${outputText}\n${private_}`)(exports, require);
  }
}

function sourceOf(path: string): string {
  const candidates = [path.replace(/\.js$/, ".ts"), `${path}.ts`, path];
  return candidates.find((candidate) => existsSync(candidate)) ?? path;
}
