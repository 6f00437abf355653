/** Value and gradient by hand: only the state before each step is kept, the stages are computed again. */
export function valueAndGradLorenz(
  x0: number,
  y0: number,
  z0: number,
  sigma: number,
  rho: number,
  beta: number,
  h: number,
  steps: number,
): { value: number; grad: [x0: number, y0: number, z0: number, sigma: number, rho: number, beta: number] } {
  const half = 0.5 * h;
  const sixth = h / 6;
  const xKept = new Float64Array(steps);
  const yKept = new Float64Array(steps);
  const zKept = new Float64Array(steps);
  let x = x0;
  let y = y0;
  let z = z0;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    xKept[step] = x;
    yKept[step] = y;
    zKept[step] = z;
    const dx1 = sigma * (y - x);
    const dy1 = x * (rho - z) - y;
    const dz1 = x * y - beta * z;
    const x2 = x + half * dx1;
    const y2 = y + half * dy1;
    const z2 = z + half * dz1;
    const dx2 = sigma * (y2 - x2);
    const dy2 = x2 * (rho - z2) - y2;
    const dz2 = x2 * y2 - beta * z2;
    const x3 = x + half * dx2;
    const y3 = y + half * dy2;
    const z3 = z + half * dz2;
    const dx3 = sigma * (y3 - x3);
    const dy3 = x3 * (rho - z3) - y3;
    const dz3 = x3 * y3 - beta * z3;
    const x4 = x + h * dx3;
    const y4 = y + h * dy3;
    const z4 = z + h * dz3;
    x += sixth * (dx1 + 2 * dx2 + 2 * dx3 + sigma * (y4 - x4));
    y += sixth * (dy1 + 2 * dy2 + 2 * dy3 + (x4 * (rho - z4) - y4));
    z += sixth * (dz1 + 2 * dz2 + 2 * dz3 + (x4 * y4 - beta * z4));
    sum += z;
  }

  const zBarPerStep = 1 / steps;
  const third = h / 3;
  let xBar = 0;
  let yBar = 0;
  let zBar = 0;
  let sigmaBar = 0;
  let rhoBar = 0;
  let betaBar = 0;
  for (let step = steps - 1; step >= 0; step--) {
    x = xKept[step]!;
    y = yKept[step]!;
    z = zKept[step]!;
    const x2 = x + half * (sigma * (y - x));
    const y2 = y + half * (x * (rho - z) - y);
    const z2 = z + half * (x * y - beta * z);
    const x3 = x + half * (sigma * (y2 - x2));
    const y3 = y + half * (x2 * (rho - z2) - y2);
    const z3 = z + half * (x2 * y2 - beta * z2);
    const x4 = x + h * (sigma * (y3 - x3));
    const y4 = y + h * (x3 * (rho - z3) - y3);
    const z4 = z + h * (x3 * y3 - beta * z3);
    zBar += zBarPerStep;

    const dx4Bar = sixth * xBar;
    const dy4Bar = sixth * yBar;
    const dz4Bar = sixth * zBar;
    const x4Bar = (rho - z4) * dy4Bar + y4 * dz4Bar - sigma * dx4Bar;
    const y4Bar = sigma * dx4Bar - dy4Bar + x4 * dz4Bar;
    const z4Bar = -x4 * dy4Bar - beta * dz4Bar;

    const dx3Bar = third * xBar + h * x4Bar;
    const dy3Bar = third * yBar + h * y4Bar;
    const dz3Bar = third * zBar + h * z4Bar;
    const x3Bar = (rho - z3) * dy3Bar + y3 * dz3Bar - sigma * dx3Bar;
    const y3Bar = sigma * dx3Bar - dy3Bar + x3 * dz3Bar;
    const z3Bar = -x3 * dy3Bar - beta * dz3Bar;

    const dx2Bar = third * xBar + half * x3Bar;
    const dy2Bar = third * yBar + half * y3Bar;
    const dz2Bar = third * zBar + half * z3Bar;
    const x2Bar = (rho - z2) * dy2Bar + y2 * dz2Bar - sigma * dx2Bar;
    const y2Bar = sigma * dx2Bar - dy2Bar + x2 * dz2Bar;
    const z2Bar = -x2 * dy2Bar - beta * dz2Bar;

    const dx1Bar = dx4Bar + half * x2Bar;
    const dy1Bar = dy4Bar + half * y2Bar;
    const dz1Bar = dz4Bar + half * z2Bar;
    sigmaBar += dx4Bar * (y4 - x4) + dx3Bar * (y3 - x3) + dx2Bar * (y2 - x2) + dx1Bar * (y - x);
    rhoBar += dy4Bar * x4 + dy3Bar * x3 + dy2Bar * x2 + dy1Bar * x;
    betaBar -= dz4Bar * z4 + dz3Bar * z3 + dz2Bar * z2 + dz1Bar * z;
    xBar += x4Bar + x3Bar + x2Bar + (rho - z) * dy1Bar + y * dz1Bar - sigma * dx1Bar;
    yBar += y4Bar + y3Bar + y2Bar + sigma * dx1Bar - dy1Bar + x * dz1Bar;
    zBar += z4Bar + z3Bar + z2Bar - x * dy1Bar - beta * dz1Bar;
  }
  return { value: sum / steps, grad: [xBar, yBar, zBar, sigmaBar, rhoBar, betaBar] };
}
