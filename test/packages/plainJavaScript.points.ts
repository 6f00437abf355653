/** Where the functions of `plainJavaScript.ts` are differentiated. */
export const points: Readonly<Record<string, readonly (() => unknown[])[]>> = {
  walked: [() => [0.7], () => [-1.2]],
  weighted: [() => [0.7], () => [1.9]],
  spreadOut: [() => [0.7], () => [2.5]],
  polynomials: [() => [0.7], () => [-1.5]],
  turned: [() => [0.7, 0.3], () => [1.4, -2]],
  recursive: [() => [1.7, 5], () => [0.4, 6]],
  onlyOnce: [() => [0.7], () => [-1.3]],
  totals: [() => [0.7], () => [1.5]],
};
