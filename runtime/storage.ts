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
