/** Problems of motion and of space, written for jax-js. */
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { gradientOf, square, type Tensor, tensorOf } from "./gradient.js";
import { numpy } from "./start.js";

export function nBody(): Gradient {
  const [positions, velocities, masses, softening, dt, steps] = data.nBodyArguments();
  const n = masses.length;
  const pullOn = (at: Tensor, masses: Tensor): Tensor => {
    const offsets = at.ref.reshape([1, n, 3]).sub(at.reshape([n, 1, 3]));
    const squared = numpy.sum(square(offsets.ref), 2).add(softening);
    const factors = masses.reshape([1, n]).div(squared.ref.mul(numpy.sqrt(squared)));
    return numpy.sum(offsets.mul(factors.reshape([n, n, 1])), 1);
  };
  return gradientOf(
    (start, startVelocities, masses) => {
      let [at, velocity] = [start, startVelocities];
      for (let step = 0; step < steps; step++) {
        velocity = velocity.add(pullOn(at.ref, masses.ref).mul(dt));
        at = at.add(velocity.ref.mul(dt));
      }
      velocity.dispose();
      masses.dispose();
      return numpy.sum(numpy.sqrt(numpy.sum(square(at), 1))).mul(1 / n);
    },
    [tensorOf(positions, n, 3), tensorOf(velocities, n, 3), tensorOf(masses)],
  );
}

export function springs(): Gradient {
  const [xs, ys, edges, restLengths, stiffness, mass, gravity] = data.springsArguments();
  const from = tensorOf(edges.filter((_, at) => at % 2 === 0));
  const to = tensorOf(edges.filter((_, at) => at % 2 === 1));
  const [lengths, factors] = [tensorOf(restLengths), tensorOf(stiffness)];
  return gradientOf(
    (x, y) => {
      const along = (axis: Tensor): Tensor => numpy.take(axis.ref, to.ref).sub(numpy.take(axis, from.ref));
      const weight = numpy.sum(y.ref).mul(mass * gravity);
      const stretch = numpy.sqrt(square(along(x)).add(square(along(y)))).sub(lengths.ref);
      return numpy.sum(square(stretch).mul(factors.ref)).mul(0.5).add(weight);
    },
    [tensorOf(xs), tensorOf(ys)],
  );
}

/** It has no loop that carries a state: all steps are traced. */
export function heatEquation(): Gradient {
  const [initial, conductivity, target, dt, steps] = data.heatEquationArguments();
  const n = initial.length;
  const wanted = tensorOf(target);
  return gradientOf(
    (start, conductivity) => {
      const rate = conductivity.mul(dt);
      let u = start;
      for (let step = 0; step < steps; step++) {
        const left = u.ref.slice([0, n - 2]);
        const right = u.ref.slice([2, n]);
        const bend = left.sub(u.ref.slice([1, n - 1]).mul(2)).add(right);
        u = u.add(numpy.pad(rate.ref.mul(bend), 1));
      }
      rate.dispose();
      return numpy.sum(square(u.sub(wanted.ref)));
    },
    [tensorOf(initial), tensorOf(Float64Array.of(conductivity))],
  );
}

type Vector = readonly [Tensor, Tensor, Tensor];

const kept = (vector: Vector): Vector => vector.map(({ ref }) => ref) as unknown as Vector;

function cross([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector {
  return [ay.ref.mul(bz.ref).sub(az.ref.mul(by.ref)), az.mul(bx.ref).sub(ax.ref.mul(bz)), ax.mul(by).sub(ay.mul(bx))];
}

/** Rodrigues' formula, for all observations. Both branches are evaluated, so that none may divide by zero. */
function rotate(axis: Vector, vector: Vector): Vector {
  const squared = kept(axis)
    .map(square)
    .reduce((sum, term) => sum.add(term));
  const still = squared.ref.equal(0);
  const angle = numpy.sqrt(numpy.where(still.ref, 1, squared));
  const cosine = numpy.cos(angle.ref);
  const sine = numpy.sin(angle.ref);
  const direction = kept(axis).map((along) => along.div(angle.ref)) as unknown as Vector;
  const dot = kept(direction)
    .map((along, at) => along.mul(vector[at]!.ref))
    .reduce((sum, term) => sum.add(term));
  const along = dot.mul(numpy.subtract(1, cosine.ref));
  const aside = cross(kept(direction), kept(vector));
  const slightly = cross(axis, kept(vector));
  return vector.map((from, at) => {
    const turned = from.ref.mul(cosine.ref).add(aside[at]!.mul(sine.ref)).add(direction[at]!.mul(along.ref));
    return numpy.where(still.ref, from.add(slightly[at]!), turned);
  }) as unknown as Vector;
}

export function bundleAdjustment(): Gradient {
  const [cameras, points, weights, observations, features] = data.bundleAdjustmentArguments();
  const seenBy = tensorOf(observations.filter((_, at) => at % 2 === 0));
  const seen = tensorOf(observations.filter((_, at) => at % 2 === 1));
  const [seenAtU, seenAtV] = [0, 1].map((axis) => tensorOf(features.filter((_, at) => at % 2 === axis)));
  return gradientOf(
    (cameras, points, weights) => {
      const camera = numpy.take(cameras, seenBy.ref, 0);
      const point = numpy.take(points, seen.ref, 0);
      const part = (at: number): Tensor => camera.ref.slice([], at);
      const offset = [0, 1, 2].map((axis) => point.ref.slice([], axis).sub(part(3 + axis)));
      const [x, y, z] = rotate([part(0), part(1), part(2)], offset as unknown as Vector);
      const u = x.div(z.ref);
      const v = y.div(z);
      const radius = square(u.ref).add(square(v.ref));
      const distortion = part(9)
        .mul(radius.ref)
        .add(part(10).mul(square(radius.ref)))
        .add(1);
      const zoom = distortion.mul(part(6));
      const errorU = u.mul(zoom.ref).add(part(7)).sub(seenAtU!.ref).mul(weights.ref);
      const errorV = v.mul(zoom).add(part(8)).sub(seenAtV!.ref).mul(weights.ref);
      const errorWeight = numpy.subtract(1, square(weights));
      return numpy.sum(square(errorU).add(square(errorV)).add(square(errorWeight)));
    },
    [tensorOf(cameras, cameras.length / 11, 11), tensorOf(points, points.length / 3, 3), tensorOf(weights)],
  );
}
