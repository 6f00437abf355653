/**
 * Adds what a pullback gave for an array into the array's adjoint.
 *
 * Throws RangeError when the lengths differ.
 */
export function addCotangent(adjoint: number[] | Float64Array, cotangent: ArrayLike<number>): void {
  if (cotangent.length !== adjoint.length)
    throw new RangeError(
      `A pullback gave a cotangent of ${cotangent.length} numbers for an argument of ${adjoint.length}.`,
    );
  for (let i = 0; i < adjoint.length; i++) adjoint[i]! += cotangent[i]!;
}
