/** The operations that the problems need. `T` is what a tape hands out for a number it follows. */
export interface Tape<T> {
  valueOf(a: T): number;
  add(a: T, b: T): T;
  subtract(a: T, b: T): T;
  multiply(a: T, b: T): T;
  divide(a: T, b: T): T;
  addNumber(a: T, number: number): T;
  scale(a: T, number: number): T;
  /** `number - a` */
  subtractFrom(number: number, a: T): T;
  /** The lesser of two. */
  least(a: T, b: T): T;
  square(a: T): T;
  sqrt(a: T): T;
  exp(a: T): T;
  log(a: T): T;
  log1p(a: T): T;
  sin(a: T): T;
  cos(a: T): T;
  tanh(a: T): T;
  sigmoid(a: T): T;
}

/** A problem written for a tape. */
export interface TapeProblem<T> {
  readonly parameters: readonly Float64Array[];
  readonly primal: (tape: Tape<T>, parameters: readonly T[][]) => T;
}
