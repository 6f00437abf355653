/** `adjoint init`: a config and a first example; nothing that is there is touched. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { configNames } from "../loadConfig.js";
import type { Output } from "./output.js";

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

export function init(output: Output): number {
  const present = configNames.find((name) => existsSync(name));
  if (present) output.out(`${present} is there already`);
  else write("adjoint.config.ts", config, output);
  write("src/misfit.ts", example, output);
  output.out(
    [
      "",
      "npx adjoint generate   writes src/misfit.adjoint.ts, with gradMisfit and valueAndGradMisfit",
      "npx adjoint doctor     says which tools are found, and how to ask for derivatives in code",
    ].join("\n"),
  );
  return 0;
}

function write(path: string, text: string, output: Output): void {
  if (existsSync(path)) return output.out(`${path} is there already`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  output.out(`${path} written`);
}
