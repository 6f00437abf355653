/** Relative for large numbers and absolute for small ones, as the evals compare. */
function difference(a: number, b: number): number {
  return Math.abs(a - b) / Math.max(1, Math.abs(a) + Math.abs(b));
}

/** Where two JSON values differ by more than the tolerance. */
export function mismatches(expected: unknown, actual: unknown, tolerance: number, path = "output"): string[] {
  if (typeof expected === "number" && typeof actual === "number")
    return difference(expected, actual) <= tolerance ? [] : [`${path}: expected ${expected}, got ${actual}`];
  if (isObject(expected) && isObject(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => mismatches(expected[key], actual[key], tolerance, `${path}.${key}`));
  }
  return Object.is(expected, actual) ? [] : [`${path}: expected ${typeof expected}, got ${typeof actual}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
