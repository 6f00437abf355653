/**
 * Value and gradient by hand: two sizes of butterflies at once, and of the large ones only those that the band hears. The
 * transpose goes back the same way. Of the turns few are cosines and sines, the rest products of them.
 */
export function valueAndGradFftBandEnergy(
  signal: Float64Array,
  first: number,
  last: number,
): { value: number; grad: Float64Array } {
  const n = signal.length;
  if (n < 4) return small(signal, first, last);
  const quarter = n >> 2;
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);

  // Butterflies up to this size are all needed. Of a larger one, one output for each frequency.
  let whole = n;
  while (whole > 4 && last - first + 1 <= whole >> 1) whole >>= 1;
  const cosines = new Float64Array(n >> 1);
  const sines = new Float64Array(n >> 1);
  fillTurns(cosines, sines);

  // Sizes 2 and 4, which turn by nothing or by a quarter, of numbers that are still real.
  for (let to = 0, from = 0; to < n; to += 4) {
    const x0 = signal[from]!;
    const x1 = signal[from + 2 * quarter]!;
    const x2 = signal[from + quarter]!;
    const x3 = signal[from + 3 * quarter]!;
    const sum0 = x0 + x1;
    const difference0 = x0 - x1;
    const sum1 = x2 + x3;
    const difference1 = x2 - x3;
    real[to] = sum0 + sum1;
    real[to + 1] = difference0;
    imaginary[to + 1] = -difference1;
    real[to + 2] = sum0 - sum1;
    real[to + 3] = difference0;
    imaginary[to + 3] = difference1;
    // The next number with its bits reversed.
    let bit = quarter >> 1;
    for (; from & bit; bit >>= 1) from ^= bit;
    from ^= bit;
  }
  let size = 8;
  if (size <= whole && (Math.clz32(size) - Math.clz32(whole)) % 2 === 0) {
    butterflies(real, imaginary, size, cosines, sines);
    size <<= 1;
  }
  for (; size <= whole; size <<= 2) twoButterflies(real, imaginary, size, cosines, sines);
  for (; size <= n; size <<= 1) {
    const half = size >> 1;
    for (let frequency = first; frequency <= last; frequency++) {
      const k = frequency & (half - 1);
      const turn = (k * n) / size;
      const cosine = cosines[turn]!;
      const sine = sines[turn]!;
      if ((frequency & half) === 0) {
        for (let even = k; even < n; even += size) {
          const oddRe = real[even + half]!;
          const oddIm = imaginary[even + half]!;
          real[even] = real[even]! + (oddRe * cosine - oddIm * sine);
          imaginary[even] = imaginary[even]! + (oddRe * sine + oddIm * cosine);
        }
      } else {
        for (let even = k; even < n; even += size) {
          const odd = even + half;
          const oddRe = real[odd]!;
          const oddIm = imaginary[odd]!;
          real[odd] = real[even]! - (oddRe * cosine - oddIm * sine);
          imaginary[odd] = imaginary[even]! - (oddRe * sine + oddIm * cosine);
        }
      }
    }
  }

  // The adjoints take the places of the numbers, and are 0 outside of the band.
  let energy = 0;
  for (let frequency = first; frequency <= last; frequency++) {
    const re = real[frequency]!;
    const im = imaginary[frequency]!;
    energy += re * re + im * im;
    real[frequency] = 2 * re;
    imaginary[frequency] = 2 * im;
  }
  real.fill(0, 0, first);
  imaginary.fill(0, 0, first);
  real.fill(0, last + 1);
  imaginary.fill(0, last + 1);

  for (size = n; size > whole; size >>= 1) {
    const half = size >> 1;
    for (let frequency = first; frequency <= last; frequency++) {
      const k = frequency & (half - 1);
      const turn = (k * n) / size;
      let cosine = cosines[turn]!;
      let sine = sines[turn]!;
      const at = frequency & (size - 1);
      if (at !== k) {
        cosine = -cosine;
        sine = -sine;
      }
      for (let start = 0; start < n; start += size) {
        const re = real[start + at]!;
        const im = imaginary[start + at]!;
        real[start + k] = re;
        imaginary[start + k] = im;
        real[start + k + half] = re * cosine + im * sine;
        imaginary[start + k + half] = im * cosine - re * sine;
      }
    }
  }
  for (; size > 8; size >>= 2) twoTransposed(real, imaginary, size >> 1, cosines, sines);
  if (size > 4) transposed(real, imaginary, size, cosines, sines);
  const grad = new Float64Array(n);
  for (let from = 0, to = 0; from < n; from += 4) {
    const sum = real[from]! + real[from + 2]!;
    const difference = real[from]! - real[from + 2]!;
    const otherSum = real[from + 1]! + real[from + 3]!;
    const otherDifference = imaginary[from + 3]! - imaginary[from + 1]!;
    grad[to] = sum + otherSum;
    grad[to + 2 * quarter] = sum - otherSum;
    grad[to + quarter] = difference + otherDifference;
    grad[to + 3 * quarter] = difference - otherDifference;
    let bit = quarter >> 1;
    for (; to & bit; bit >>= 1) to ^= bit;
    to ^= bit;
  }
  return { value: energy, grad };
}

