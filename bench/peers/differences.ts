/** Central differences, and the function itself: 2n + 1 evaluations. */
import { type Problem, problems } from "../catalogue.js";
import type { Blocks, Gradient, Peer } from "./peer.js";

/** Beyond so many inputs as many of them are timed, evenly spread, and the time is scaled. */
const mostTimed = 50;

/** The step that balances the errors of a smooth function of size 1. */
const stepAt = (x: number): number => Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(x));

interface Input {
  readonly block: number;
  readonly at: number;
}

function inputsOf(blocks: readonly Float64Array[]): Input[] {
  return blocks.flatMap((numbers, block) => Array.from(numbers, (_, at) => ({ block, at })));
}

/** Differences along some inputs. */
function gradientAlong(
  { primal, args, wrt }: Problem,
  choose: (inputs: readonly Input[]) => readonly Input[],
): Gradient {
  const moved = [...args];
  const isNumber = wrt.map((at) => typeof args[at] === "number");
  const parameters = wrt.map((at, block) =>
    isNumber[block] ? Float64Array.of(args[at] as number) : Float64Array.from(args[at] as Float64Array),
  );
  // Holes stay where no difference is taken.
  const gradient = parameters.map(({ length }) => new Array<number>(length));
  wrt.forEach((at, block) => {
    if (!isNumber[block]) moved[at] = parameters[block];
  });
  const chosen = choose(inputsOf(parameters));
  const evaluateAt = (block: number, at: number, x: number): number => {
    parameters[block]![at] = x;
    if (isNumber[block]) moved[wrt[block]!] = x;
    return primal(...moved);
  };
  return (): Blocks => {
    primal(...moved);
    for (const { block, at } of chosen) {
      const x = parameters[block]![at]!;
      const step = stepAt(x);
      const rise = evaluateAt(block, at, x + step) - evaluateAt(block, at, x - step);
      gradient[block]![at] = rise / (2 * step);
      parameters[block]![at] = x;
      if (isNumber[block]) moved[wrt[block]!] = x;
    }
    return gradient;
  };
}

const known = new Map(problems.map((problem) => [problem.name, problem]));

/** Some inputs of many: what they cost, and how many evaluations of all they are. */
function sampleOf(name: string): { readonly gradient: Gradient; readonly share: number } {
  let share = 1;
  const gradient = gradientAlong(known.get(name)!, (inputs) => {
    const every = Math.max(1, inputs.length / mostTimed);
    const chosen = inputs.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every));
    share = (2 * chosen.length + 1) / (2 * inputs.length + 1);
    return chosen;
  });
  return { gradient, share };
}

export function differencesPeer(names: readonly string[]): Peer {
  return {
    name: "central differences",
    numbers: "float64",
    tolerance: 1e-4,
    reasons: {
      lorenz: "the system is chaotic, and the usual step is too long for it",
    },
    prepare: Object.fromEntries(names.map((name) => [name, () => sampleOf(name).gradient])),
    sample: sampleOf,
  };
}
