export type Pair = [number, number];
export type Vector = [number, number, number];

export interface Camera {
  /** An axis, as long as the angle. */
  rotation: Vector;
  centre: Vector;
  focalLength: number;
  principalPoint: Pair;
  /** The coefficients of the squared and of the fourth power of the distance from the principal point. */
  distortion: Pair;
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const scaled = (factor: number, a: Vector): Vector => [factor * a[0], factor * a[1], factor * a[2]];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Turns a point by Rodrigues' formula. */
function rotate(rotation: Vector, point: Vector): Vector {
  const squaredAngle = dot(rotation, rotation);
  if (squaredAngle === 0) return plus(point, cross(rotation, point));
  const angle = Math.sqrt(squaredAngle);
  const axis = scaled(1 / angle, rotation);
  const along = dot(axis, point) * (1 - Math.cos(angle));
  const turned = plus(scaled(Math.cos(angle), point), scaled(Math.sin(angle), cross(axis, point)));
  return plus(turned, scaled(along, axis));
}

/** Where the camera sees the point. */
function project(camera: Camera, point: Vector): Pair {
  const { rotation, centre, focalLength, principalPoint, distortion } = camera;
  const [x, y, z] = rotate(rotation, minus(point, centre));
  const [u, v] = [x / z, y / z];
  const squaredRadius = u * u + v * v;
  const scale = focalLength * (1 + distortion[0] * squaredRadius + distortion[1] * squaredRadius * squaredRadius);
  return [scale * u + principalPoint[0], scale * v + principalPoint[1]];
}

/**
 * How far from the observed feature the camera sees the point, weighted.
 * @differentiable jacobian wrt camera, point, weight
 */
export function reprojectionError(camera: Camera, point: Vector, weight: number, feature: Pair): Pair {
  const [u, v] = project(camera, point);
  return [weight * (u - feature[0]), weight * (v - feature[1])];
}

/** @differentiable grad */
export function weightError(weight: number): number {
  return 1 - weight * weight;
}
