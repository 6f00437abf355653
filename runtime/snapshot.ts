import { copyTogether } from "./copies.js";

/** A deep copy of data, in which what was one object is one object again. */
export function snapshot<T>(data: T): T {
  return copyTogether([data])[0] as T;
}
