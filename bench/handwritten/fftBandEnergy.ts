/**
 * Value and gradient by hand. A real signal is half as many complex numbers, whose transform gives any frequency of the
 * signal from two of its own. It goes from large butterflies to small ones and leaves its frequencies in bit-reversed
 * order; its transpose goes back, so that nothing is ever put in order.
 */
export function valueAndGradFftBandEnergy(
  signal: Float64Array,
  first: number,
  last: number,
): { value: number; grad: Float64Array } {
  const n = signal.length >> 1;
  const bits = 31 - Math.clz32(n);
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    real[j] = signal[2 * j]!;
    imaginary[j] = signal[2 * j + 1]!;
  }
  const quarter = n >> 1;
  const cosines = new Float64Array(quarter);
  const sines = new Float64Array(quarter);
  for (let k = 0; k < quarter; k++) {
    const angle = (-2 * Math.PI * k) / n;
    cosines[k] = Math.cos(angle);
    sines[k] = Math.sin(angle);
  }

  for (let half = quarter, stride = 1; half > 1; half >>= 1, stride <<= 1) {
    for (let start = 0; start < n; start += 2 * half) {
      for (let even = start, odd = start + half, twiddle = 0; twiddle < quarter; even++, odd++, twiddle += stride) {
        const cosine = cosines[twiddle]!;
        const sine = sines[twiddle]!;
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
  sumsAndDifferences(real);
  sumsAndDifferences(imaginary);

  // The frequency k of the signal is (s − i w d) / 2 with s = a + conj b, d = a − conj b and w = exp(−i π k / n), where a
  // and b are the frequencies k and n − k of the transform.
  const realBar = new Float64Array(n);
  const imaginaryBar = new Float64Array(n);
  let energy = 0;
  for (let frequency = first; frequency <= last; frequency++) {
    const k = Math.min(frequency, 2 * n - frequency); // the upper half mirrors the lower
    const a = reversed(k & (n - 1), bits);
    const b = reversed((n - k) & (n - 1), bits);
    const angle = (-Math.PI * k) / n;
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    const dReal = real[a]! - real[b]!;
    const dImaginary = imaginary[a]! + imaginary[b]!;
    const re = 0.5 * (real[a]! + real[b]! + cosine * dImaginary + sine * dReal);
    const im = 0.5 * (imaginary[a]! - imaginary[b]! + sine * dImaginary - cosine * dReal);
    energy += re * re + im * im;
    // The energy's adjoint of re is 2 re, so that the halves are gone.
    const dRealBar = sine * re - cosine * im;
    const dImaginaryBar = cosine * re + sine * im;
    realBar[a] = realBar[a]! + re + dRealBar;
    imaginaryBar[a] = imaginaryBar[a]! + im + dImaginaryBar;
    realBar[b] = realBar[b]! + re - dRealBar;
    imaginaryBar[b] = imaginaryBar[b]! - im + dImaginaryBar;
  }

  sumsAndDifferences(realBar);
  sumsAndDifferences(imaginaryBar);
  for (let half = 2, stride = quarter >> 1; half < n; half <<= 1, stride >>= 1) {
    for (let start = 0; start < n; start += 2 * half) {
      for (let even = start, odd = start + half, twiddle = 0; twiddle < quarter; even++, odd++, twiddle += stride) {
        const cosine = cosines[twiddle]!;
        const sine = sines[twiddle]!;
        const evenReal = realBar[even]!;
        const evenImaginary = imaginaryBar[even]!;
        const oddReal = realBar[odd]!;
        const oddImaginary = imaginaryBar[odd]!;
        const re = oddReal * cosine + oddImaginary * sine;
        const im = oddImaginary * cosine - oddReal * sine;
        realBar[even] = evenReal + re;
        imaginaryBar[even] = evenImaginary + im;
        realBar[odd] = evenReal - re;
        imaginaryBar[odd] = evenImaginary - im;
      }
    }
  }
  const grad = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    grad[2 * j] = realBar[j]!;
    grad[2 * j + 1] = imaginaryBar[j]!;
  }
  return { value: energy, grad };
}

/** The smallest butterflies, which turn nothing and are their own transpose. */
function sumsAndDifferences(values: Float64Array): void {
  for (let i = 0; i + 1 < values.length; i += 2) {
    const even = values[i]!;
    const odd = values[i + 1]!;
    values[i] = even + odd;
    values[i + 1] = even - odd;
  }
}

function reversed(index: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((index >> bit) & 1) << (bits - 1 - bit);
  return result;
}
