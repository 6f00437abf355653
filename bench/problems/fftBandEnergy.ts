/** The discrete Fourier transform, in place. The length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j]!, real[i]!];
      [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
    }
  }
  const cosines = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const even = start + k;
        const odd = even + half;
        const cosine = cosines[(k * n) / size]!;
        const sine = sines[(k * n) / size]!;
        const re = real[odd]! * cosine - imaginary[odd]! * sine;
        const im = real[odd]! * sine + imaginary[odd]! * cosine;
        real[odd] = real[even]! - re;
        imaginary[odd] = imaginary[even]! - im;
        real[even]! += re;
        imaginary[even]! += im;
      }
    }
  }
}

/**
 * Energy of a real signal in a band of frequencies, the last one included.
 * @differentiable valueAndGrad wrt signal
 */
export function fftBandEnergy(signal: Float64Array, first: number, last: number): number {
  const real = signal.slice();
  const imaginary = new Float64Array(signal.length);
  transform(real, imaginary);
  let energy = 0;
  for (let k = first; k <= last; k++) energy += real[k]! * real[k]! + imaginary[k]! * imaginary[k]!;
  return energy;
}
