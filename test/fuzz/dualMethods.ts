/** Methods of arrays over dual numbers, by JavaScript's own methods on lists. */
import type { Dual, DualArray, DualList } from "./dual.js";

type Test = (item: Dual) => boolean;
type Compare = (a: Dual, b: Dual) => number;

const itemsOf = (array: DualList): Dual[] =>
  Array.isArray(array) ? array : Array.from(array.v, (v, k) => ({ v, d: array.d[k]! }));

function assign(array: DualList, items: readonly Dual[]): DualList {
  if (Array.isArray(array)) items.forEach((item, k) => (array[k] = item));
  else
    items.forEach((item, k) => {
      array.v[k] = item.v;
      array.d[k] = item.d;
    });
  return array;
}

function copyOf(array: DualList): DualList {
  return Array.isArray(array) ? [...array] : ({ v: array.v.slice(), d: array.d.slice() } satisfies DualArray);
}

export const methods = {
  reverse: (array: DualList): DualList => assign(array, [...itemsOf(array)].reverse()),
  sort: (array: DualList, compare: Compare): DualList => assign(array, [...itemsOf(array)].sort(compare)),
  toReversed: (array: DualList): DualList => methods.reverse(copyOf(array)),
  toSorted: (array: DualList, compare: Compare): DualList => methods.sort(copyOf(array), compare),
  concat: (array: Dual[], other: Dual[]): Dual[] => [...array, ...other],
  find: (array: DualList, test: Test): Dual | undefined => itemsOf(array).find(test),
  findLast: (array: DualList, test: Test): Dual | undefined => [...itemsOf(array)].reverse().find(test),
  some: (array: DualList, test: Test): boolean => itemsOf(array).some(test),
  every: (array: DualList, test: Test): boolean => itemsOf(array).every(test),
};
