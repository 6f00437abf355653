/**
 * Mean height of a trajectory of the Lorenz system, integrated with the classical Runge-Kutta method.
 * @differentiable valueAndGrad wrt x0, y0, z0, sigma, rho, beta
 */
export function lorenz(
  x0: number,
  y0: number,
  z0: number,
  sigma: number,
  rho: number,
  beta: number,
  h: number,
  steps: number,
): number {
  let x = x0;
  let y = y0;
  let z = z0;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const dx1 = sigma * (y - x);
    const dy1 = x * (rho - z) - y;
    const dz1 = x * y - beta * z;

    const x2 = x + 0.5 * h * dx1;
    const y2 = y + 0.5 * h * dy1;
    const z2 = z + 0.5 * h * dz1;
    const dx2 = sigma * (y2 - x2);
    const dy2 = x2 * (rho - z2) - y2;
    const dz2 = x2 * y2 - beta * z2;

    const x3 = x + 0.5 * h * dx2;
    const y3 = y + 0.5 * h * dy2;
    const z3 = z + 0.5 * h * dz2;
    const dx3 = sigma * (y3 - x3);
    const dy3 = x3 * (rho - z3) - y3;
    const dz3 = x3 * y3 - beta * z3;

    const x4 = x + h * dx3;
    const y4 = y + h * dy3;
    const z4 = z + h * dz3;
    const dx4 = sigma * (y4 - x4);
    const dy4 = x4 * (rho - z4) - y4;
    const dz4 = x4 * y4 - beta * z4;

    x += (h / 6) * (dx1 + 2 * dx2 + 2 * dx3 + dx4);
    y += (h / 6) * (dy1 + 2 * dy2 + 2 * dy3 + dy4);
    z += (h / 6) * (dz1 + 2 * dz2 + 2 * dz3 + dz4);
    sum += z;
  }
  return sum / steps;
}