/** All turns by multiples of an angle: products of turns by some multiples of many of it and by less than that. */
function fillTurns(cosines: Float64Array, sines: Float64Array): void {
  const count = cosines.length;
  const step = 1 << ((32 - Math.clz32(count)) >> 1);
  const angle = Math.PI / count;
  for (let k = 0; k < step && k < count; k++) {
    cosines[k] = Math.cos(angle * k);
    sines[k] = -Math.sin(angle * k);
  }
  for (let start = step; start < count; start += step) {
    const cosine = Math.cos(angle * start);
    const sine = -Math.sin(angle * start);
    for (let k = 0; k < step; k++) {
      const smallCosine = cosines[k]!;
      const smallSine = sines[k]!;
      cosines[start + k] = cosine * smallCosine - sine * smallSine;
      sines[start + k] = sine * smallCosine + cosine * smallSine;
    }
  }
}

/** All butterflies of a size. */
function butterflies(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  const n = real.length;
  const half = size >> 1;
  const stride = n / size;
  for (let k = 0; k < half; k++) {
    const cosine = cosines[k * stride]!;
    const sine = sines[k * stride]!;
    for (let even = k; even < n; even += size) {
      const odd = even + half;
      const oddRe = real[odd]!;
      const oddIm = imaginary[odd]!;
      const re = oddRe * cosine - oddIm * sine;
      const im = oddRe * sine + oddIm * cosine;
      const evenRe = real[even]!;
      const evenIm = imaginary[even]!;
      real[odd] = evenRe - re;
      imaginary[odd] = evenIm - im;
      real[even] = evenRe + re;
      imaginary[even] = evenIm + im;
    }
  }
}

/** All butterflies of a size, then those of its double: of radix 4. */
function twoButterflies(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  const n = real.length;
  const half = size >> 1;
  const stride = n / size;
  for (let k = 0; k < half; k++) {
    const cosine1 = cosines[k * stride]!;
    const sine1 = sines[k * stride]!;
    const turn = (k * stride) >> 1;
    const cosine2 = cosines[turn]!;
    const sine2 = sines[turn]!;
    const cosine3 = cosine2 * cosine1 - sine2 * sine1;
    const sine3 = sine2 * cosine1 + cosine2 * sine1;
    for (let at0 = k; at0 < n; at0 += 2 * size) {
      const at1 = at0 + half;
      const at2 = at1 + half;
      const at3 = at2 + half;
      const re0 = real[at0]!;
      const im0 = imaginary[at0]!;
      const re1 = real[at1]! * cosine1 - imaginary[at1]! * sine1;
      const im1 = real[at1]! * sine1 + imaginary[at1]! * cosine1;
      const re2 = real[at2]! * cosine2 - imaginary[at2]! * sine2;
      const im2 = real[at2]! * sine2 + imaginary[at2]! * cosine2;
      const re3 = real[at3]! * cosine3 - imaginary[at3]! * sine3;
      const im3 = real[at3]! * sine3 + imaginary[at3]! * cosine3;
      const sumRe0 = re0 + re1;
      const sumIm0 = im0 + im1;
      const differenceRe0 = re0 - re1;
      const differenceIm0 = im0 - im1;
      const sumRe1 = re2 + re3;
      const sumIm1 = im2 + im3;
      const differenceRe1 = re2 - re3;
      const differenceIm1 = im2 - im3;
      real[at0] = sumRe0 + sumRe1;
      imaginary[at0] = sumIm0 + sumIm1;
      real[at1] = differenceRe0 + differenceIm1;
      imaginary[at1] = differenceIm0 - differenceRe1;
      real[at2] = sumRe0 - sumRe1;
      imaginary[at2] = sumIm0 - sumIm1;
      real[at3] = differenceRe0 - differenceIm1;
      imaginary[at3] = differenceIm0 + differenceRe1;
    }
  }
}

