/** A deep copy of data: what is shared stays shared, views stay views of one buffer, instances keep their classes. */
export function copyOf<T>(value: T, copies: Map<unknown, unknown> = new Map()): T {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known as T;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, length } = value as unknown as Float64Array;
    const memory = copies.get(buffer) ?? buffer.slice(0);
    copies.set(buffer, memory);
    const view: unknown = Reflect.construct(value.constructor, [memory, byteOffset, length]);
    copies.set(value, view);
    return view as T;
  }
  const copy: Record<string, unknown> = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
  copies.set(value, copy);
  if (Array.isArray(value)) copy.length = value.length;
  for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item, copies);
  return copy as T;
}
