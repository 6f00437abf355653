/** Storage for kept values whose number is not known beforehand. */
type Typed = Float64Array | Uint8Array;

/** The buffer itself when it holds at least `capacity` elements, else a copy of it at least twice as long. */
export function ensure<T extends Typed | unknown[]>(buffer: T, capacity: number): T {
  // Written so that the compiler can follow it: what is generated may be differentiated again.
  if (Array.isArray(buffer) || buffer.length >= capacity) return buffer;
  const length = Math.max(capacity, 2 * buffer.length);
  if (buffer instanceof Float64Array) {
    const larger = new Float64Array(length);
    larger.set(buffer);
    return larger as T;
  }
  const larger = new Uint8Array(length);
  larger.set(buffer as Uint8Array);
  return larger as T;
}

/** Where nothing is kept: nobody writes what has no elements. */
export const noNumbers = new Float64Array(0);
export const noBytes = new Uint8Array(0);

/** Storage that nobody uses at the moment, by length. */
const freeNumbers: Float64Array[] = [];
const freeBytes: Uint8Array[] = [];
/** Of each kind, and how many elements these may have together: 32 MB of numbers. */
const mostBuffers = 32;
const mostElements = 2 ** 22;

/**
 * Storage for at least `length` numbers, which are whatever the last borrower has left. A call of a derivative gives it
 * back when it is done; what a call inside of it borrows is other storage, and what is never given back is forgotten.
 */
export function borrow(length: number): Float64Array {
  for (let k = 0; k < freeNumbers.length; k++) if (freeNumbers[k]!.length >= length) return takeNumbers(k);
  return new Float64Array(length);
}

function takeNumbers(at: number): Float64Array {
  const buffer = freeNumbers[at]!;
  for (let k = at + 1; k < freeNumbers.length; k++) freeNumbers[k - 1] = freeNumbers[k]!;
  freeNumbers.pop();
  return buffer;
}

/** An array of so many zeros, in which nobody can tell that it is used again; to be given back like any storage. */
export function borrowZeros(length: number): Float64Array {
  for (let k = 0; k < freeNumbers.length && freeNumbers[k]!.length <= length; k++)
    if (freeNumbers[k]!.length === length) {
      const buffer = takeNumbers(k);
      buffer.fill(0);
      return buffer;
    }
  return new Float64Array(length);
}

/** The same with the numbers of an array. */
export function borrowCopy(numbers: Float64Array): Float64Array {
  const copy = borrowZeros(numbers.length);
  copy.set(numbers);
  return copy;
}

/** The same for bytes, written again so that the engine sees one kind of array in each. */
export function borrowBytes(length: number): Uint8Array {
  for (let k = 0; k < freeBytes.length; k++) {
    const buffer = freeBytes[k]!;
    if (buffer.length < length) continue;
    for (let j = k + 1; j < freeBytes.length; j++) freeBytes[j - 1] = freeBytes[j]!;
    freeBytes.pop();
    return buffer;
  }
  return new Uint8Array(length);
}

/** Storage for numbers of which nobody knows yet how many there will be: the longest that there is, for `length` or more. */
export function borrowGrowing(length: number): Float64Array {
  return isLongEnough(freeNumbers, length) ? freeNumbers.pop()! : new Float64Array(length);
}

/** The same for bytes. */
export function borrowGrowingBytes(length: number): Uint8Array {
  return isLongEnough(freeBytes, length) ? freeBytes.pop()! : new Uint8Array(length);
}

function isLongEnough(free: readonly { readonly length: number }[], length: number): boolean {
  return free.length > 0 && free[free.length - 1]!.length >= length;
}

/** For the next one who borrows storage. Long storage is rather forgotten, and so is the shortest where there is much. */
export function giveBack(buffer: Float64Array | Uint8Array): void {
  if (buffer instanceof Float64Array) putBack(freeNumbers, buffer);
  else putBack(freeBytes, buffer);
}

function putBack<T extends Float64Array | Uint8Array>(free: T[], buffer: T): void {
  if (buffer.length === 0 || buffer.length > mostElements) return;
  let at = free.length;
  let elements = buffer.length;
  for (const one of free) elements += one.length;
  free.push(buffer);
  for (; at > 0 && free[at - 1]!.length > buffer.length; at--) free[at] = free[at - 1]!;
  free[at] = buffer;
  while (free.length > mostBuffers || elements > mostElements) elements -= free.shift()!.length;
}
