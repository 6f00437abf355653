/** One problem: every peer's gradient is checked, then all take their turn in rounds. */
import { runInNewContext } from "node:vm";
import { blocks, countInputs, type Problem } from "../catalogue.js";
import { generate } from "../generate.js";
import { median, timeInterleaved } from "../measure.js";
import { gradientDifference } from "./check.js";
import type { Blocks, Gradient, Peer } from "./peer.js";

/** The time is set unless there is a failure. */
export interface Outcome {
  readonly peer: Peer;
  /** As a multiple of the generated adjoint's. */
  readonly time: number | null;
  /** The gradient's distance from the generated one. */
  readonly difference: number | null;
  readonly failure: string | null;
}

export interface Comparison {
  readonly name: string;
  readonly inputs: number;
  /** Of the generated adjoint. */
  readonly microseconds: number;
  /** As a multiple of the generated adjoint's. */
  readonly byHand: number;
  readonly outcomes: readonly Outcome[];
}

type Checked = Outcome & { readonly gradient?: Gradient };

async function check(peer: Peer, name: string, wanted: readonly Float64Array[]): Promise<Checked> {
  const none = { peer, time: null, difference: null };
  const prepare = peer.prepare[name];
  if (!prepare) return { ...none, failure: peer.reasons[name] ?? "not written for it" };
  const why = name in peer.reasons ? ` (${peer.reasons[name]})` : "";
  try {
    const gradient = await prepare();
    const difference = gradientDifference(gradient(), wanted, peer.sample !== undefined);
    const isRight = difference <= peer.tolerance;
    const failure = isRight ? null : `wrong: the gradient is ${difference.toExponential(1)} away${why}`;
    return { ...none, difference, failure, ...(isRight && { gradient }) };
  } catch (error) {
    return { ...none, failure: `crashed: ${String(error).split("\n")[0]!.slice(0, 160)}${why}` };
  }
}

/** Reading one number keeps the call from being left out. */
const callOf = (gradient: () => Blocks) => (): number => gradient()[0]![0]!;

const collectGarbage = runInNewContext("gc") as () => void;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Once a round, so that nobody pays for what others leave. It lasts long enough not to be repeated. */
function cleanUp(): number {
  collectGarbage();
  Atomics.wait(pause, 0, 0, 60);
  return 0;
}

export async function compare(problem: Problem, peers: readonly Peer[], seconds: number): Promise<Comparison> {
  const { name, args, handWritten } = problem;
  const generated = await generate(problem);
  if (typeof generated === "string") throw new Error(`${name}: ${generated}`);
  const wanted = blocks(problem, generated(...args).grad);
  const checked: Checked[] = [];
  for (const peer of peers) checked.push(await check(peer, name, wanted));

  const timed = checked.flatMap(({ peer, gradient }) => {
    if (!gradient) return [];
    return [{ peer, ...(peer.sample?.(name) ?? { gradient, share: 1 }) }];
  });
  const references = [generated, handWritten].map((derivative) => (): number => derivative(...args).value);
  const rounds = timeInterleaved([...references, ...timed.map(({ gradient }) => callOf(gradient)), cleanUp], seconds);
  const ratio = (at: number): number => median(rounds.map((round) => round[at]! / round[0]!));
  const times = new Map(timed.map(({ peer, share }, at) => [peer, ratio(references.length + at) / share]));
  return {
    name,
    inputs: countInputs(problem),
    microseconds: median(rounds.map((round) => round[0]!)),
    byHand: ratio(1),
    outcomes: checked.map(({ peer, difference, failure }) => ({
      peer,
      time: times.get(peer) ?? null,
      difference,
      failure,
    })),
  };
}
