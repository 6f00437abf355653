/** `adjoint init`: a config and a first example; nothing that is there is touched. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { configNames } from "../loadConfig.js";
import { jsonVersion, type Output } from "./output.js";

// The type alone is imported: the config can also be read where adjoint is not installed.
const config = [
  'import type { AdjointConfig } from "adjoint/config";',
  "",
  "export default {",
  '  files: ["src/**/*.ts"],',
  "} satisfies AdjointConfig;",
  "",
].join("\n");

const example = `/**
 * The mean squared error of the decay a · exp(−k t) against samples.
 *
 * @differentiable wrt a, k
 */
export function misfit(a: number, k: number, ts: readonly number[], ys: readonly number[]): number {
  let sum = 0;
  ts.forEach((t, i) => {
    sum += (a * Math.exp(-k * t) - ys[i]!) ** 2;
  });
  return sum / ts.length;
}
`;

interface Started {
  readonly path: string;
  readonly status: "written" | "there already";
}

export function init(flags: { readonly json?: boolean }, output: Output): number {
  const present = configNames.find((name) => existsSync(name));
  const files: readonly Started[] = [
    present ? { path: present, status: "there already" } : write("adjoint.config.ts", config),
    write("src/misfit.ts", example),
  ];
  if (flags.json) {
    output.out(JSON.stringify({ version: jsonVersion, files }, null, 2));
    return 0;
  }
  for (const { path, status } of files) output.out(`${path} ${status === "written" ? status : `is ${status}`}`);
  output.out(
    [
      "",
      "npx adjoint generate   writes src/misfit.adjoint.ts, with gradMisfit and valueAndGradMisfit",
      "npx adjoint doctor     says which tools are found, and how to ask for derivatives in code",
    ].join("\n"),
  );
  return 0;
}

function write(path: string, text: string): Started {
  if (existsSync(path)) return { path, status: "there already" };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return { path, status: "written" };
}
