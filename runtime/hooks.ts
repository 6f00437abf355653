import type { Gradient } from "./gradientType.js";
import { snapshot } from "./snapshot.js";

/**
 * The value itself, or a copy of an array or a record; where it is differentiated, its cotangent goes through `hook` in
 * the reverse sweep, on its way to `value`. The hook gives what the cotangent is from there on (to clip it, to scale it),
 * or nothing, to see it; it may also write into an array or a record that it is given, which is not used afterwards. It
 * is called wherever the reverse sweep passes the place, as often as the place was passed; not in forward mode, where
 * there are no cotangents.
 */
export function hookCotangent<T>(value: T, _hook: (cotangent: Gradient<T>) => Gradient<T> | void): T {
  return snapshot(value);
}

/** What a cotangent is behind a hook. */
export function applyHook<T>(cotangent: T, hook: (cotangent: T) => T | void): T {
  return (hook(cotangent) as T | undefined) ?? cotangent;
}
