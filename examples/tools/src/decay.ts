/** A decay with a floor, and how far it is from what was measured. */
export interface Decay {
  readonly height: number;
  readonly rate: number;
  readonly floor: number;
}

export interface Measured {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export function decayAt({ height, rate, floor }: Decay, time: number): number {
  if (rate < 0) throw new RangeError("A decay has a positive rate.");
  return floor + height * Math.exp(-rate * time);
}

export function misfit(decay: Decay, { times, values }: Measured): number {
  let sum = 0;
  for (let i = 0; i < times.length; i++) sum += (decayAt(decay, times[i]) - values[i]) ** 2;
  return sum / times.length;
}
