/** Storage for kept values whose number is not known beforehand. */
type Typed = Float64Array | Uint8Array;

/** The buffer itself when it holds at least `capacity` elements, else a copy of it at least twice as long. */
export function ensure<T extends Typed | unknown[]>(buffer: T, capacity: number): T {
  if (Array.isArray(buffer) || buffer.length >= capacity) return buffer;
  const Kind = buffer.constructor as new (length: number) => Typed;
  const larger = new Kind(Math.max(capacity, 2 * buffer.length));
  larger.set(buffer as Typed);
  return larger as T;
}
