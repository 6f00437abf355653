/** Bundle adjustment, written for a tape. */
import * as data from "../../../data.js";
import type { Tape, TapeProblem } from "../tape.js";

type Vector<T> = [T, T, T];

function cross<T>(tape: Tape<T>, [ax, ay, az]: Vector<T>, [bx, by, bz]: Vector<T>): Vector<T> {
  return [
    tape.subtract(tape.multiply(ay, bz), tape.multiply(az, by)),
    tape.subtract(tape.multiply(az, bx), tape.multiply(ax, bz)),
    tape.subtract(tape.multiply(ax, by), tape.multiply(ay, bx)),
  ];
}

/** Rodrigues' formula. */
function rotate<T>(tape: Tape<T>, axis: Vector<T>, vector: Vector<T>): Vector<T> {
  const [rx, ry, rz] = axis;
  const [x, y, z] = vector;
  const squared = tape.add(tape.add(tape.square(rx), tape.square(ry)), tape.square(rz));
  if (tape.valueOf(squared) === 0) {
    const [cx, cy, cz] = cross(tape, axis, vector);
    return [tape.add(x, cx), tape.add(y, cy), tape.add(z, cz)];
  }
  const angle = tape.sqrt(squared);
  const cosine = tape.cos(angle);
  const sine = tape.sin(angle);
  const wx = tape.divide(rx, angle);
  const wy = tape.divide(ry, angle);
  const wz = tape.divide(rz, angle);
  const dot = tape.add(tape.add(tape.multiply(wx, x), tape.multiply(wy, y)), tape.multiply(wz, z));
  const along = tape.multiply(dot, tape.subtractFrom(1, cosine));
  const [cx, cy, cz] = cross(tape, [wx, wy, wz], vector);
  const turned = (from: T, aside: T, direction: T): T =>
    tape.add(tape.add(tape.multiply(from, cosine), tape.multiply(aside, sine)), tape.multiply(direction, along));
  return [turned(x, cx, wx), turned(y, cy, wy), turned(z, cz, wz)];
}

function project<T>(tape: Tape<T>, cameras: readonly T[], c: number, points: readonly T[], p: number): [T, T] {
  const [x, y, z] = rotate(
    tape,
    [cameras[c]!, cameras[c + 1]!, cameras[c + 2]!],
    [
      tape.subtract(points[p]!, cameras[c + 3]!),
      tape.subtract(points[p + 1]!, cameras[c + 4]!),
      tape.subtract(points[p + 2]!, cameras[c + 5]!),
    ],
  );
  const u = tape.divide(x, z);
  const v = tape.divide(y, z);
  const radius = tape.add(tape.square(u), tape.square(v));
  const second = tape.multiply(cameras[c + 10]!, tape.square(radius));
  const distortion = tape.addNumber(tape.add(tape.multiply(cameras[c + 9]!, radius), second), 1);
  const zoom = tape.multiply(distortion, cameras[c + 6]!);
  return [tape.add(tape.multiply(u, zoom), cameras[c + 7]!), tape.add(tape.multiply(v, zoom), cameras[c + 8]!)];
}

export function bundleAdjustment<T>(): TapeProblem<T> {
  const [cameraStart, pointStart, weightStart, observations, features] = data.bundleAdjustmentArguments();
  return {
    parameters: [cameraStart, pointStart, weightStart],
    primal(tape, [cameras, points, weights]) {
      let sum: T | undefined;
      for (let i = 0; i < weightStart.length; i++) {
        const weight = weights![i]!;
        const [u, v] = project(tape, cameras!, 11 * observations[2 * i]!, points!, 3 * observations[2 * i + 1]!);
        const errorU = tape.square(tape.multiply(weight, tape.addNumber(u, -features[2 * i]!)));
        const errorV = tape.square(tape.multiply(weight, tape.addNumber(v, -features[2 * i + 1]!)));
        const errorWeight = tape.square(tape.subtractFrom(1, tape.square(weight)));
        const term = tape.add(tape.add(errorU, errorV), errorWeight);
        sum = sum === undefined ? term : tape.add(sum, term);
      }
      return sum!;
    },
  };
}
