/**
 * Scalar replacement: a record, a tuple or a small array of known length that nobody else sees becomes one value for
 * each of its slots. What is stored is a new value, joined where branches meet and carried by loops.
 *
 * Needs: any verified function. Guarantees: the same values; objects that others can see, that may have two names when
 * they are written, or of which more is asked than their slots, stay objects.
 *
 * before: q = {x: a}; if c {store q.x, b}; r = load q.x        after: qX = if c {b} else {a}; qX
 */
import type { IrFunction, Value } from "../ir/ir.js";
import { substitute, withBody, constantsIn } from "../ir/walk.js";
import { renameResults } from "./renameResults.js";
import { copiesToTry, withCopies } from "./copyIn.js";
import { findCandidates } from "./scalarCandidates.js";
import { SlotRewriter } from "./slotRewriter.js";

/** Copies of objects with which loops begin, as far as they become scalars at once. */
function copiedIn(fn: IrFunction): IrFunction {
  const copies = copiesToTry(fn);
  if (copies.size === 0) return fn;
  const tried = withCopies(fn, copies);
  const candidates = findCandidates(tried, constantsIn(tried.body));
  const used = new Map(
    [...copies].flatMap(([loop, own]) => {
      const lasting = [...own].filter(([, copy]) => candidates.has(copy));
      return lasting.length > 0 ? [[loop, new Map(lasting)] as const] : [];
    }),
  );
  return withCopies(fn, used);
}

export function scalarReplace(fn: IrFunction): IrFunction {
  let current = fn;
  // Every round opens one level of nesting.
  for (let round = 0; round < 8; round++) {
    current = copiedIn(current);
    const constants = constantsIn(current.body);
    const candidates = findCandidates(current, constants);
    if (candidates.size === 0) return current;
    const rewriter = new SlotRewriter(candidates, constants);
    const body = renameResults(rewriter.block(current.body), rewriter.renamed);
    const resolve = (value: Value): Value => {
      const next = rewriter.replaced.get(value) ?? rewriter.renamed.get(value);
      return next ? resolve(next) : value;
    };
    current = withBody(current, substitute(body, resolve));
  }
  return current;
}
