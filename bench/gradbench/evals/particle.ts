import { grad, jvp } from "adjoint";

export type Point = [x: number, y: number];

const step = 0.1;

/** The potential of the two charges. */
function potential(at: Point, control: number): number {
  return 1 / Math.hypot(at[0] - 10, at[1] - 10 + control) + 1 / Math.hypot(at[0] - 10, at[1]);
}

const advance = (from: Point, duration: number, along: Point): Point => [
  from[0] + duration * along[0],
  from[1] + duration * along[1],
];

/** By Euler's method, where a particle that moves down its potential meets the x axis: the distance to the origin, squared. */
function miss(slope: (at: Point) => Point): number {
  let position: Point = [0, 8];
  let velocity: Point = [0.75, 0];
  for (;;) {
    const force = slope(position);
    position = advance(position, step, velocity);
    if (position[1] <= 0) return advance(position, -position[1] / velocity[1], velocity)[0] ** 2;
    velocity = advance(velocity, -step, force);
  }
}

/** @differentiable valueAndGrad, jvp */
export function missByReverse(control: number): number {
  return miss((at) => grad(potential)(at, control));
}

/** @differentiable valueAndGrad, jvp */
export function missByForward(control: number): number {
  return miss((at) => [jvp(potential)([at, control], [1, 0]).tangent, jvp(potential)([at, control], [0, 1]).tangent]);
}
