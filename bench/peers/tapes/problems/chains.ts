/** Problems that go along an array, written for a tape. */
import * as data from "../../../data.js";
import type { TapeProblem } from "../tape.js";

export function rosenbrock<T>(): TapeProblem<T> {
  return {
    parameters: data.rosenbrockArguments(),
    primal(tape, [x]) {
      let sum: T | undefined;
      for (let i = 0; i < x!.length - 1; i++) {
        const rise = tape.subtract(x![i + 1]!, tape.square(x![i]!));
        const rest = tape.subtractFrom(1, x![i]!);
        const term = tape.add(tape.scale(tape.square(rise), 100), tape.square(rest));
        sum = sum === undefined ? term : tape.add(sum, term);
      }
      return sum!;
    },
  };
}

export function softplusChain<T>(): TapeProblem<T> {
  const [xs, ys, slope, offset] = data.softplusChainArguments();
  return {
    parameters: [xs, Float64Array.of(slope), Float64Array.of(offset)],
    primal(tape, [x, slopes, offsets]) {
      const k = slopes![0]!;
      const b = offsets![0]!;
      let sum: T | undefined;
      for (let i = 0; i < ys.length; i++) {
        const z = tape.add(tape.multiply(k, x![i]!), b);
        const term = tape.square(tape.addNumber(tape.log1p(tape.exp(z)), -ys[i]!));
        sum = sum === undefined ? term : tape.add(sum, term);
      }
      return sum!;
    },
  };
}

export function leastSquares<T>(): TapeProblem<T> {
  const [a, b, x] = data.leastSquaresArguments();
  return {
    parameters: [x],
    primal(tape, [unknown]) {
      const columns = unknown!.length;
      let sum: T | undefined;
      for (let i = 0; i < b.length; i++) {
        let residual = tape.scale(unknown![0]!, a[i * columns]!);
        for (let j = 1; j < columns; j++) {
          residual = tape.add(residual, tape.scale(unknown![j]!, a[i * columns + j]!));
        }
        const term = tape.square(tape.addNumber(residual, -b[i]!));
        sum = sum === undefined ? term : tape.add(sum, term);
      }
      return tape.scale(sum!, 0.5);
    },
  };
}

export function heatEquation<T>(): TapeProblem<T> {
  const [initial, conductivity, target, dt, steps] = data.heatEquationArguments();
  return {
    parameters: [initial, Float64Array.of(conductivity)],
    primal(tape, [start, conductivities]) {
      const u = start!.slice();
      const rate = tape.scale(conductivities![0]!, dt);
      for (let step = 0; step < steps; step++) {
        let left = u[0]!;
        for (let i = 1; i < u.length - 1; i++) {
          const here = u[i]!;
          const bend = tape.add(tape.subtract(left, tape.scale(here, 2)), u[i + 1]!);
          u[i] = tape.add(here, tape.multiply(rate, bend));
          left = here;
        }
      }
      let misfit = tape.square(tape.addNumber(u[0]!, -target[0]!));
      for (let i = 1; i < u.length; i++) {
        misfit = tape.add(misfit, tape.square(tape.addNumber(u[i]!, -target[i]!)));
      }
      return misfit;
    },
  };
}
