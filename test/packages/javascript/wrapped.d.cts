declare const wrapped: {
  weigh(x: number): number;
  polynomial(coefficients: number[]): (x: number) => number;
  turnedLength(point: { x: number; y: number }, angle: number): number;
  classify(x: number): number;
  area(r: number): number;
};
export = wrapped;
