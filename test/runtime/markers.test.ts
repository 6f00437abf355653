import { expect, test } from "vitest";
import * as adjoint from "../../runtime/index.js";

const markers = ["grad", "valueAndGrad", "vjp", "jvp", "jacobian", "hessian", "hvp"] as const;

function loss(x: number): number {
  return x * x;
}

test.each(markers)("%s throws at once and says how to configure each tool", (name) => {
  const marker = adjoint[name] as (f: typeof loss) => unknown;
  expect(() => marker(loss)).toThrow(adjoint.NotConfiguredError);
  expect(() => marker(loss)).toThrow(`${name}(loss)`);
  for (const part of [
    "adjoint/vite",
    "adjoint/rollup",
    "adjoint/webpack",
    "adjoint/esbuild",
    "--import adjoint/register",
  ])
    expect(() => marker(loss)).toThrow(part);
  expect(() => marker(loss)).toThrow("npx adjoint generate");
  expect(() => marker((x) => x)).toThrow(`${name}(…)`);
});

test("stopGradient is the identity", () => {
  const x = [1];
  expect(adjoint.stopGradient(x)).toBe(x);
});
