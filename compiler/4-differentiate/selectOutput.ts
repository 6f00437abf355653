/**
 * What of a function is differentiated: its result, or what a request names with `of`.
 *
 * Needs: a function as lowered, and a request that was checked against it. Guarantees: the first value that is yielded is
 * differentiated, the last one is what derivatives give back as the function's value.
 *
 * before: … yield r, of r.loss        after: … loss = load r.loss; yield loss, r
 */
import { BlockBuilder, newValue } from "../ir/build.js";
import type { IrFunction, Type, Value } from "../ir/ir.js";
import { loadAt, outputAt } from "../ir/place.js";
import type { OutputPlace, Request, Verb } from "../requests.js";

/** Verbs whose derivatives give no value back. */
const withoutValue: ReadonlySet<Verb> = new Set<Verb>(["grad", "jacobian", "hessian", "hvp"]);

export function selectOutput(fn: IrFunction, request: Request, verb: Verb | null = null): IrFunction {
  if (!request.of) return fn;
  const { span } = fn.body.yields[0] ?? fn;
  const builder = new BlockBuilder(span);
  const parts = request.of.map((place): Value => {
    const { from, path } = outputAt(fn, place)!;
    return loadAt(builder, from, path, { name: path.at(-1) ?? null, span });
  });
  const output = parts.length === 1 ? parts[0]! : tupleOfParts(builder, parts, request.of);
  const [value] = fn.body.yields;
  const isGivenBack = value && value !== output && !(verb && withoutValue.has(verb));
  return {
    ...fn,
    body: {
      ...fn.body,
      statements: [...fn.body.statements, ...builder.statements],
      yields: isGivenBack ? [output, value] : [output],
    },
  };
}

function tupleOfParts(builder: BlockBuilder, parts: readonly Value[], places: readonly OutputPlace[]): Value {
  const names = places.map(({ path }, k) => path.at(-1) ?? parts[k]!.name ?? `part${k}`);
  const labels = names.every((name) => /^[A-Za-z_$][\w$]*$/.test(name)) ? names : null;
  const type: Type = { kind: "tuple", elements: parts.map((part) => part.type), labels };
  const result = newValue(type);
  builder.add({ kind: "literal", result, elements: parts, fields: null, span: null });
  return result;
}
