/** The numbers of one generated function at one point: the value bit for bit, the gradient against differences. */
import type { Compiled } from "./compile.js";
import { copyOf } from "./copies.js";
import { numberPaths, partialByDifferences, type Path, read } from "./differences.js";

export interface CheckedRequest {
  readonly name: string;
  /** Name of the generated `valueAndGrad…`. */
  readonly generated: string;
  readonly wrt: readonly number[];
  readonly isBare: boolean;
}

type Plain = (...args: unknown[]) => unknown;

const same = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const [first, second] = [a, b] as unknown as [ArrayLike<unknown>, ArrayLike<unknown>];
    return first.length === second.length && Array.from(first).every((item, k) => same(item, second[k]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
};

/** Problems found; empty when all is well. `tolerance` is relative to the larger of 1 and the derivative. */
export function checkDerived(
  compiled: Compiled,
  request: CheckedRequest,
  makeArgs: () => unknown[],
  tolerance = 1e-7,
): readonly string[] {
  const problems: string[] = [];
  const primal = compiled.source[request.name] as unknown as Plain;
  const derived = compiled.derived[request.generated] as unknown as Plain;
  const primalArgs = makeArgs();
  const value = primal(...primalArgs);
  const args = makeArgs();
  const result = derived(...args) as { value: unknown; grad: unknown };
  if (!Object.is(result.value, value)) problems.push(`value ${String(result.value)} instead of ${String(value)}`);
  if (!same(args, primalArgs)) problems.push("arguments are not left as the primal leaves them");
  const again = derived(...makeArgs()) as { value: unknown; grad: unknown };
  if (!same(again, result)) problems.push("a second call gives something else");
  const gradients = request.isBare ? [result.grad] : (result.grad as unknown[]);
  request.wrt.forEach((position, k) => {
    const gradient = gradients[k];
    const point = makeArgs();
    const isAliased = point.some(
      (other, j) => j !== position && typeof other === "object" && other === point[position],
    );
    if (isAliased) return;
    const wanted = numberPaths(point[position]);
    for (const path of wanted) problems.push(...checkPartial(primal, point, position, path, gradient, tolerance));
    const extra = numberPaths(gradient).length - wanted.length;
    if (extra !== 0) problems.push(`gradient ${k} has ${extra} numbers too many`);
  });
  return problems;
}

function checkPartial(
  primal: Plain,
  point: readonly unknown[],
  position: number,
  path: Path,
  gradient: unknown,
  tolerance: number,
): readonly string[] {
  const found = read(gradient, path);
  const { value, error } = partialByDifferences(
    (...args) => primal(...args.map((one) => copyOf(one))) as number,
    point,
    position,
    path,
  );
  const allowed = Math.max(tolerance * Math.max(1, Math.abs(value)), 20 * error);
  if (typeof found === "number" && Math.abs(found - value) <= allowed) return [];
  return [`∂${position}[${path.join(".")}] is ${String(found)}, by differences ${value} ± ${error.toExponential(1)}`];
}
