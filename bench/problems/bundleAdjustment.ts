/** Bundle adjustment as in ADBench: a camera is rotation (3), centre (3), focal length, principal point (2), radial distortion (2). */

/** Rodrigues' formula: turns (x, y, z) about the axis (rx, ry, rz) by its length. */
function rotate(rx: number, ry: number, rz: number, x: number, y: number, z: number): [number, number, number] {
  const squared = rx * rx + ry * ry + rz * rz;
  if (squared === 0) return [x + ry * z - rz * y, y + rz * x - rx * z, z + rx * y - ry * x];
  const angle = Math.sqrt(squared);
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const wx = rx / angle;
  const wy = ry / angle;
  const wz = rz / angle;
  const along = (wx * x + wy * y + wz * z) * (1 - cosine);
  return [
    x * cosine + (wy * z - wz * y) * sine + wx * along,
    y * cosine + (wz * x - wx * z) * sine + wy * along,
    z * cosine + (wx * y - wy * x) * sine + wz * along,
  ];
}

/** Where the camera that starts at `c` sees the point that starts at `p`. */
function project(cameras: Float64Array, c: number, points: Float64Array, p: number): [number, number] {
  const [x, y, z] = rotate(
    cameras[c]!,
    cameras[c + 1]!,
    cameras[c + 2]!,
    points[p]! - cameras[c + 3]!,
    points[p + 1]! - cameras[c + 4]!,
    points[p + 2]! - cameras[c + 5]!,
  );
  const u = x / z;
  const v = y / z;
  const radius = u * u + v * v;
  const distortion = 1 + cameras[c + 9]! * radius + cameras[c + 10]! * radius * radius;
  return [u * distortion * cameras[c + 6]! + cameras[c + 7]!, v * distortion * cameras[c + 6]! + cameras[c + 8]!];
}

/**
 * Sum of the squares of the weighted reprojection errors and of the errors of the weights. `observations` holds pairs
 * (camera, point), `features` where the point was seen.
 * @differentiable valueAndGrad wrt cameras, points, weights
 */
export function bundleAdjustment(
  cameras: Float64Array,
  points: Float64Array,
  weights: Float64Array,
  observations: Int32Array,
  features: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const [u, v] = project(cameras, 11 * observations[2 * i]!, points, 3 * observations[2 * i + 1]!);
    const errorU = weight * (u - features[2 * i]!);
    const errorV = weight * (v - features[2 * i + 1]!);
    const errorWeight = 1 - weight * weight;
    sum += errorU * errorU + errorV * errorV + errorWeight * errorWeight;
  }
  return sum;
}
