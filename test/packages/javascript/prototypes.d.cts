export class Vector {
  constructor(x: number, y: number);
  x: number;
  y: number;
  readonly isVector: boolean;
  add(other: Vector): Vector;
  scale(by: number): this;
  norm(): number;
}
export class Weighted extends Vector {
  constructor(x: number, y: number, weight?: number);
  weight: number;
}
export function sum(...values: number[]): number;
export function largest(list: number[]): number;
export function rest(...values: number[]): number;
