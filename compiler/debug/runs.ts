/** Runs of an instrumented derivative at one point, and what its probes have seen. */
import { probesSymbol } from "./instrument.js";

type Callable = (...args: unknown[]) => unknown;

/** What the package `adjoint` knows of structures with numbers. */
export interface Structures {
  snapshot(value: unknown): unknown;
  pack(value: unknown, like?: unknown): Float64Array;
  unpack(flat: ArrayLike<number>, template: unknown, like?: unknown): unknown;
}

export interface Derivatives {
  /** `valueAndGrad`, or `vjp` of what gives more than one number. */
  readonly reverse: Callable;
  readonly isPullback: boolean;
  /** The fields of the value that lead to what is differentiated; null where that is no part of the value. */
  readonly path: readonly string[] | null;
  /** `jvp`; null where a rule has no pushforward. */
  readonly tangent: Callable | null;
}

/** One time at which a probe was passed. */
export interface Passage {
  readonly probe: number;
  readonly value: number;
}

export interface ReverseRun {
  readonly value: unknown;
  readonly gradient: unknown;
  /** In the order of the forward sweep. */
  readonly values: readonly Passage[];
  /** In the order of the reverse sweep. */
  readonly cotangents: readonly Passage[];
}

/** What is added to the numbers or the tangents that pass, by passage: the place in `values`. */
export type Added = (passage: number) => number;

interface Watch {
  readonly forward?: (x: number, probe: number) => number;
  readonly pullback?: (cotangent: number, probe: number) => void;
  readonly pushforward?: (tangent: number, probe: number) => number;
}

export class Runs {
  /** The probe that was passed last. */
  lastPassed: number | null = null;

  constructor(
    private readonly derivatives: Derivatives,
    private readonly args: readonly unknown[],
    private readonly structures: Structures,
  ) {}

  get hasTangent(): boolean {
    return this.derivatives.tangent !== null;
  }

  reverse(): ReverseRun {
    const [values, cotangents]: [Passage[], Passage[]] = [[], []];
    const forward = (value: number, probe: number): number => {
      values.push({ probe, value });
      return value;
    };
    const pullback = (value: number, probe: number): void => void cotangents.push({ probe, value });
    const { value, gradient } = this.watched({ forward, pullback }, () => this.gradientHere());
    return { value, gradient, values, cotangents };
  }

  /** The number that is differentiated; NaN where it is not seen. */
  output({ value }: { readonly value: unknown }): number {
    const output = this.selected(value);
    return output === undefined ? NaN : this.weighted(output, value);
  }

  private selected(value: unknown): unknown {
    const { path } = this.derivatives;
    return path?.reduce((whole, name) => (whole as Record<string, unknown>)[name], value);
  }

