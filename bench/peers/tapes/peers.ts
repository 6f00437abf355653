/** The two tapes as peers. */
import type { Blocks, Peer } from "../peer.js";
import { gradientByClosures } from "./closureTape.js";
import type { Tape, TapeProblem } from "./tape.js";
import { gradientByTypedArrays } from "./typedArrayTape.js";

type Problems = Readonly<Record<string, <T>() => TapeProblem<T>>>;

const files = ["chains", "statistical", "particles", "bundleAdjustment"];

/** Each tape has a copy of the code to itself, so that V8 sees one kind of tape at each call. */
async function problemsFor(tape: string): Promise<Problems> {
  const modules = await Promise.all(files.map((file) => import(`./problems/${file}.ts?for=${tape}`)));
  return Object.assign({}, ...(modules as Problems[])) as Problems;
}

async function tapePeer<T>(
  name: string,
  gradientOf: (primal: (tape: Tape<T>, parameters: readonly T[][]) => T, parameters: readonly Float64Array[]) => Blocks,
): Promise<Peer> {
  const problems = Object.entries(await problemsFor(name.replaceAll(" ", "-")));
  return {
    name,
    numbers: "float64",
    tolerance: 1e-9,
    reasons: {},
    prepare: Object.fromEntries(
      problems.map(([problem, make]) => [
        problem,
        () => {
          const { primal, parameters } = make<T>();
          return () => gradientOf(primal, parameters);
        },
      ]),
    ),
  };
}

export const tapePeers = (): Promise<Peer[]> =>
  Promise.all([tapePeer("typed-array tape", gradientByTypedArrays), tapePeer("closure tape", gradientByClosures)]);
