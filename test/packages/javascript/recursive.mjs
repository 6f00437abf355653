// Functions that call themselves, with and without a test that is decided while compiling.

export function power(x, n) {
  return n === 0 ? 1 : n % 2 === 1 ? x * power(x, n - 1) : power(x * x, n / 2);
}

export function total(tree) {
  if (tree == null) return 0;
  if (typeof tree === "number") return tree;
  if (Array.isArray(tree)) {
    let sum = 0;
    for (const item of tree) sum += total(item);
    return sum;
  }
  return total(tree.value) + total(tree.children);
}

export function gammaLike(x) {
  if (x < 3) return gammaLike(x + 1) / x;
  return x * Math.log(x) - x;
}

export default function swapSort(list) {
  list = list.slice();
  const swap = (a, b) => {
    const held = list[a];
    list[a] = list[b];
    list[b] = held;
  };
  for (let i = 0; i < list.length; i++)
    for (let j = 0; j + 1 < list.length - i; j++) if (list[j] > list[j + 1]) swap(j, j + 1);
  return list;
}
