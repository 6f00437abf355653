/** States before each step. It stays from call to call, since fresh memory of this size costs a tenth of the time. */
let workspace = new Float64Array(0);

/**
 * Value and gradient by hand, the value bit for bit: only the state before each step is kept, the stages are computed
 * again. The reverse sweep waits for one operation after another, so that its formulas take few in a row, with factors that
 * are the same in all steps multiplied before.
 */
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
  if (h === 0) return { value: z0, grad: [0, 0, 1, 0, 0, 0] };
  const half = 0.5 * h;
  const sixth = h / 6;
  const halfSigma = half * sigma;
  const halfBeta = half * beta;
  const wholeSigma = h * sigma;
  const wholeBeta = h * beta;
  if (workspace.length < 3 * steps) workspace = new Float64Array(3 * steps);
  const xKept = workspace.subarray(0, steps);
  const yKept = workspace.subarray(steps, 2 * steps);
  const zKept = workspace.subarray(2 * steps, 3 * steps);
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
  const last = h * sixth;
  const slopeX3 = third - last * sigma;
  const slopeY3 = third - last;
  const slopeZ3 = third - last * beta;
  const lastSigmaBar = last * sigma;
  const inverse = 1 / h;
  const slopeX1 = 2 * inverse - sigma;
  const slopeY1 = 2 * inverse - 1;
  const slopeZ1 = 2 * inverse - beta;
  let xBar = 0;
  let yBar = 0;
  let zBar = 0;
  let sigmaBar = 0;
  let rhoBar = 0;
  let betaBar = 0;
  for (let step = steps - 1; step >= 0; step--) {
    const x = xKept[step]!;
    const y = yKept[step]!;
    const z = zKept[step]!;
    const halfX = half * x;
    const x2 = x + halfSigma * (y - x);
    const y2 = y - half * y + halfX * (rho - z);
    const z2 = z - halfBeta * z + halfX * y;
    const halfX2 = half * x2;
    const x3 = x + halfSigma * (y2 - x2);
    const y3 = y - half * y2 + halfX2 * (rho - z2);
    const z3 = z - halfBeta * z2 + halfX2 * y2;
    const wholeX3 = h * x3;
    const x4 = x + wholeSigma * (y3 - x3);
    const y4 = y - h * y3 + wholeX3 * (rho - z3);
    const z4 = z - wholeBeta * z3 + wholeX3 * y3;
    zBar += zBarPerStep;

    // The adjoints of the slopes. That of the last is a sixth of a step times the adjoints.
    const lastX4 = last * x4;
    const dx3Bar = slopeX3 * xBar + (last * (rho - z4) * yBar + last * y4 * zBar);
    const dy3Bar = slopeY3 * yBar + (lastSigmaBar * xBar + lastX4 * zBar);
    const dz3Bar = slopeZ3 * zBar - lastX4 * yBar;
    const halfX3 = half * x3;
    const dx2Bar = third * xBar - halfSigma * dx3Bar + (half * (rho - z3) * dy3Bar + half * y3 * dz3Bar);
    const dy2Bar = third * yBar - half * dy3Bar + (halfSigma * dx3Bar + halfX3 * dz3Bar);
    const dz2Bar = third * zBar - halfBeta * dz3Bar - halfX3 * dy3Bar;
    const dx1Bar = sixth * xBar - halfSigma * dx2Bar + (half * (rho - z2) * dy2Bar + half * y2 * dz2Bar);
    const dy1Bar = sixth * yBar - half * dy2Bar + (halfSigma * dx2Bar + halfX2 * dz2Bar);
    const dz1Bar = sixth * zBar - halfBeta * dz2Bar - halfX2 * dy2Bar;
    sigmaBar += sixth * xBar * (y4 - x4) + dx3Bar * (y3 - x3) + (dx2Bar * (y2 - x2) + dx1Bar * (y - x));
    rhoBar += sixth * yBar * x4 + dy3Bar * x3 + (dy2Bar * x2 + dy1Bar * x);
    betaBar -= sixth * zBar * z4 + dz3Bar * z3 + (dz2Bar * z2 + dz1Bar * z);
    xBar = inverse * (dx3Bar + 2 * dx2Bar) - (1 / 3) * xBar + slopeX1 * dx1Bar + ((rho - z) * dy1Bar + y * dz1Bar);
    yBar = inverse * (dy3Bar + 2 * dy2Bar) - (1 / 3) * yBar + slopeY1 * dy1Bar + (sigma * dx1Bar + x * dz1Bar);
    zBar = inverse * (dz3Bar + 2 * dz2Bar) - (1 / 3) * zBar + slopeZ1 * dz1Bar - x * dy1Bar;
  }
  return { value: sum / steps, grad: [xBar, yBar, zBar, sigmaBar, rhoBar, betaBar] };
}
