export interface Tree {
  value: number;
  children: number[];
}
export function power(x: number, n: number): number;
export function total(tree: Tree | null): number;
export function gammaLike(x: number): number;
export default function swapSort(list: number[]): number[];
