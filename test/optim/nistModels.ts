/**
 * Residuals of the models of NIST's Statistical Reference Datasets for nonlinear regression
 * (https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml).
 */
type Numbers2 = readonly [number, number];
type Numbers3 = readonly [number, number, number];
type Numbers4 = readonly [number, number, number, number];
type Numbers5 = readonly [number, number, number, number, number];
type Numbers6 = readonly [number, number, number, number, number, number];
type Numbers7 = readonly [number, number, number, number, number, number, number];
type Numbers8 = readonly [number, number, number, number, number, number, number, number];
type Numbers9 = readonly [number, number, number, number, number, number, number, number, number];

/** @differentiable jacobian wrt b */
export function misra1a(b: Numbers2, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * (1 - Math.exp(-b[1] * xi)) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function misra1b(b: Numbers2, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * (1 - (1 + (b[1] * xi) / 2) ** -2) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function misra1c(b: Numbers2, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * (1 - (1 + 2 * b[1] * xi) ** -0.5) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function misra1d(b: Numbers2, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => (b[0] * b[1] * xi) / (1 + b[1] * xi) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function danWood(b: Numbers2, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * xi ** b[1] - y[i]!);
}

/** @differentiable jacobian wrt b */
export function chwirut(b: Numbers3, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => Math.exp(-b[0] * xi) / (b[1] + b[2] * xi) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function bennett5(b: Numbers3, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * (b[1] + xi) ** (-1 / b[2]) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function eckerle4(b: Numbers3, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => (b[0] / b[1]) * Math.exp(-0.5 * ((xi - b[2]) / b[1]) ** 2) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function mgh10(b: Numbers3, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] * Math.exp(b[1] / (xi + b[2])) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function rat42(b: Numbers3, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] / (1 + Math.exp(b[1] - b[2] * xi)) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function rat43(b: Numbers4, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] / (1 + Math.exp(b[1] - b[2] * xi)) ** (1 / b[3]) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function mgh09(b: Numbers4, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => (b[0] * (xi ** 2 + xi * b[1])) / (xi ** 2 + xi * b[2] + b[3]) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function roszman1(b: Numbers4, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] - b[1] * xi - Math.atan(b[2] / (xi - b[3])) / Math.PI - y[i]!);
}

/** @differentiable jacobian wrt b */
export function mgh17(b: Numbers5, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => b[0] + b[1] * Math.exp(-xi * b[3]) + b[2] * Math.exp(-xi * b[4]) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function kirby2(b: Numbers5, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => (b[0] + b[1] * xi + b[2] * xi ** 2) / (1 + b[3] * xi + b[4] * xi ** 2) - y[i]!);
}

/** @differentiable jacobian wrt b */
export function lanczos(b: Numbers6, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => {
    const [first, second, third] = [Math.exp(-b[1] * xi), Math.exp(-b[3] * xi), Math.exp(-b[5] * xi)];
    return b[0] * first + b[2] * second + b[4] * third - y[i]!;
  });
}

/** @differentiable jacobian wrt b */
export function cubics(b: Numbers7, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => {
    const above = b[0] + xi * (b[1] + xi * (b[2] + xi * b[3]));
    const below = 1 + xi * (b[4] + xi * (b[5] + xi * b[6]));
    return above / below - y[i]!;
  });
}

/** @differentiable jacobian wrt b */
export function gauss(b: Numbers8, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => {
    const first = b[2] * Math.exp(-((xi - b[3]) ** 2) / b[4] ** 2);
    const second = b[5] * Math.exp(-((xi - b[6]) ** 2) / b[7] ** 2);
    return b[0] * Math.exp(-b[1] * xi) + first + second - y[i]!;
  });
}

/** @differentiable jacobian wrt b */
export function enso(b: Numbers9, x: Float64Array, y: Float64Array): Float64Array {
  return x.map((xi, i) => {
    const year = (2 * Math.PI * xi) / 12;
    const [first, second] = [(2 * Math.PI * xi) / b[3], (2 * Math.PI * xi) / b[6]];
    const wave = b[4] * Math.cos(first) + b[5] * Math.sin(first) + b[7] * Math.cos(second) + b[8] * Math.sin(second);
    return b[0] + b[1] * Math.cos(year) + b[2] * Math.sin(year) + wave - y[i]!;
  });
}
