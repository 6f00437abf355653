/** Problems of motion and of space, written for TensorFlow.js. */
import tf from "@tensorflow/tfjs";
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { gradientOf, indicesOf, scalarOf, type Tensor, tensorOf } from "./gradient.js";

export function nBody(): Gradient {
  const [positions, velocities, masses, softening, dt, steps] = data.nBodyArguments();
  const n = masses.length;
  const pullOn = (at: Tensor, masses: Tensor): Tensor => {
    const offsets = at.reshape([1, n, 3]).sub(at.reshape([n, 1, 3]));
    const squared = offsets.square().sum(2).add(softening);
    const factors = masses.reshape([1, n]).div(squared.mul(squared.sqrt()));
    return offsets.mul(factors.reshape([n, n, 1])).sum(1);
  };
  return gradientOf(
    (start, startVelocities, masses) => {
      let [at, velocity] = [start!, startVelocities!];
      for (let step = 0; step < steps; step++) {
        velocity = velocity.add(pullOn(at, masses!).mul(dt));
        at = at.add(velocity.mul(dt));
      }
      return at.square().sum(1).sqrt().mean();
    },
    [tensorOf(positions, n, 3), tensorOf(velocities, n, 3), tensorOf(masses)],
  );
}

export function springs(): Gradient {
  const [xs, ys, edges, restLengths, stiffness, mass, gravity] = data.springsArguments();
  const [from, to] = [0, 1].map((end) => indicesOf(edges.filter((_, at) => at % 2 === end)));
  const [lengths, factors] = [tensorOf(restLengths), tensorOf(stiffness)];
  return gradientOf(
    (x, y) => {
      const along = (axis: Tensor): Tensor => axis.gather(to!).sub(axis.gather(from!));
      const stretch = along(x!).square().add(along(y!).square()).sqrt().sub(lengths);
      return stretch
        .square()
        .mul(factors)
        .sum()
        .mul(0.5)
        .add(y!.sum().mul(mass * gravity));
    },
    [tensorOf(xs), tensorOf(ys)],
  );
}

export function heatEquation(): Gradient {
  const [initial, conductivity, target, dt, steps] = data.heatEquationArguments();
  const n = initial.length;
  const wanted = tensorOf(target);
  return gradientOf(
    (start, conductivity) => {
      const rate = conductivity!.mul(dt);
      let u = start!;
      for (let step = 0; step < steps; step++) {
        const here = u.slice([1], [n - 2]);
        const bend = u
          .slice([0], [n - 2])
          .sub(here.mul(2))
          .add(u.slice([2], [n - 2]));
        u = u.add(rate.mul(bend).pad([[1, 1]]));
      }
      return u.sub(wanted).square().sum();
    },
    [tensorOf(initial), scalarOf(conductivity)],
  );
}

type Vector = readonly [Tensor, Tensor, Tensor];

function cross([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector {
  return [ay.mul(bz).sub(az.mul(by)), az.mul(bx).sub(ax.mul(bz)), ax.mul(by).sub(ay.mul(bx))];
}

const sumOf = (terms: readonly Tensor[]): Tensor => terms.reduce((sum, term) => sum.add(term));

/** Of no rotation the angle is not quite zero, which gives the linear formula and divides by nothing. */
const leastSquaredAngle = 1e-20;

/** Rodrigues' formula, for all observations. */
function rotate(axis: Vector, vector: Vector): Vector {
  const angle = sumOf(axis.map((along) => along.square()))
    .maximum(leastSquaredAngle)
    .sqrt();
  const [cosine, sine] = [angle.cos(), angle.sin()];
  const direction = axis.map((along) => along.div(angle)) as unknown as Vector;
  const dot = sumOf(direction.map((along, at) => along.mul(vector[at]!)));
  const along = dot.mul(tf.sub(1, cosine));
  const aside = cross(direction, vector);
  return vector.map((from, at) =>
    from.mul(cosine).add(aside[at]!.mul(sine)).add(direction[at]!.mul(along)),
  ) as unknown as Vector;
}

export function bundleAdjustment(): Gradient {
  const [cameras, points, weights, observations, features] = data.bundleAdjustmentArguments();
  const [seenBy, seen] = [0, 1].map((end) => indicesOf(observations.filter((_, at) => at % 2 === end)));
  const [seenAtU, seenAtV] = [0, 1].map((axis) => tensorOf(features.filter((_, at) => at % 2 === axis)));
  return gradientOf(
    (cameras, points, weights) => {
      const camera = tf.unstack(cameras!.gather(seenBy!), 1);
      const point = tf.unstack(points!.gather(seen!), 1);
      const offset = point.map((along, axis) => along.sub(camera[3 + axis]!));
      const [x, y, z] = rotate(camera.slice(0, 3) as unknown as Vector, offset as unknown as Vector);
      const u = x.div(z);
      const v = y.div(z);
      const radius = u.square().add(v.square());
      const distortion = camera[9]!.mul(radius).add(camera[10]!.mul(radius.square())).add(1);
      const zoom = distortion.mul(camera[6]!);
      const errorU = u.mul(zoom).add(camera[7]!).sub(seenAtU!).mul(weights!);
      const errorV = v.mul(zoom).add(camera[8]!).sub(seenAtV!).mul(weights!);
      const errorWeight = tf.sub(1, weights!.square());
      return sumOf([errorU, errorV, errorWeight].map((error) => error.square())).sum();
    },
    [tensorOf(cameras, cameras.length / 11, 11), tensorOf(points, points.length / 3, 3), tensorOf(weights)],
  );
}
