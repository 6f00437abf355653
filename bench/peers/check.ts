/** Is a peer's gradient that of the generated adjoint? */
import type { Blocks } from "./peer.js";

/** The largest difference, relative to the largest number of the parameter's gradient. Only a sample may have holes. */
export function gradientDifference(found: Blocks, wanted: readonly Float64Array[], isSample = false): number {
  if (found.length !== wanted.length) return Infinity;
  let worst = 0;
  for (const [which, block] of wanted.entries()) {
    const other = found[which]!;
    if (other.length !== block.length) return Infinity;
    const scale = block.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) || 1;
    for (const [i, x] of block.entries()) {
      if (isSample && !(i in other)) continue;
      const error = Math.abs(x - other[i]!) / scale;
      if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
    }
  }
  return worst;
}
