/**
 * The derivative of a function of one variable at 0, by differences at many steps and extrapolation to none, with an
 * estimate of its error and what kind of place it is.
 */

export type Place =
  /** Both one-sided derivatives agree. */
  | "smooth"
  /** They differ. */
  | "kink"
  /** The value itself jumps. */
  | "jump"
  /** The function is not defined on one side. */
  | "edge";

export interface Slope {
  readonly value: number;
  /** What the extrapolation and rounding leave uncertain; Infinity when nothing could be measured. */
  readonly error: number;
}

export interface Measurement {
  readonly place: Place;
  /** From both sides together; the mean of the two slopes on a kink. */
  readonly central: Slope;
  readonly before: Slope;
  readonly after: Slope;
  /** The size that a derivative here has by nature: the largest quotient over the longest step, of changes or of the value. */
  readonly natural: number;
}

const steps = 20;
const ratio = 4;
const unmeasured: Slope = { value: NaN, error: Infinity };

/**
 * @param f a function of the distance; what it throws away from 0 counts as not defined there
 * @param value f(0)
 * @param longest the longest step
 * @param noise absolute rounding error of a value of f
 */
export function measure(f: (t: number) => number, value: number, longest: number, noise: number): Measurement {
  const h = Array.from({ length: steps }, (_, k) => longest / ratio ** k);
  const attempt = (t: number): number => {
    try {
      return f(t);
    } catch {
      return NaN;
    }
  };
  const up = h.map((step) => attempt(step));
  const down = h.map((step) => attempt(-step));
  const forward = h.map((step, k) => (up[k]! - value) / step);
  const backward = h.map((step, k) => (value - down[k]!) / step);
  const both = h.map((step, k) => (up[k]! - down[k]!) / (2 * step));
  const after = diverging(forward, h, noise) ?? extrapolate(forward, h, ratio, noise);
  const before = diverging(backward, h, noise) ?? extrapolate(backward, h, ratio, noise);
  const central = extrapolate(both, h, ratio * ratio, noise);
  const natural = Math.max(
    Math.abs(value) / longest,
    ...[forward, backward].map((quotients) => Math.abs(quotients.find(Number.isFinite) ?? 0)),
  );
  const isEdge = (side: readonly number[]): boolean => !Number.isFinite(side[steps - 1]!);
  const isJump = (side: readonly number[]): boolean => jumps(side, value, noise);
  const place =
    isEdge(up) || isEdge(down) ? "edge" : isJump(up) || isJump(down) ? "jump" : kinkOrSmooth(before, after, natural);
  return { place, central: place === "smooth" ? better(central, before, after) : central, before, after, natural };
}

/** Differences from both sides are usually best, but not when one side is defined for the shortest steps only. */
function better(...slopes: readonly Slope[]): Slope {
  return slopes.reduce((best, slope) => (slope.error < best.error ? slope : best));
}

function kinkOrSmooth(before: Slope, after: Slope, natural: number): Place {
  const difference = Math.abs(after.value - before.value);
  if (Math.abs(after.value) === Infinity || Math.abs(before.value) === Infinity)
    return after.value === before.value ? "smooth" : "kink";
  const size = Math.max(Math.abs(after.value), Math.abs(before.value));
  const isClear = difference > 20 * (before.error + after.error) && difference > 1e-5 * Math.max(size, 1e-3 * natural);
  return isClear ? "kink" : "smooth";
}

/** Whether the value keeps a distance however short the step. */
function jumps(side: readonly number[], value: number, noise: number): boolean {
  const [far, near] = [Math.abs(side[15]! - value), Math.abs(side[19]! - value)];
  return near > 1000 * noise && near > 0.9 * far;
}

/** An infinite slope: quotients that grow without end as the step shrinks, well above rounding. */
function diverging(quotients: readonly number[], h: readonly number[], noise: number): Slope | null {
  const [far, middle, near] = [quotients[11]!, quotients[15]!, quotients[19]!];
  const isAboveNoise = Math.abs(near) * h[19]! > 1000 * noise;
  // A square root's quotients grow 16-fold over these four steps, a logarithm's or a cube's more.
  if (!isAboveNoise || !(Math.abs(near) > 4 * Math.abs(middle)) || !(Math.abs(middle) > 4 * Math.abs(far))) return null;
  return { value: near > 0 ? Infinity : -Infinity, error: 0 };
}

/** Richardson's tableau; the entry with the smallest estimated error wins (Ridders 1982). */
function extrapolate(quotients: readonly number[], h: readonly number[], order: number, noise: number): Slope {
  let best = unmeasured;
  let previous: number[] = [];
  quotients.forEach((quotient, i) => {
    const row = [quotient];
    const rounding = noise / h[i]!;
    let factor = order;
    for (let j = 1; j <= previous.length; j++) {
      row.push((factor * row[j - 1]! - previous[j - 1]!) / (factor - 1));
      const change = Math.max(Math.abs(row[j]! - row[j - 1]!), Math.abs(row[j]! - previous[j - 1]!));
      if (change + rounding < best.error) best = { value: row[j]!, error: change + rounding };
      factor *= order;
    }
    previous = row;
  });
  return best;
}
