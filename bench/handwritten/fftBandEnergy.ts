/**
 * Value and gradient by hand. The first transform goes from large butterflies to small ones and leaves the frequencies in
 * bit-reversed order; its transpose goes back, so that nothing is ever put in order. What is outside of the band is 0.
 */
export function valueAndGradFftBandEnergy(
  signal: Float64Array,
  first: number,
  last: number,
): { value: number; grad: Float64Array } {
  const n = signal.length;
  const real = signal.slice();
  const imaginary = new Float64Array(n);
  const cosines = new Float64Array(n / 2);
  const sines = new Float64Array(n / 2);
  for (let k = 0; k < n / 2; k++) {
    const angle = (-2 * Math.PI * k) / n;
    cosines[k] = Math.cos(angle);
    sines[k] = Math.sin(angle);
  }

  for (let half = n >> 1, stride = 1; half > 0; half >>= 1, stride <<= 1) {
    for (let k = 0, twiddle = 0; k < half; k++, twiddle += stride) {
      const cosine = cosines[twiddle]!;
      const sine = sines[twiddle]!;
      for (let even = k; even < n; even += 2 * half) {
        const odd = even + half;
        const evenReal = real[even]!;
        const evenImaginary = imaginary[even]!;
        const oddReal = real[odd]!;
        const oddImaginary = imaginary[odd]!;
        const re = evenReal - oddReal;
        const im = evenImaginary - oddImaginary;
        real[even] = evenReal + oddReal;
        imaginary[even] = evenImaginary + oddImaginary;
        real[odd] = re * cosine - im * sine;
        imaginary[odd] = re * sine + im * cosine;
      }
    }
  }

  let energy = 0;
  for (let i = 0, k = 0; i < n; i++) {
    // k is i with its bits reversed.
    if (k >= first && k <= last) {
      const re = real[i]!;
      const im = imaginary[i]!;
      energy += re * re + im * im;
      real[i] = 2 * re;
      imaginary[i] = 2 * im;
    } else {
      real[i] = 0;
      imaginary[i] = 0;
    }
    let bit = n >> 1;
    for (; k & bit; bit >>= 1) k ^= bit;
    k ^= bit;
  }

  for (let half = 1, stride = n >> 1; half < n; half <<= 1, stride >>= 1) {
    for (let k = 0, twiddle = 0; k < half; k++, twiddle += stride) {
      const cosine = cosines[twiddle]!;
      const sine = sines[twiddle]!;
      for (let even = k; even < n; even += 2 * half) {
        const odd = even + half;
        const oddReal = real[odd]!;
        const oddImaginary = imaginary[odd]!;
        const evenReal = real[even]!;
        const evenImaginary = imaginary[even]!;
        const re = oddReal * cosine + oddImaginary * sine;
        const im = oddImaginary * cosine - oddReal * sine;
        real[even] = evenReal + re;
        imaginary[even] = evenImaginary + im;
        real[odd] = evenReal - re;
        imaginary[odd] = evenImaginary - im;
      }
    }
  }
  return { value: energy, grad: real };
}
