/** What other modules differentiate. */
const half = 0.5;

export function weigh(x: number): number {
  return half * Math.sqrt(1 + x);
}

export default function (x: number): number {
  return x ** 3;
}

export const models = {
  line: (a: number, x: number): number => a * x,
};

export class Shapes {
  constructor(readonly radius: number) {}
  static area(r: number): number {
    return Math.PI * r * r;
  }
}

export let rate = 2;
export function setRate(value: number): void {
  rate = value;
}
