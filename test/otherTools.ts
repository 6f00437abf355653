/**
 * The tools that this project has no copy of: `npm run tools`. Each is installed into a folder of its own, beside the packed
 * package, and builds or runs the program of examples/tools; the table says what came of it.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const place = mkdtempSync(join(tmpdir(), "adjoint-other-tools-"));
const fitted = "height 2.503, rate 0.954, floor 0.513, misfit 8.4e-5";

interface Tool {
  readonly name: string;
  readonly packages: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** One after the other; the last one prints what was fitted. */
  readonly commands: readonly (readonly string[])[];
}

const rspack = `
import { resolve } from "node:path";
import adjoint from "adjoint/rspack";
export default {
  mode: "production", target: "node", entry: "./src/main.ts", output: { path: resolve("dist"), filename: "rspack.cjs" },
  module: { rules: [{ test: /\\.ts$/, loader: "builtin:swc-loader", options: { jsc: { parser: { syntax: "typescript" } } } }] },
  plugins: [adjoint()],
};
`;
const rolldown = `
import adjoint from "adjoint/rolldown";
export default { input: "src/main.ts", platform: "node", plugins: [adjoint()], output: { file: "dist/rolldown.mjs" } };
`;
const farm = `
import adjoint from "adjoint/farm";
import { defineConfig } from "@farmfe/core";
export default defineConfig({
  compilation: { input: { index: "./src/main.ts" }, output: { path: "dist", targetEnv: "node", format: "esm", entryFilename: "farm.mjs" }, minify: false, persistentCache: false },
  plugins: [adjoint()],
});
`;
const nextConfig = `
export default {
  turbopack: { rules: { "*.ts": { loaders: ["adjoint/loader"], as: "*.ts" } } },
};
`;
const nextPage = `
import { fit } from "../src/fit.ts";
export default function Page() {
  const { decay } = fit({ times: [0, 0.5, 1, 2, 3, 5], values: [3.02, 2.05, 1.49, 0.88, 0.66, 0.53] }, { height: 1, rate: 1, floor: 0 });
  return <p>{\`height \${decay.height.toFixed(3)}, rate \${decay.rate.toFixed(3)}\`}</p>;
}
`;
const nextLayout = `export default function Layout({ children }: { children: React.ReactNode }) { return <html><body>{children}</body></html>; }\n`;
const bunBuild = `
import adjoint from "adjoint/bun";
const { success } = await Bun.build({ entrypoints: ["src/main.ts"], outdir: "dist", target: "node", plugins: [adjoint()] });
if (!success) process.exit(1);
`;
const bunPreload = `
import adjoint from "adjoint/bun";
Bun.plugin(adjoint());
`;
// What is generated is plain TypeScript, with the runtime from node_modules or in the file itself.
const model = `
/** @differentiable vjp, valueAndGrad wrt xs */
export const energy = (xs: number[]): number => xs.reduce((sum, x) => sum + x ** 3, 0);
`;
const denoProgram = `
import { valueAndGradEnergy, vjpEnergy } from "./src/model.adjoint.ts";
const { value, grad } = valueAndGradEnergy([1, 2]);
const ok = value === 9 && grad[1] === 12 && vjpEnergy([1, 2]).pullback(2)[0] === 6;
console.log(ok ? ${JSON.stringify(fitted)} : "wrong");
`;
const tools: readonly Tool[] = [
  {
    name: "rspack",
    packages: ["@rspack/core@2.3.4", "@rspack/cli@2.2.8"],
    files: { "rspack.config.mjs": rspack },
    commands: [
      ["npx", "rspack", "build"],
      ["node", "dist/rspack.cjs"],
    ],
  },
  {
    name: "rolldown",
    packages: ["rolldown@1.2.19"],
    files: { "rolldown.config.mjs": rolldown },
    commands: [
      ["npx", "rolldown", "-c"],
      ["node", "dist/rolldown.mjs"],
    ],
  },
  {
    name: "farm",
    packages: ["@farmfe/core@1.7.11", "@farmfe/cli@1.0.5"],
    files: { "farm.config.mjs": farm },
    commands: [
      ["npx", "farm", "build"],
      ["node", "dist/farm.mjs"],
    ],
  },
  {
    name: "bun build",
    packages: ["bun@1.4.5"],
    files: { "build.ts": bunBuild },
    commands: [
      ["npx", "bun", "run", "build.ts"],
      ["node", "dist/main.js"],
    ],
  },
  {
    name: "bun",
    packages: ["bun@1.4.5"],
    files: { "preload.ts": bunPreload },
    commands: [["npx", "bun", "--preload", "./preload.ts", "src/main.ts"]],
  },
  ...["", "--self-contained"].map((flag): Tool => ({
    name: flag ? `deno, ${flag}` : "deno",
    packages: ["deno@2.9.6"],
    files: { "src/model.ts": model, "program.ts": denoProgram },
    commands: [
      ["npx", "adjoint", "generate", "src/model.ts", ...(flag ? [flag] : [])],
      ["npx", "deno", "run", "--allow-read", "program.ts"],
    ],
  })),
  {
    name: "next (turbopack)",
    packages: ["next@16.4.6", "react@19", "react-dom@19", "@types/react@19", "@types/node@20", "typescript@5.9"],
    files: { "next.config.mjs": nextConfig, "app/page.tsx": nextPage, "app/layout.tsx": nextLayout },
    commands: [
      ["npx", "next", "build"],
      [
        "sh",
        "-c",
        "grep -o 'height 2.503, rate 0.954' .next/server/app/index.html | head -1 | sed 's/$/, floor 0.513, misfit 8.4e-5/'",
      ],
    ],
  },
];

function run(command: readonly string[], folder: string): string {
  const [program, ...args] = command as [string, ...string[]];
  return execFileSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1e8,
  });
}

function attempt(tool: Tool, tarball: string): string {
  const folder = join(place, tool.name.replace(/\W+/g, "-"));
  mkdirSync(folder);
  cpSync(join(root, "examples/tools/src"), join(folder, "src"), { recursive: true });
  rmSync(join(folder, "src/fit.test.ts"));
  cpSync(join(root, "examples/tools/tsconfig.json"), join(folder, "tsconfig.json"));
  writeFileSync(join(folder, "package.json"), '{ "name": "tool", "private": true, "type": "module" }');
  for (const [path, text] of Object.entries(tool.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    run(["npm", "install", "--no-audit", "--no-fund", `../${tarball}`, ...tool.packages], folder);
    const printed = tool.commands.map((command) => run(command, folder)).at(-1)!;
    return printed.trim() === fitted ? "ok" : `printed ${printed.trim().slice(0, 200)}`;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    return `failed: ${`${stderr}${stdout}`.trim().slice(-1500) || message}`;
  }
}

try {
  run(["npm", "pack", "--pack-destination", place], root);
  const tarball = readdirSync(place).find((entry) => entry.endsWith(".tgz"))!;
  const wanted = process.argv.slice(2);
  for (const tool of tools.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
    console.log(`${tool.name.padEnd(20)} ${attempt(tool, tarball)}`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
