/** Finds, reads and checks the config of a project. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createJiti } from "jiti";
import type { AdjointConfig } from "./config.js";

export interface LoadedConfig {
  readonly path: string;
  /** Of the config: paths are relative to it. */
  readonly folder: string;
  readonly config: AdjointConfig;
}

/** What is wrong with a config, in words for its author. */
export class ConfigError extends Error {
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = "ConfigError";
  }
}

/** The names that a config may have. */
export const configNames = ["ts", "mts", "js", "mjs", "json"].map((ending) => `adjoint.config.${ending}`);

/** How each setting is checked. */
const settings: Record<keyof AdjointConfig, { readonly is: (value: unknown) => boolean; readonly what: string }> = {
  files: {
    is: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
    what: "a list of globs",
  },
  outDir: { is: (value) => typeof value === "string", what: "a folder" },
  project: { is: (value) => typeof value === "string", what: "the path of a tsconfig" },
  selfContained: { is: (value) => typeof value === "boolean", what: "true or false" },
  strict: { is: (value) => typeof value === "boolean", what: "true or false" },
};

/** The config at `path`, or the nearest one in `from` or above it; null where there is none. */
export async function loadConfig(from: string, path?: string): Promise<LoadedConfig | null> {
  const found = path ?? findNearest(from);
  if (found === null) return null;
  if (!existsSync(found)) throw new ConfigError(found, "there is no such file.");
  const config = await read(found);
  if (typeof config !== "object" || config === null)
    throw new ConfigError(found, "it does not export an object: export default defineConfig({ … }).");
  for (const [name, value] of Object.entries(config)) {
    const setting = Object.hasOwn(settings, name) ? settings[name as keyof AdjointConfig] : undefined;
    if (!setting)
      throw new ConfigError(
        found,
        `there is no setting ${name}; the settings are ${Object.keys(settings).join(", ")}.`,
      );
    if (value !== undefined && !setting.is(value)) throw new ConfigError(found, `${name} is not ${setting.what}.`);
  }
  return { path: found, folder: dirname(found), config };
}

function findNearest(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
    if (dirname(folder) === folder) return null;
  }
}

async function read(path: string): Promise<unknown> {
  try {
    if (path.endsWith(".json")) return JSON.parse(readFileSync(path, "utf8"));
    return await createJiti(import.meta.url, { moduleCache: false }).import(path, { default: true });
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    throw new ConfigError(path, `it cannot be read: ${reason}`);
  }
}
