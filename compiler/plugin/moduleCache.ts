/** Compiled modules on disk, by the contents of all files that they depend on. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { listingOf } from "./folders.js";

export interface CachedModule {
  readonly code: string;
  readonly map: object;
  readonly markers: number;
  readonly dependencies: readonly string[];
  /** Folders of the project: a file more or less may concern the module. */
  readonly folders: readonly string[];
  /** Warnings, as they are reported. */
  readonly warnings: readonly string[];
}

interface Entry extends CachedModule {
  /** Of what the module was compiled from and with. */
  readonly key: string;
  /** Of the dependencies, in their order. */
  readonly contents: readonly string[];
  readonly listings: readonly string[];
}

export class ModuleCache {
  /** `folder`: null for no cache; `settings`: what else decides over the result. */
  constructor(
    private readonly folder: string | null,
    private readonly settings: object,
  ) {}

  read(path: string, code: string): CachedModule | null {
    const file = this.fileFor(path);
    if (!file || !existsSync(file)) return null;
    try {
      const entry = JSON.parse(readFileSync(file, "utf8")) as Entry;
      const isSame = entry.key === this.keyFor(path, code);
      const isCurrent =
        isSame &&
        entry.dependencies.every((one, k) => contentsOf(one) === entry.contents[k]) &&
        entry.folders.every((one, k) => hash(listingOf(one)) === entry.listings[k]);
      return isCurrent ? entry : null;
    } catch {
      // What cannot be read is compiled again.
      return null;
    }
  }

  write(path: string, code: string, compiled: CachedModule): void {
    const file = this.fileFor(path);
    if (!file) return;
    const entry: Entry = {
      ...compiled,
      key: this.keyFor(path, code),
      contents: compiled.dependencies.map(contentsOf),
      listings: compiled.folders.map((one) => hash(listingOf(one))),
    };
    const draft = `${file}.${process.pid}`;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(draft, JSON.stringify(entry));
      renameSync(draft, file);
    } catch {
      // A folder that cannot be written costs time only.
      rmSync(draft, { force: true });
    }
  }

  private fileFor(path: string): string | null {
    return this.folder && join(this.folder, `${hash(path)}.json`);
  }

  private keyFor(path: string, code: string): string {
    return hash(JSON.stringify([path, code, this.settings, compilerVersion()]));
  }
}

/** The folder for caches of the package that the program belongs to. */
export function cacheFolder(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules"))) return join(folder, "node_modules", ".cache", "adjoint");
    if (dirname(folder) === folder) return join(root, "node_modules", ".cache", "adjoint");
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function contentsOf(path: string): string {
  return existsSync(path) ? hash(readFileSync(path, "utf8")) : "";
}

let version: string | null = null;

/** Of the compiler as it is installed here. */
function compilerVersion(): string {
  if (version !== null) return version;
  const own = fileURLToPath(import.meta.url);
  return (version = `${own} ${statSync(own).mtimeMs}`);
}
