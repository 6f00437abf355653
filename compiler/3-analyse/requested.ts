/** What a request asks of a function, as a question to the analysis of activity. */
import type { IrFunction, Value } from "../ir/ir.js";
import type { Request } from "../requests.js";
import type { ActivityQuestion } from "./activity.js";

/** A parameter, or a part of one, that is differentiated with respect to. */
export interface Wrt {
  readonly value: Value;
  /** The fields that lead to the part that is meant; none for the whole. */
  readonly path: readonly string[];
}

export interface RequestedWrt extends Wrt {
  /** As it is written in the source: `params.w`. */
  readonly text: string;
}

export function requestedWrt(fn: IrFunction, request: Request): readonly RequestedWrt[] {
  return request.wrt.map((position, k) => {
    const { value, name } = fn.parameters[position]!;
    const path = request.wrtPaths[k]!;
    return { value, path, text: [name, ...path].join(".") };
  });
}

/** The first value that the function yields with respect to these. */
export function questionOf(fn: IrFunction, all: readonly Wrt[]): Omit<ActivityQuestion, "passes"> {
  const paths = new Map<Value, (readonly string[])[]>();
  for (const { value, path } of all) if (path.length > 0) paths.set(value, [...(paths.get(value) ?? []), path]);
  const wrt = [...new Set(all.map(({ value }) => value))];
  return { wrt, paths, results: fn.body.yields.slice(0, 1) };
}
