/** The arrays that the array primitives take and give, and the checks that they share. */

/** What an array primitive reads. */
export type NumericArray = readonly number[] | Float64Array | Float32Array;

/** What an array primitive gives, and what a pullback adds into. */
export type ResultArray = number[] | Float64Array;

/** Zeros of the kind that follows from an operand: an ordinary array for an ordinary array, else Float64Array. */
export function zerosLike(operand: NumericArray, length: number): ResultArray {
  return Array.isArray(operand) ? new Array<number>(length).fill(0) : new Float64Array(length);
}

/** Zeros for the result of two operands: an ordinary array only when both are. */
export function zerosLikeBoth(first: NumericArray, second: NumericArray, length: number): ResultArray {
  return zerosLike(Array.isArray(first) ? second : first, length);
}

/** `[3]`, as messages write the shape of a vector. */
const vectorShape = (length: number): string => `[${length}]`;

export function requireSameLength(name: string, x: NumericArray, y: NumericArray): void {
  if (x.length !== y.length)
    throw new RangeError(
      `${name}: the lengths differ: shapes ${vectorShape(x.length)} and ${vectorShape(y.length)}. Pass arrays of one length.`,
    );
}

export function requireLength(name: string, operand: string, x: NumericArray, length: number): void {
  if (x.length !== length)
    throw new RangeError(`${name}: ${operand} has shape ${vectorShape(x.length)}, expected ${vectorShape(length)}.`);
}

/** A row-major matrix given by its elements and its two dimensions. */
export function requireMatrix(name: string, operand: string, a: NumericArray, rows: number, columns: number): void {
  if (!(rows >= 0 && columns >= 0 && Number.isInteger(rows) && Number.isInteger(columns)))
    throw new RangeError(`${name}: ${rows} × ${columns} are not the dimensions of a matrix.`);
  if (a.length !== rows * columns)
    throw new RangeError(
      `${name}: ${operand} has shape ${vectorShape(a.length)}, expected ${rows * columns} elements for shape [${rows}, ${columns}].`,
    );
}