/** The transpose of the butterflies of a size. */
function transposed(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  const n = real.length;
  const half = size >> 1;
  const stride = n / size;
  for (let k = 0; k < half; k++) {
    const cosine = cosines[k * stride]!;
    const sine = sines[k * stride]!;
    for (let even = k; even < n; even += size) {
      const odd = even + half;
      const evenRe = real[even]!;
      const evenIm = imaginary[even]!;
      const oddRe = real[odd]!;
      const oddIm = imaginary[odd]!;
      const re = evenRe - oddRe;
      const im = evenIm - oddIm;
      real[even] = evenRe + oddRe;
      imaginary[even] = evenIm + oddIm;
      real[odd] = re * cosine + im * sine;
      imaginary[odd] = im * cosine - re * sine;
    }
  }
}

/** The transpose of the butterflies of the double of a size, then those of the size: one of radix 4. */
function twoTransposed(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  cosines: Float64Array,
  sines: Float64Array,
): void {
  const n = real.length;
  const half = size >> 1;
  const stride = n / size;
  for (let k = 0; k < half; k++) {
    const cosine = cosines[k * stride]!;
    const sine = sines[k * stride]!;
    const turn = (k * stride) >> 1;
    const cosine0 = cosines[turn]!;
    const sine0 = sines[turn]!;
    const cosine1 = cosine0 * cosine - sine0 * sine;
    const sine1 = sine0 * cosine + cosine0 * sine;
    for (let at0 = k; at0 < n; at0 += 2 * size) {
      const at1 = at0 + half;
      const at2 = at1 + half;
      const at3 = at2 + half;
      const sumRe0 = real[at0]! + real[at2]!;
      const sumIm0 = imaginary[at0]! + imaginary[at2]!;
      const re0 = real[at0]! - real[at2]!;
      const im0 = imaginary[at0]! - imaginary[at2]!;
      const sumRe1 = real[at1]! + real[at3]!;
      const sumIm1 = imaginary[at1]! + imaginary[at3]!;
      // A quarter turn further, before the common turn.
      const re1 = imaginary[at3]! - imaginary[at1]!;
      const im1 = real[at1]! - real[at3]!;
      const differenceRe = sumRe0 - sumRe1;
      const differenceIm = sumIm0 - sumIm1;
      const turnRe = re0 + re1;
      const turnIm = im0 + im1;
      const backRe = re0 - re1;
      const backIm = im0 - im1;
      real[at0] = sumRe0 + sumRe1;
      imaginary[at0] = sumIm0 + sumIm1;
      real[at1] = differenceRe * cosine + differenceIm * sine;
      imaginary[at1] = differenceIm * cosine - differenceRe * sine;
      real[at2] = turnRe * cosine0 + turnIm * sine0;
      imaginary[at2] = turnIm * cosine0 - turnRe * sine0;
      real[at3] = backRe * cosine1 + backIm * sine1;
      imaginary[at3] = backIm * cosine1 - backRe * sine1;
    }
  }
}

/** One number, or two. */
function small(signal: Float64Array, first: number, last: number): { value: number; grad: Float64Array } {
  const n = signal.length;
  const grad = new Float64Array(n);
  let energy = 0;
  for (let frequency = first; frequency <= last; frequency++) {
    const other = frequency === 0 ? 1 : -1;
    const re = n === 1 ? signal[0]! : signal[0]! + other * signal[1]!;
    energy += re * re;
    grad[0] = grad[0]! + 2 * re;
    if (n > 1) grad[1] = grad[1]! + 2 * other * re;
  }
  return { value: energy, grad };
}
