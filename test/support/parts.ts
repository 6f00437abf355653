/**
 * Requests that name parts: `wrt params.w`, `of loss`. As tests see them, the parts are arguments of their own, in front
 * of the others, and what is named is the result.
 */
import type { OutputPlace, Request } from "../../compiler/requests.js";
import type { Callable } from "./modules.js";

type Fields = Record<string, unknown>;

const read = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((of, name) => (of as Fields)[name], value);

export interface View {
  readonly wrt: readonly number[];
  /** Arguments, with the parts in front. */
  make(make: () => unknown[]): () => unknown[];
  /** A function of those that gives what is named. */
  primal(f: Callable): Callable;
  /** A derivative that takes arguments, or takes them as one tuple: its value is what is named. */
  derived(f: Callable | undefined): Callable | undefined;
  ofTuple(f: Callable | undefined): Callable | undefined;
}

export function viewOf(request: Request): View {
  const hasPaths = request.wrtPaths.some((path) => path.length > 0);
  const count = hasPaths ? request.wrt.length : 0;
  const restore = (all: readonly unknown[]): unknown[] => {
    const args = all.slice(count);
    if (hasPaths)
      request.wrt.forEach((position, k) => {
        const path = request.wrtPaths[k]!;
        if (path.length === 0) args[position] = all[k];
        else (read(args[position], path.slice(0, -1)) as Fields)[path.at(-1)!] = all[k];
      });
    return args;
  };
  const outputOf = (result: unknown, args: readonly unknown[]): unknown => {
    if (!request.of) return result;
    const isRecord = typeof result === "object" && result !== null;
    const part = ({ parameter, path, written }: OutputPlace): unknown =>
      isRecord && Object.hasOwn(result, written[0]!) ? read(result, written) : read(args[parameter!], path);
    return request.of.length === 1 ? part(request.of[0]!) : request.of.map(part);
  };
  const seen = (result: unknown, args: readonly unknown[]): unknown =>
    typeof result === "object" && result !== null && "value" in result && request.of
      ? { ...result, value: outputOf(result.value, args) }
      : result;
  return {
    wrt: hasPaths ? request.wrt.map((_, k) => k) : request.wrt,
    make: (make) => () => {
      const args = make();
      if (!hasPaths) return args;
      return [...request.wrt.map((position, k) => read(args[position], request.wrtPaths[k]!)), ...args];
    },
    primal:
      (f) =>
      (...all) => {
        const args = restore(all);
        return outputOf(f(...args), args);
      },
    derived: (f) =>
      f &&
      ((...all) => {
        const args = restore(all);
        return seen(f(...args), args);
      }),
    ofTuple: (f) =>
      f &&
      ((all, vectors) => {
        const args = restore(all as unknown[]);
        return seen(f(args, vectors), args);
      }),
  };
}
