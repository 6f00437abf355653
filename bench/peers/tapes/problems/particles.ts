/** Problems of motion and of space, written for a tape. */
import * as data from "../../../data.js";
import type { Tape, TapeProblem } from "../tape.js";

export function lorenz<T>(): TapeProblem<T> {
  const [x0, y0, z0, sigma0, rho0, beta0, h, steps] = data.lorenzArguments();
  return {
    parameters: [x0, y0, z0, sigma0, rho0, beta0].map((number) => Float64Array.of(number)),
    primal(tape, parameters) {
      let [x, y, z] = parameters.map(([number]) => number!) as [T, T, T];
      const [sigma, rho, beta] = parameters.slice(3).map(([number]) => number!) as [T, T, T];
      const moved = (from: T, step: number, slope: T): T => tape.add(from, tape.scale(slope, step));
      const dx = (x: T, y: T): T => tape.multiply(sigma, tape.subtract(y, x));
      const dy = (x: T, y: T, z: T): T => tape.subtract(tape.multiply(x, tape.subtract(rho, z)), y);
      const dz = (x: T, y: T, z: T): T => tape.subtract(tape.multiply(x, y), tape.multiply(beta, z));
      const mean = (a: T, b: T, c: T, d: T): T => tape.add(tape.add(a, tape.scale(tape.add(b, c), 2)), d);
      let sum: T | undefined;
      for (let step = 0; step < steps; step++) {
        const dx1 = dx(x, y);
        const dy1 = dy(x, y, z);
        const dz1 = dz(x, y, z);

        const x2 = moved(x, 0.5 * h, dx1);
        const y2 = moved(y, 0.5 * h, dy1);
        const z2 = moved(z, 0.5 * h, dz1);
        const dx2 = dx(x2, y2);
        const dy2 = dy(x2, y2, z2);
        const dz2 = dz(x2, y2, z2);

        const x3 = moved(x, 0.5 * h, dx2);
        const y3 = moved(y, 0.5 * h, dy2);
        const z3 = moved(z, 0.5 * h, dz2);
        const dx3 = dx(x3, y3);
        const dy3 = dy(x3, y3, z3);
        const dz3 = dz(x3, y3, z3);

        const x4 = moved(x, h, dx3);
        const y4 = moved(y, h, dy3);
        const z4 = moved(z, h, dz3);

        const [xBefore, yBefore, zBefore] = [x, y, z];
        x = moved(xBefore, h / 6, mean(dx1, dx2, dx3, dx(x4, y4)));
        y = moved(yBefore, h / 6, mean(dy1, dy2, dy3, dy(x4, y4, z4)));
        z = moved(zBefore, h / 6, mean(dz1, dz2, dz3, dz(x4, y4, z4)));
        sum = sum === undefined ? z : tape.add(sum, z);
      }
      return tape.scale(sum!, 1 / steps);
    },
  };
}

export function springs<T>(): TapeProblem<T> {
  const [xs, ys, edges, restLengths, stiffness, mass, gravity] = data.springsArguments();
  return {
    parameters: [xs, ys],
    primal(tape, [x, y]) {
      let energy = tape.scale(y![0]!, mass * gravity);
      for (let i = 1; i < ys.length; i++) energy = tape.add(energy, tape.scale(y![i]!, mass * gravity));
      for (let e = 0; e < restLengths.length; e++) {
        const a = edges[2 * e]!;
        const b = edges[2 * e + 1]!;
        const dx = tape.square(tape.subtract(x![b]!, x![a]!));
        const dy = tape.square(tape.subtract(y![b]!, y![a]!));
        const stretch = tape.addNumber(tape.sqrt(tape.add(dx, dy)), -restLengths[e]!);
        energy = tape.add(energy, tape.scale(tape.square(stretch), 0.5 * stiffness[e]!));
      }
      return energy;
    },
  };
}

export function nBody<T>(): TapeProblem<T> {
  const [positions, velocities, masses, softening, dt, steps] = data.nBodyArguments();
  const count = masses.length;
  return {
    parameters: [positions, velocities, masses],
    primal(tape, [start, startVelocities, mass]) {
      let at = start!;
      let velocity = startVelocities!;
      for (let step = 0; step < steps; step++) {
        const nextAt: T[] = [];
        const nextVelocity: T[] = [];
        for (let i = 0; i < count; i++) {
          const pull: (T | undefined)[] = [undefined, undefined, undefined];
          for (let j = 0; j < count; j++) {
            const x = tape.subtract(at[3 * j]!, at[3 * i]!);
            const y = tape.subtract(at[3 * j + 1]!, at[3 * i + 1]!);
            const z = tape.subtract(at[3 * j + 2]!, at[3 * i + 2]!);
            const squared = tape.add(tape.add(tape.square(x), tape.square(y)), tape.square(z));
            const distance = tape.sqrt(tape.addNumber(squared, softening));
            const factor = tape.divide(mass![j]!, tape.multiply(tape.multiply(distance, distance), distance));
            accumulate(tape, pull, 0, tape.multiply(x, factor));
            accumulate(tape, pull, 1, tape.multiply(y, factor));
            accumulate(tape, pull, 2, tape.multiply(z, factor));
          }
          for (let axis = 0; axis < 3; axis++) {
            const speed = tape.add(velocity[3 * i + axis]!, tape.scale(pull[axis]!, dt));
            nextVelocity.push(speed);
            nextAt.push(tape.add(at[3 * i + axis]!, tape.scale(speed, dt)));
          }
        }
        at = nextAt;
        velocity = nextVelocity;
      }
      let sum: T | undefined;
      for (let i = 0; i < count; i++) {
        const [x, y, z] = [tape.square(at[3 * i]!), tape.square(at[3 * i + 1]!), tape.square(at[3 * i + 2]!)];
        const distance = tape.sqrt(tape.add(tape.add(x, y), z));
        sum = sum === undefined ? distance : tape.add(sum, distance);
      }
      return tape.scale(sum!, 1 / count);
    },
  };
}

function accumulate<T>(tape: Tape<T>, sums: (T | undefined)[], at: number, term: T): void {
  const sum = sums[at];
  sums[at] = sum === undefined ? term : tape.add(sum, term);
}
