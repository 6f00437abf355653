/**
 * Installed packages, loaded as the program that uses them loads them. Their functions are found by what the loaded
 * modules export, so that it does not matter how a package builds its exports.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { moduleResolve } from "import-meta-resolve";

/** Thrown where a module must be loaded first; loading takes time, and lowering does not wait. */
export class ModuleNeeded extends Error {
  constructor(
    readonly specifier: string,
    readonly from: string,
  ) {
    super(`The module ${specifier} must be loaded.`);
  }
}

/** The modules that the functions of a file need, one for each function at most. */
export class ModulesNeeded extends Error {
  constructor(readonly modules: readonly ModuleNeeded[]) {
    super(`Modules must be loaded: ${modules.map(({ specifier }) => specifier).join(", ")}.`);
  }
}

export type Loaded = { readonly exports: unknown } | { readonly failure: string };

/** The modules that a run of the compiler has loaded. */
export class LoadedPackages {
  private readonly modules = new Map<string, Loaded>();

  /** What a module exports. Throws `ModuleNeeded` where it has not been loaded yet. */
  get(specifier: string, from: string): Loaded {
    const loaded = this.modules.get(keyOf(specifier, from));
    if (!loaded) throw new ModuleNeeded(specifier, from);
    return loaded;
  }

  async load({ specifier, from }: ModuleNeeded): Promise<void> {
    this.modules.set(keyOf(specifier, from), await loadModule(specifier, from));
  }
}

function keyOf(specifier: string, from: string): string {
  return `${specifier} from ${dirname(from)}`;
}

async function loadModule(specifier: string, from: string): Promise<Loaded> {
  try {
    const url = moduleResolve(specifier, pathToFileURL(from), new Set(["node", "import"]));
    return { exports: await import(url.href) };
  } catch (error) {
    try {
      // Packages made for bundlers: their ES modules import without extensions, which only `require` resolves.
      return { exports: createRequire(from)(specifier) as unknown };
    } catch {
      return { failure: reasonOf(error) };
    }
  }
}

/** The line that says whose code is in a generated file; null for a file of no package. */
export function noticeFor(file: string): string | null {
  if (!/[\\/]node_modules[\\/]/.test(file)) return null;
  const found = packageOf(file);
  if (!found) return null;
  const { name, version, license, copyright } = found;
  return [`Contains code of ${name} ${version} (${license}).`, ...copyright].join(" ");
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test((error as { code?: string }).code ?? "");
  return isMissing ? "it, or a module that it imports, is not found" : error.message.split("\n")[0]!.replace(/\.$/, "");
}

interface PackageNotice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The lines of the licence that name the authors. */
  readonly copyright: readonly string[];
}

function packageOf(file: string): PackageNotice | null {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) continue;
    const { name, version, license } = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown>;
    if (typeof name !== "string" || typeof version !== "string") continue;
    return { name, version, license: licenseText(license), copyright: copyrightIn(folder) };
  }
  return null;
}

function licenseText(license: unknown): string {
  if (typeof license === "string") return license;
  const { type } = (license ?? {}) as { type?: unknown };
  return typeof type === "string" ? type : "unknown licence";
}

function copyrightIn(folder: string): readonly string[] {
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license", "license.md"]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) return [];
  return readFileSync(file, "utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^copyright\b.*\d/i.test(line));
}
