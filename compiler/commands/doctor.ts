/** `adjoint doctor`: what is installed, which tools are found, whether the plugin is active, what is wrong, how to mend it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { globSync } from "tinyglobby";
import { findConfig } from "../findConfig.js";
import { loadConfig } from "../loadConfig.js";
import { mayHaveMarkers } from "../plugin/markerText.js";
import { openProject } from "../project.js";
import { isSibling } from "../siblings.js";
import { jsonVersion, type Output } from "./output.js";

interface Finding {
  readonly status: "ok" | "note" | "problem";
  readonly what: string;
  /** How to mend it, or what else can be done. */
  readonly advice?: string;
}

interface Tool {
  readonly name: string;
  /** Packages that show that the project uses it. */
  readonly packages: readonly string[];
  /** Where it is configured. */
  readonly configs: readonly string[];
  /** The package entry. */
  readonly entry: string;
}

const scripts = ["js", "mjs", "cjs", "ts", "mts"];
const configsOf = (name: string): readonly string[] => scripts.map((ending) => `${name}.config.${ending}`);

const tools: readonly Tool[] = [
  { name: "Vite", packages: ["vite"], configs: configsOf("vite"), entry: "adjoint/vite" },
  {
    name: "Vitest",
    packages: ["vitest"],
    configs: [...configsOf("vitest"), ...configsOf("vite")],
    entry: "adjoint/vite",
  },
  { name: "Rollup", packages: ["rollup"], configs: configsOf("rollup"), entry: "adjoint/rollup" },
  { name: "Rolldown", packages: ["rolldown"], configs: configsOf("rolldown"), entry: "adjoint/rolldown" },
  { name: "webpack", packages: ["webpack"], configs: configsOf("webpack"), entry: "adjoint/webpack" },
  { name: "Rspack", packages: ["@rspack/core"], configs: configsOf("rspack"), entry: "adjoint/rspack" },
  { name: "esbuild", packages: ["esbuild"], configs: ["*.{js,mjs,cjs,ts,mts}", "scripts/*"], entry: "adjoint/esbuild" },
  {
    name: "Bun",
    packages: ["bun", "bun-types", "@types/bun"],
    configs: ["*.{js,mjs,ts,mts}", "scripts/*"],
    entry: "adjoint/bun",
  },
  { name: "Farm", packages: ["@farmfe/core"], configs: configsOf("farm"), entry: "adjoint/farm" },
];

export async function doctor(flags: { readonly json?: boolean }, version: string, output: Output): Promise<number> {
  const manifest = readManifest();
  const found = [...installation(version, manifest), ...(await projectFindings()), ...pluginFindings(manifest)];
  if (flags.json) output.out(JSON.stringify({ version: jsonVersion, findings: found }, null, 2));
  else
    for (const { status, what, advice } of found)
      output.out(
        `${{ ok: "ok     ", note: "note   ", problem: "PROBLEM" }[status]}  ${what}${advice ? `\n         ${advice}` : ""}`,
      );
  return found.some(({ status }) => status === "problem") ? 1 : 0;
}

interface Manifest {
  readonly path: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: readonly string[];
}

function readManifest(): Manifest | null {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (existsSync(path)) {
      const read = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, string> | undefined>;
      const dependencies = { ...read["dependencies"], ...read["devDependencies"], ...read["peerDependencies"] };
      return { path, dependencies, scripts: Object.values(read["scripts"] ?? {}) };
    }
    if (dirname(folder) === folder) return null;
  }
}

function installation(version: string, manifest: Manifest | null): readonly Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  return [
    { status: "ok", what: `adjoint ${version}` },
    isNew
      ? { status: "ok", what: `Node ${process.versions.node}` }
      : { status: "problem", what: `Node ${process.versions.node}`, advice: "Install Node 20.19 or later." },
    !manifest
      ? { status: "note", what: "no package.json here or above", advice: "Run npm init, then npm install adjoint." }
      : "adjoint" in manifest.dependencies
        ? { status: "ok", what: "adjoint is a dependency of the project" }
        : {
            status: "problem",
            what: "adjoint is not in package.json",
            advice: "Install it in the project: generated code and markers import it.",
          },
  ];
}

async function projectFindings(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const tsconfig = findConfig(process.cwd());
  if (tsconfig === undefined)
    findings.push({
      status: "note",
      what: "no tsconfig.json here or above",
      advice: "Files are read as strict TypeScript for a bundler; name them for generate.",
    });
  else {
    const opened = openProject(tsconfig);
    findings.push(
      "code" in opened
        ? { status: "problem", what: `${tsconfig} cannot be read: ${opened.message}`, advice: opened.suggestion }
        : { status: "ok", what: tsconfig },
    );
  }
  try {
    const config = await loadConfig(process.cwd());
    findings.push(
      config
        ? { status: "ok", what: config.path }
        : { status: "note", what: "no adjoint.config", advice: "None is needed; adjoint init writes one." },
    );
  } catch (error) {
    findings.push({ status: "problem", what: (error as Error).message });
  }
  return findings;
}

function pluginFindings(manifest: Manifest | null): readonly Finding[] {
  const sources = globSync(["**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}"], { ignore: ["**/node_modules/**", "**/dist/**"] });
  const texts = sources.filter((path) => !isSibling(path)).map((path) => [path, readFileSync(path, "utf8")] as const);
  const annotated = texts.filter(([, text]) => text.includes("@differentiable")).length;
  const marked = texts.filter(([, text]) => mayHaveMarkers(text) && hasMarkerImport(text)).map(([path]) => path);
  const present = tools.filter(({ packages }) => packages.some((name) => name in (manifest?.dependencies ?? {})));
  const isActive = ({ configs, entry }: Tool): boolean =>
    globSync([...configs], { ignore: ["**/node_modules/**"] }).some((path) =>
      readFileSync(path, "utf8").includes(entry),
    );
  const isRegistered = manifest?.scripts.some((script) => script.includes("adjoint/register")) ?? false;
  const findings: Finding[] = present.map((tool) =>
    isActive(tool)
      ? { status: "ok", what: `${tool.name} has the plugin` }
      : {
          status: "note",
          what: `${tool.name} is found, without the plugin`,
          advice: `import adjoint from "${tool.entry}", and add adjoint() to its plugins, for markers in code.`,
        },
  );
  if (isRegistered) findings.push({ status: "ok", what: "a script registers adjoint with Node" });
  const isAny = isRegistered || present.some(isActive);
  if (marked.length > 0)
    findings.push(
      isAny
        ? { status: "ok", what: `${marked.length} modules with markers` }
        : {
            status: "problem",
            what: `${marked.length} modules with markers (${marked[0]!}), and no plugin that replaces them`,
            advice: present[0]
              ? `Add the plugin to ${present[0].name}, as above, or run node --import adjoint/register.`
              : "Run node --import adjoint/register, or see docs/tools.md for bundlers.",
          },
    );
  if (annotated > 0)
    findings.push({
      status: "ok",
      what: `${annotated} files with annotated functions`,
      advice: "adjoint generate --check says whether what was generated from them is current.",
    });
  return findings;
}

function hasMarkerImport(text: string): boolean {
  const verbs = "grad|valueAndGrad|vjp|jvp|jacobian|hessian|hvp";
  return new RegExp(
    `import\\s*(?:\\{[^}]*\\b(?:${verbs})\\b[^}]*\\}|\\*\\s*as\\s+\\w+)\\s*from\\s*["']adjoint["']`,
  ).test(text);
}
