/**
 * The package entry `adjoint/vitest`: importing it adds the matcher `toHaveCorrectGradient` to Vitest's (and Jest's)
 * `expect`, with `checkGradient` behind it.
 */
import { expect } from "vitest";
import { checkGradient, type CheckGradientOptions } from "./checkGradient.js";

export interface GradientMatchers<R = unknown> {
  /**
   * The function's gradient function is right at the arguments: `expect(f).toHaveCorrectGradient(gradF, args, options)`.
   * The message of a failure is the report of `checkGradient`.
   */
  toHaveCorrectGradient(
    gradient: (...args: never[]) => unknown,
    args: readonly unknown[],
    options?: CheckGradientOptions,
  ): R;
}

declare module "vitest" {
  interface Matchers<T = any> extends GradientMatchers<T> {}
}

expect.extend({
  toHaveCorrectGradient(
    received: unknown,
    gradient: (...args: never[]) => unknown,
    args: readonly unknown[],
    options: CheckGradientOptions = {},
  ) {
    if (typeof received !== "function")
      return { pass: false, message: () => `expected a function that gives a number, not ${typeof received}` };
    const { ok, message } = checkGradient(
      received as (...all: unknown[]) => number,
      gradient as never,
      [...args],
      options,
    );
    const { name } = received;
    return {
      pass: ok,
      message: () => (ok ? `expected the gradient of ${name || "the function"} to be wrong\n${message}` : message),
    };
  },
});
