/** Bundle adjustment, written for Rose. */
import { add, div, eq, mul, Real, select, sqrt, sub, sum, Vec } from "rose";
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { flat, gradientOf, rowsOf } from "./gradient.js";
import { addAll, cos, sin, square } from "./math.js";

type Vector = readonly [Real, Real, Real];

function cross([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector {
  return [sub(mul(ay, bz), mul(az, by)), sub(mul(az, bx), mul(ax, bz)), sub(mul(ax, by), mul(ay, bx))];
}

/** Rodrigues' formula. Both branches are evaluated, so that none may divide by zero. */
function rotate(axis: Vector, vector: Vector): readonly Real[] {
  const squared = addAll(axis.map(square));
  const still = eq(squared, 0);
  const angle = sqrt(select(still, Real, 1, squared));
  const cosine = cos(angle);
  const sine = sin(angle);
  const direction = axis.map((along) => div(along, angle)) as unknown as Vector;
  const dot = addAll(direction.map((along, at) => mul(along, vector[at]!)));
  const along = mul(dot, sub(1, cosine));
  const aside = cross(direction, vector);
  const slightly = cross(axis, vector);
  return vector.map((from, at) => {
    const turned = add(add(mul(from, cosine), mul(aside[at]!, sine)), mul(direction[at]!, along));
    return select(still, Real, add(from, slightly[at]!), turned);
  });
}

export function bundleAdjustment(): Promise<Gradient> {
  const [cameras, points, weights, observations, features] = data.bundleAdjustmentArguments();
  const [cameraCount, pointCount, count] = [cameras.length / 11, points.length / 3, weights.length];
  const pairs = rowsOf(observations, 2);
  return gradientOf(
    {
      parameters: {
        cameras: Vec(cameraCount, Vec(11, Real)),
        points: Vec(pointCount, Vec(3, Real)),
        weights: Vec(count, Real),
      },
      data: { seenBy: Vec(count, cameraCount), seen: Vec(count, pointCount), features: Vec(count, Vec(2, Real)) },
      primal: ({ cameras, points, weights }, { seenBy, seen, features }) =>
        sum(count, (i) => {
          const [camera, point, weight, feature] = [cameras[seenBy[i]!]!, points[seen[i]!]!, weights[i]!, features[i]!];
          const [x, y, z] = rotate(
            [camera[0]!, camera[1]!, camera[2]!],
            [sub(point[0]!, camera[3]!), sub(point[1]!, camera[4]!), sub(point[2]!, camera[5]!)],
          );
          const u = div(x!, z!);
          const v = div(y!, z!);
          const radius = add(square(u), square(v));
          const distortion = addAll([1, mul(camera[9]!, radius), mul(camera[10]!, square(radius))]);
          const zoom = mul(distortion, camera[6]!);
          return addAll([
            square(mul(weight, sub(add(mul(u, zoom), camera[7]!), feature[0]!))),
            square(mul(weight, sub(add(mul(v, zoom), camera[8]!), feature[1]!))),
            square(sub(1, square(weight))),
          ]);
        }),
      at: { cameras: rowsOf(cameras, 11), points: rowsOf(points, 3), weights: Array.from(weights) },
      given: {
        seenBy: pairs.map(([camera]) => camera!),
        seen: pairs.map(([, point]) => point!),
        features: rowsOf(features, 2),
      },
    },
    ({ cameras, points, weights }) => [flat(cameras), flat(points), weights as number[]],
  );
}
