/**
 * Residuals of test problems of J. J. Moré, B. S. Garbow and K. E. Hillstrom, Testing Unconstrained Optimization Software
 * (ACM Transactions on Mathematical Software 7, 1981), by their numbers there.
 */
type Numbers2 = readonly [number, number];
type Numbers3 = readonly [number, number, number];
type Numbers4 = readonly [number, number, number, number];

/** 1. @differentiable jacobian, vjp wrt x */
export function rosenbrock(x: Numbers2): number[] {
  return [10 * (x[1] - x[0] ** 2), 1 - x[0]];
}

/** 2. @differentiable jacobian, vjp wrt x */
export function freudensteinRoth(x: Numbers2): number[] {
  return [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]];
}

/** 3. @differentiable jacobian, vjp wrt x */
export function powellBadlyScaled(x: Numbers2): number[] {
  return [1e4 * x[0] * x[1] - 1, Math.exp(-x[0]) + Math.exp(-x[1]) - 1.0001];
}

/** 4. @differentiable jacobian, vjp wrt x */
export function brownBadlyScaled(x: Numbers2): number[] {
  return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2];
}

/** 5. @differentiable jacobian, vjp wrt x */
export function beale(x: Numbers2): number[] {
  return [1.5, 2.25, 2.625].map((y, i) => y - x[0] * (1 - x[1] ** (i + 1)));
}

/** 6. @differentiable jacobian, vjp wrt x */
export function jennrichSampson(x: Numbers2): number[] {
  return Array.from({ length: 10 }, (_, k) => 2 + 2 * (k + 1) - (Math.exp((k + 1) * x[0]) + Math.exp((k + 1) * x[1])));
}

/** 7. @differentiable jacobian, vjp wrt x */
export function helicalValley(x: Numbers3): number[] {
  const turn = Math.atan2(x[1], x[0]) / (2 * Math.PI);
  return [10 * (x[2] - 10 * turn), 10 * (Math.hypot(x[0], x[1]) - 1), x[2]];
}

const bardData: readonly number[] = [
  0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39,
];

/** 8. @differentiable jacobian, vjp wrt x */
export function bard(x: Numbers3): number[] {
  return bardData.map((y, k) => {
    const [u, v] = [k + 1, 15 - k];
    return y - (x[0] + u / (v * x[1] + Math.min(u, v) * x[2]));
  });
}

const gaussianData: readonly number[] = [
  0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044, 0.0009,
];

/** 9. @differentiable jacobian, vjp wrt x */
export function gaussian(x: Numbers3): number[] {
  return gaussianData.map((y, k) => x[0] * Math.exp((-x[1] * ((7 - k) / 2 - x[2]) ** 2) / 2) - y);
}

const meyerData: readonly number[] = [
  34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
];

/** 10. @differentiable jacobian, vjp wrt x */
export function meyer(x: Numbers3): number[] {
  return meyerData.map((y, k) => x[0] * Math.exp(x[1] / (45 + 5 * (k + 1) + x[2])) - y);
}

/** 12. @differentiable jacobian, vjp wrt x */
export function box(x: Numbers3): number[] {
  return Array.from({ length: 10 }, (_, k) => {
    const t = 0.1 * (k + 1);
    return Math.exp(-t * x[0]) - Math.exp(-t * x[1]) - x[2] * (Math.exp(-t) - Math.exp(-10 * t));
  });
}

/** 13. @differentiable jacobian, vjp wrt x */
export function powellSingular(x: Numbers4): number[] {
  return [x[0] + 10 * x[1], Math.sqrt(5) * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, Math.sqrt(10) * (x[0] - x[3]) ** 2];
}

/** 14. @differentiable jacobian, vjp wrt x */
export function wood(x: Numbers4): number[] {
  return [
    10 * (x[1] - x[0] ** 2),
    1 - x[0],
    Math.sqrt(90) * (x[3] - x[2] ** 2),
    1 - x[2],
    Math.sqrt(10) * (x[1] + x[3] - 2),
    (x[1] - x[3]) / Math.sqrt(10),
  ];
}

const kowalikData: readonly Numbers2[] = [
  [0.1957, 4],
  [0.1947, 2],
  [0.1735, 1],
  [0.16, 0.5],
  [0.0844, 0.25],
  [0.0627, 0.167],
  [0.0456, 0.125],
  [0.0342, 0.1],
  [0.0323, 0.0833],
  [0.0235, 0.0714],
  [0.0246, 0.0625],
];

/** 15. @differentiable jacobian, vjp wrt x */
export function kowalikOsborne(x: Numbers4): number[] {
  return kowalikData.map(([y, u]) => y - (x[0] * (u * u + u * x[1])) / (u * u + u * x[2] + x[3]));
}

/** 16. @differentiable jacobian, vjp wrt x */
export function brownDennis(x: Numbers4): number[] {
  return Array.from({ length: 20 }, (_, k) => {
    const t = (k + 1) / 5;
    return (x[0] + t * x[1] - Math.exp(t)) ** 2 + (x[2] + x[3] * Math.sin(t) - Math.cos(t)) ** 2;
  });
}

/** 20. @differentiable jacobian, vjp wrt x */
export function watson(x: readonly number[]): number[] {
  const residuals = Array.from({ length: 29 }, (_, k) => {
    const t = (k + 1) / 29;
    let [slope, value, power] = [0, 0, 1];
    for (let j = 0; j < x.length; j++) {
      if (j > 0) slope += (j * x[j]! * power) / t;
      value += x[j]! * power;
      power *= t;
    }
    return slope - value ** 2 - 1;
  });
  residuals.push(x[0]!, x[1]! - x[0]! ** 2 - 1);
  return residuals;
}

/** 21. @differentiable jacobian, vjp wrt x */
export function extendedRosenbrock(x: readonly number[]): number[] {
  return x.map((xi, i) => (i % 2 === 0 ? 10 * (x[i + 1]! - xi ** 2) : 1 - x[i - 1]!));
}

/** 23. @differentiable jacobian, vjp wrt x */
export function penalty(x: readonly number[]): number[] {
  const weight = Math.sqrt(1e-5);
  return [...x.map((xi) => weight * (xi - 1)), x.reduce((sum, xi) => sum + xi * xi, -0.25)];
}

/** 25. @differentiable jacobian, vjp wrt x */
export function variablyDimensioned(x: readonly number[]): number[] {
  const sum = x.reduce((total, xi, i) => total + (i + 1) * (xi - 1), 0);
  return [...x.map((xi) => xi - 1), sum, sum * sum];
}

/** 28. @differentiable jacobian, vjp wrt x */
export function boundaryValue(x: readonly number[]): number[] {
  const h = 1 / (x.length + 1);
  return x.map((xi, i) => {
    const before = i > 0 ? x[i - 1]! : 0;
    const after = i < x.length - 1 ? x[i + 1]! : 0;
    return 2 * xi - before - after + (h * h * (xi + h * (i + 1) + 1) ** 3) / 2;
  });
}

/** 30. @differentiable jacobian, vjp wrt x */
export function broydenTridiagonal(x: readonly number[]): number[] {
  return x.map((xi, i) => {
    const before = i > 0 ? x[i - 1]! : 0;
    const after = i < x.length - 1 ? x[i + 1]! : 0;
    return (3 - 2 * xi) * xi - before - 2 * after + 1;
  });
}