  /** How often every probe passed a tangent. */
  tangentCounts(gradient: unknown): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    const pushforward = (tangent: number, probe: number): number => {
      counts.set(probe, (counts.get(probe) ?? 0) + 1);
      return tangent;
    };
    this.watched({ pushforward }, () => this.tangentHere(gradient));
    return counts;
  }

  /** The change of the output along tangents that are added on the way. */
  tangentAlong(gradient: unknown, added: Added, passagesOf: ReadonlyMap<number, readonly number[]>): number {
    const next = new Map<number, number>();
    const pushforward = (tangent: number, probe: number): number => {
      const k = next.get(probe) ?? 0;
      next.set(probe, k + 1);
      return tangent + added(passagesOf.get(probe)![k]!);
    };
    return this.watched({ pushforward }, () => this.tangentHere(gradient));
  }

  /** The change of the output with one number by a central difference; null where it bends, or takes another way. */
  slopeAt({ value, values }: ReverseRun, place: number, step: number): number | null {
    return centralSlope((h) => this.moved(values, place, h), this.output({ value }), step);
  }

  private moved(values: readonly Passage[], place: number, by: number): number | null {
    let passage = 0;
    let isSameWay = true;
    const forward = (x: number, probe: number): number => {
      isSameWay &&= values[passage]?.probe === probe;
      return passage++ === place && typeof x === "number" ? x + by : x;
    };
    try {
      const output = this.watched({ forward }, () => this.outputHere());
      return isSameWay && passage === values.length ? output : null;
    } catch {
      return null;
    }
  }

  /** The number that is differentiated, at other arguments; null where the function throws. */
  outputAt(change: (args: unknown[]) => void): number | null {
    const args = this.arguments();
    change(args);
    try {
      return this.watched({}, () => this.output(this.derivatives.reverse(...args) as { value: unknown }));
    } catch {
      return null;
    }
  }

  private gradientHere(): { value: unknown; gradient: unknown } {
    const result = this.derivatives.reverse(...this.arguments()) as Record<string, unknown>;
    const { value } = result;
    if (!this.derivatives.isPullback) return { value, gradient: result["grad"] };
    return { value, gradient: (result["pullback"] as Callable)(this.seedFor(value)) };
  }

  private outputHere(): number {
    return this.output(this.derivatives.reverse(...this.arguments()) as { value: unknown });
  }

  private tangentHere(gradient: unknown): number {
    const zero = this.structures.unpack(new Float64Array(this.structures.pack(gradient).length), gradient);
    const { value, tangent } = this.derivatives.tangent!(this.arguments(), zero) as {
      value: unknown;
      tangent: unknown;
    };
    return this.weighted(tangent, value);
  }

  private weighted(numbers: unknown, value: unknown): number {
    if (!this.derivatives.isPullback) return numbers as number;
    const seed = this.structures.pack(this.seedFor(value));
    return this.structures.pack(numbers).reduce((sum, number, k) => sum + number * seed[k]!, 0);
  }

  /** Some numbers, none like another. */
  private seedFor(value: unknown): unknown {
    return this.structures.unpack(
      this.structures.pack(this.selected(value)).map((_, k) => 0.5 + ((k * 0.618034) % 1)),
      this.selected(value),
    );
  }

  private arguments(): unknown[] {
    return this.structures.snapshot(this.args) as unknown[];
  }

  private watched<T>(watch: Watch, run: () => T): T {
    const { forward, pullback, pushforward } = watch;
    const functions = {
      forward: (x: number, probe: number) => {
        this.lastPassed = probe;
        return forward ? forward(x, probe) : x;
      },
      pullback: (_x: number, probe: number, _value: number, cotangent: number) => {
        this.lastPassed = probe;
        pullback?.(cotangent, probe);
        return [cotangent, undefined];
      },
      pushforward: (_x: number, probe: number, _value: number, [tangent]: [number]) =>
        pushforward ? pushforward(tangent, probe) : tangent,
    };
    Object.assign((globalThis as Record<symbol, unknown>)[Symbol.for(probesSymbol)] as object, { functions });
    return run();
  }
}

/** What instrumented code calls; it must be there before that code is loaded. */
export function installProbes(): void {
  if (Symbol.for(probesSymbol) in globalThis) return;
  const holder = {
    functions: {} as Record<"forward" | "pullback" | "pushforward", Callable>,
    forward: (...args: unknown[]): unknown => holder.functions.forward(...args),
    pullback: (...args: unknown[]): unknown => holder.functions.pullback(...args),
    pushforward: (...args: unknown[]): unknown => holder.functions.pushforward(...args),
  };
  (globalThis as Record<symbol, unknown>)[Symbol.for(probesSymbol)] = holder;
}

/** A central difference; null where the two sides differ, or one is missing. */
export function centralSlope(at: (h: number) => number | null, here: number, step: number): number | null {
  const [above, below] = [at(step), at(-step)];
  if (above === null || below === null) return null;
  const slopes = [(above - here) / step, (here - below) / step] as const;
  const isBent = Math.abs(slopes[0] - slopes[1]) > 0.1 * Math.max(Math.abs(slopes[0]), Math.abs(slopes[1]));
  const isNoise = Math.abs(above - below) <= 1e-12 * Math.abs(here);
  return isBent && !isNoise ? null : (above - below) / (2 * step);
}

/** Small where differences are exact but for rounding, large where what is differenced is rounded to single precision. */
export const steps: readonly number[] = [1e-5, 1e-2];
