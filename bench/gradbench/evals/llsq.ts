/**
 * Half the squared distance of the polynomial with these coefficients from the sign function, at `samples` equidistant
 * points of [-1, 1].
 * @differentiable grad wrt coefficients
 */
export function leastSquares(coefficients: Float64Array, samples: number): number {
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    const at = -1 + (2 * i) / (samples - 1);
    let residual = Math.sign(at);
    let power = 1;
    for (const coefficient of coefficients) {
      residual -= coefficient * power;
      power *= at;
    }
    sum += residual * residual;
  }
  return sum / 2;
}
