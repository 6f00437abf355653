/**
 * Value and gradient by hand, the value bit for bit: the transform puts the signal in order, then goes from small butterflies
 * to large ones. Its transpose goes back the same way in the same two arrays, and of the last order only the real part is
 * taken.
 */
export function valueAndGradFftBandEnergy(
  signal: Float64Array,
  first: number,
  last: number,
): { value: number; grad: Float64Array } {
  const n = signal.length;
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  const reversed = new Int32Array(n); // indices with their bits reversed
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    reversed[i] = j;
  }
  for (let i = 0; i < n; i++) real[i] = signal[reversed[i]!]!;
  const cosines = new Float64Array(n >> 1);
  const sines = new Float64Array(n >> 1);
  for (let k = 0; k < n >> 1; k++) {
    const angle = (2 * Math.PI * k) / n;
    cosines[k] = Math.cos(angle);
    sines[k] = -Math.sin(angle);
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
        const re = oddReal * cosine - oddImaginary * sine;
        const im = oddReal * sine + oddImaginary * cosine;
        real[odd] = evenReal - re;
        imaginary[odd] = evenImaginary - im;
        real[even] = evenReal + re;
        imaginary[even] = evenImaginary + im;
      }
    }
  }

  let energy = 0;
  for (let k = 0; k < n; k++) {
    if (k >= first && k <= last) {
      const re = real[k]!;
      const im = imaginary[k]!;
      energy += re * re + im * im;
      real[k] = 2 * re;
      imaginary[k] = 2 * im;
    } else {
      real[k] = 0;
      imaginary[k] = 0;
    }
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
        real[odd] = re * cosine + im * sine;
        imaginary[odd] = im * cosine - re * sine;
      }
    }
  }
  const grad = new Float64Array(n);
  for (let i = 0; i < n; i++) grad[i] = real[reversed[i]!]!;
  return { value: energy, grad };
}
