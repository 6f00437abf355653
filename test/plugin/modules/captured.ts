/** Functions that use what is around them. */
import { checkGradient, grad, valueAndGrad } from "adjoint";
import { weigh } from "./models.js";

export interface Data {
  readonly xs: readonly number[];
  readonly ys: Float64Array;
}

function descend(step: (p: number[]) => { value: number; grad: number[] }, start: number[]): number[] {
  let p = start;
  for (let k = 0; k < 300; k++) p = p.map((x, i) => x - 0.05 * step(p).grad[i]!);
  return p;
}

/** Local data, and a local function that has captured some itself. */
export function fit({ xs, ys }: Data, rate: number): { found: number[]; report: unknown } {
  const penalty = (p: readonly number[]): number => rate * p.reduce((sum, x) => sum + x * x, 0);
  function misfit(p: readonly number[]): number {
    let sum = penalty(p);
    for (let i = 0; i < xs.length; i++) sum += weigh((p[0]! * xs[i]! + p[1]! - ys[i]!) ** 2);
    return sum / xs.length;
  }
  const step = valueAndGrad((p: number[]) => misfit(p));
  const report = checkGradient(
    (p: number[]) => misfit(p),
    (p) => step(p).grad,
    [[0.3, -0.2]],
  );
  return { found: descend(step, [0, 0]), report };
}

/** A variable of each iteration. */
export function slopes(factors: readonly number[], x: number): number[] {
  const slopesAt: ((x: number) => number)[] = [];
  for (const factor of factors) slopesAt.push(grad((q: number) => factor * q * q));
  return slopesAt.map((slope) => slope(x));
}

/** A variable that is assigned between calls: each sees what it holds then. */
let scale = 2;
export function setScale(value: number): void {
  scale = value;
}
const scaled = (x: number, y: number): number => scale * x * y;
export const gradScaled = grad(scaled, { wrt: [1, 0] });

export class Well {
  constructor(
    private readonly depth: number,
    readonly centre: readonly [number, number],
  ) {}
  energy(x: number, y: number): number {
    const [a, b] = this.centre;
    return this.depth * ((x - a) ** 2 - 1) ** 2 * Math.exp(-((y - b) ** 2));
  }
  force(x: number, y: number): [number, number] {
    const [fx, fy] = grad((p: number, q: number) => this.energy(p, q), { wrt: [0, 1] })(x, y);
    return [-fx, -fy];
  }
}

/** Instances of classes that extend those which the code names. */
export class Loss {
  at(x: number): number {
    return x * x;
  }
  slope(x: number): number {
    return grad((q: number) => this.at(q))(x);
  }
}
export class CubicLoss extends Loss {
  override at(x: number): number {
    return x ** 3;
  }
}
export function slopesOf(losses: readonly Loss[], x: number): number[] {
  return losses.map((loss) => grad((q: number) => loss.at(q))(x));
}

/** An array of the module that others write, and one that the function itself calls with more. */
const state = new Float64Array(2);
export function setState(a: number, b: number): void {
  state[0] = a;
  state[1] = b;
}
export const slopeAtState = grad((x: number) => state[0]! * x + state[1]! * Math.sin(x));

/** Optional and rest parameters. */
export function powers(base: number): number[] {
  const power = grad((x: number, exponent: number = 2, ...more: number[]) => base * x ** exponent + more.length * x);
  return [power(3), power(3, 3), power(3, 3, 1, 1)];
}

/** A name of the arrow's own that is that of something captured elsewhere. */
export function shadowing(x: number): number {
  const y = 2 * x;
  const outer = (): number => y * y;
  return grad((z: number) => outer() * z)(x);
}

/** Local functions that call themselves and one another, and use what is around them. */
export function recursive(k: number, x: number): [number, number, number] {
  function power(q: number, n: number): number {
    return n === 0 ? k : q * power(q, n - 1);
  }
  const even = (q: number, n: number): number => (n === 0 ? k : q * odd(q, n - 1));
  const odd = (q: number, n: number): number => (n === 0 ? 1 : k * even(q, n - 1));
  return [grad((q: number) => power(q, 3))(x), grad(even)(x, 4), grad((q: number) => odd(q, 3))(x)];
}
