/** Every verb, and every way to name a function. */
import { grad, hessian, hvp, jacobian, jvp, valueAndGrad, vjp } from "adjoint";
import * as adjoint from "adjoint";
import { grad as slope } from "adjoint";
import cube, { models, Shapes, weigh } from "./models.js";
import * as all from "./models.js";

function bowl(x: number, y: number): number {
  return x * x * y + Math.exp(y);
}

/** The name that would be generated. */
export const gradBowl = "taken";

export const asked = {
  grad: grad(bowl),
  both: grad(bowl, { wrt: [0, 1] as const }),
  again: grad(bowl, { wrt: [0, 1] }),
  second: grad(bowl, { wrt: 1 }),
  value: valueAndGrad(bowl),
  namespace: adjoint.grad(bowl),
  alias: slope(bowl),
  hessian: hessian(bowl, { wrt: [0, 1] }),
  hvp: hvp(bowl, { wrt: [0, 1] }),
  cube: grad(cube),
  weigh: grad(weigh),
  weighAll: grad(all.weigh),
  line: grad(models.line),
  area: grad(Shapes.area),
  polar: jacobian((r: number, t: number): [number, number] => [r * Math.cos(t), r * Math.sin(t)], { wrt: [0, 1] }),
  pull: vjp((xs: number[]) => xs.map((x) => x * x)),
  push: jvp((xs: Float64Array, k: number) => xs.map((x) => k * x * x)),
  inner: grad((x: number) => x * grad(cube)(x)),
  bend: grad(grad(cube)),
  third: grad(grad(grad((x: number) => Math.exp(2 * x)))),
  hessianByRows: jacobian(grad(bowl, { wrt: [0, 1] }), { wrt: [0, 1] }),
};

export function along(k: number, xs: Float64Array, ts: Float64Array): { value: Float64Array; tangent: Float64Array } {
  return jvp((x: Float64Array) => x.map((one) => k * one * one))([xs], ts);
}

const slopeOfCube = grad(cube);

/** A derivative of a derivative that has a name, and of a function that has captured something. */
export function bends(k: number): readonly [number, number] {
  const scaled = (x: number): number => k * x ** 3;
  return [grad(slopeOfCube)(2), grad(grad(scaled))(2)];
}
