/** What each verb costs, against the function itself: times of one run, as ratios, and the bytes that a call allocates. */
import type { Generated } from "./generate.js";
import { bytesPerCall, median, timeInterleaved } from "./measure.js";
import * as primals from "./problems/verbs.js";

export interface VerbBench {
  readonly name: string;
  /** Inputs and outputs. */
  readonly size: string;
  /** By what they are called; the first is what the others are compared with. */
  readonly calls: Readonly<Record<string, () => unknown>>;
}

const wave = (count: number, from = 0): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(from + k));

type Corners = Record<"a" | "b" | "c", [number, number]>;
const corners = (): Corners => ({ a: [0, 0], b: [0, 0], c: [0, 0] });

export function verbBenches(of: Generated): readonly VerbBench[] {
  const samples = Float64Array.from({ length: 1000 }, (_, k) => k / 500 - 1);
  const fit = [wave(6, 1), samples, wave(1000)] as const;
  const along = wave(6, 3);
  const gradient = wave(6);
  const both = { grad: wave(6), hvp: wave(6) };
  const rows = Array.from({ length: 6 }, () => wave(6));
  const sketch = [{ a: [0, 0.1], b: [1, 0.2], c: [0.4, 0.9] }, 1] as const;
  const sketchGradient = corners();
  const direction: Corners = { a: [1, 0.5], b: [-0.3, 0.2], c: [0.1, -1] };
  const sketchRows = Object.fromEntries(["a", "b", "c"].map((name) => [name, [corners(), corners()]]));
  const arm = [
    [0.3, 0.5, -0.4],
    [1, 0.8, 0.5],
  ] as const;
  const armRows = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  const times = Float64Array.from({ length: 100 }, (_, k) => k / 10);
  const decays = [Float64Array.of(1, 0.5, 2, 0.3, 0.7, 1.1), times, wave(100)] as const;
  const decayRows = Array.from({ length: 100 }, () => wave(6));
  const line = [wave(20), 1.5] as const;
  return [
    {
      name: "polynomialFit",
      size: "6 → 1, 1000 samples",
      calls: {
        function: () => primals.polynomialFit(...fit),
        valueAndGrad: () => of("valueAndGradPolynomialFit")(...fit),
        "valueAndGrad, into": () => of("valueAndGradPolynomialFitInto")(gradient, ...fit),
        "vjp, one pullback": () => (of("vjpPolynomialFit")(...fit) as { pullback(seed: number): unknown }).pullback(1),
        jvp: () => of("jvpPolynomialFit")(fit, along),
        hvp: () => of("hvpPolynomialFit")(fit, along),
        "hvp, into": () => of("hvpPolynomialFitInto")(both, fit, along),
        hessian: () => of("hessianPolynomialFit")(...fit),
        "hessian, into": () => of("hessianPolynomialFitInto")(rows, ...fit),
      },
    },
    {
      name: "sketchEnergy",
      size: "6 → 1",
      calls: {
        function: () => primals.sketchEnergy(...sketch),
        valueAndGrad: () => of("valueAndGradSketchEnergy")(...sketch),
        "valueAndGrad, into": () => of("valueAndGradSketchEnergyInto")(sketchGradient, ...sketch),
        hvp: () => of("hvpSketchEnergy")(sketch, direction),
        hessian: () => of("hessianSketchEnergy")(...sketch),
        "hessian, into": () => of("hessianSketchEnergyInto")(sketchRows, ...sketch),
      },
    },
    {
      name: "armHand",
      size: "3 → 2",
      calls: {
        function: () => primals.armHand(...arm),
        jvp: () => of("jvpArmHand")(arm, [1, 0, 0]),
        jacobian: () => of("jacobianArmHand")(...arm),
        "jacobian, into": () => of("jacobianArmHandInto")(armRows, ...arm),
      },
    },
    {
      name: "decayMisfits",
      size: "6 → 100",
      calls: {
        function: () => primals.decayMisfits(...decays),
        jvp: () => of("jvpDecayMisfits")(decays, along),
        jacobian: () => of("jacobianDecayMisfits")(...decays),
        "jacobian, into": () => of("jacobianDecayMisfitsInto")(decayRows, ...decays),
      },
    },
    {
      name: "bratu",
      size: "20 → 20",
      calls: {
        function: () => primals.bratu(...line),
        jvp: () => of("jvpBratu")(line, wave(20, 2)),
        jacobian: () => of("jacobianBratu")(...line),
      },
    },
  ];
}

export const verbHeader = ["function", "inputs → outputs", "verb", "µs", "times the function", "bytes"];

export function measureVerbs({ name, size, calls }: VerbBench, seconds: number): readonly (readonly string[])[] {
  const named = Object.entries(calls);
  const runs = named.map(
    ([, run]) =>
      (): number =>
        run() === undefined ? 0 : 1,
  );
  const rounds = timeInterleaved(runs, seconds);
  return named.map(([verb], k) => [
    name,
    size,
    verb,
    median(rounds.map((round) => round[k]!)).toFixed(2),
    median(rounds.map((round) => round[k]! / round[0]!)).toFixed(2),
    bytesPerCall(runs[k]!).toLocaleString("en"),
  ]);
}
