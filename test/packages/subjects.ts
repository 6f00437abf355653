/** Functions that compute with packages as these are published: what `test/packages.test.ts` differentiates. */
import area from "@turf/area";
import destination from "@turf/destination";
import distance from "@turf/distance";
import convert from "color-convert";
import { converter, differenceEuclidean } from "culori";
import { easeBackIn, easeCubicInOut, easeElasticOut, easePolyIn } from "d3-ease";
import { interpolateBasis, interpolateNumber, interpolateZoom } from "d3-interpolate";
import { irr, npv, pmt, pv, rate } from "financial";
import gaussian from "gaussian";
import { mat4, vec3 } from "gl-matrix";
import haversine from "haversine-distance";
import jstat from "jstat";
import KalmanFilter from "kalmanjs";
import { distance as distances, similarity } from "ml-distance";
import { Gaussian, Lorentzian, PseudoVoigt } from "ml-peak-shape-generator";
import Quaternion from "quaternion";
import * as satellite from "satellite.js";
import { erf, linearRegression, quantile, sampleCorrelation, sampleSkewness, variance } from "simple-statistics";
import { Euler, MathUtils, Matrix4, Quaternion as Rotation, Vector3 } from "three";
import { Vec3 } from "vec3";

// ------------------------------------------------------------------------------------------------------- statistics

/** @differentiable grad, valueAndGrad, jvp */
export function spread(xs: number[], ys: number[]): number {
  return variance(xs) * sampleCorrelation(xs, ys) + sampleSkewness(xs);
}

/** @differentiable grad, valueAndGrad, jvp */
export function middle(xs: number[]): number {
  return quantile(xs, 0.3) * erf(xs[0]!);
}

/** @differentiable grad, valueAndGrad, jvp */
export function slopeOfFit(ys: number[]): number {
  const { m, b } = linearRegression(ys.map((y, k) => [k * k, y]));
  return m / b;
}

/** @differentiable grad, valueAndGrad, jvp wrt x, shape */
export function density(x: number, shape: number): number {
  const { jStat } = jstat;
  return jStat.normal.pdf(x, 0, shape) + jStat.gamma.pdf(x, shape, 3) + jStat.studentt.pdf(x, 4);
}

/** @differentiable grad, valueAndGrad, jvp wrt mean */
export function mixture(mean: number): number {
  const one = gaussian(mean, 4);
  return one.pdf(0.5) + one.cdf(1.5) + one.mul(gaussian(1, 2)).variance * one.ppf(0.3);
}

/** @differentiable grad, valueAndGrad, jvp */
export function filtered(xs: number[]): number {
  const filter = new KalmanFilter({ R: 0.01, Q: 3 });
  let sum = 0;
  for (const x of xs) sum += filter.filter(x) ** 2;
  return sum;
}

/** @differentiable grad, valueAndGrad, jvp */
export function farness(a: number[], b: number[]): number {
  return distances.euclidean(a, b) + similarity.cosine(a, b);
}

// --------------------------------------------------------------------------------------------------------- geography

/** @differentiable grad, valueAndGrad, jvp wrt from, to */
export function greatCircle(from: number[], to: number[]): number {
  return distance(from, to);
}

/** @differentiable grad, valueAndGrad, jvp */
export function landingPlace(from: number[], kilometres: number, bearing: number): number {
  const [longitude, latitude] = destination(from, kilometres, bearing).geometry.coordinates;
  return longitude! * latitude!;
}

/** @differentiable grad, valueAndGrad, jvp */
export function fieldSize(side: number): number {
  const ring = [
    [0, 0],
    [side, 0],
    [side, side * 2],
    [0, 1],
    [0, 0],
  ];
  return area({ type: "Polygon", coordinates: [ring] });
}

/** @differentiable grad, valueAndGrad, jvp */
export function tripLength(latitude: number): number {
  return haversine({ latitude, longitude: 10 }, { latitude: 48, longitude: 12 });
}

/** @differentiable grad, valueAndGrad, jvp wrt latitude, height */
export function groundStation(latitude: number, height: number): number {
  const place = satellite.geodeticToEcf({ latitude, longitude: 1, height });
  const { x, y } = satellite.ecfToEci(place, 0.3);
  return x + y * satellite.degreesToRadians(latitude);
}

// ------------------------------------------------------------------------------------------------------------ colour

/** @differentiable grad, valueAndGrad, jvp */
export function lightness(red: number): number {
  const { l, a, b } = converter("oklab")({ mode: "rgb", r: red, g: 0.3, b: 0.5 });
  return l + 2 * a - b;
}

/** @differentiable grad, valueAndGrad, jvp */
export function colourDifference(red: number): number {
  const one = { mode: "rgb" as const, r: red, g: 0.3, b: 0.5 };
  return differenceEuclidean("lab65")(one, { mode: "rgb", r: 0.2, g: 0.5, b: 0.1 });
}

/** @differentiable grad, valueAndGrad, jvp */
export function saturation(red: number): number {
  return convert.rgb.hsl.raw([red, 100, 50])[1] + convert.rgb.lab.raw([red, 20, 40])[0];
}

// ----------------------------------------------------------------------------------------------------------- finance

/** @differentiable grad, valueAndGrad, jvp */
export function payment(interest: number): number {
  return pmt(interest, 12, 1000) + pv(interest, 5, -20, 100) + npv(interest, [-100, 39, 59, 55, 20]);
}

/** @differentiable grad, valueAndGrad, jvp */
export function returnOf(last: number): number {
  return irr([-100, 39, 59, 55, last]);
}

/** @differentiable grad, valueAndGrad, jvp */
export function interestFor(instalment: number): number {
  return rate(10, -instalment, 1000, 0);
}

// --------------------------------------------------------------------------------------------------- curves and shapes

/** @differentiable grad, valueAndGrad, jvp */
export function eased(t: number): number {
  return easeCubicInOut(t) + easeElasticOut.amplitude(1.5).period(0.4)(t) * easeBackIn(t) + easePolyIn.exponent(2.5)(t);
}

/** @differentiable grad, valueAndGrad, jvp wrt a, t */
export function interpolated(a: number, t: number): number {
  const [x, y, width] = interpolateZoom([0, a, 10], [20, 5, 3])(t);
  return interpolateNumber(a, 5)(t) + interpolateBasis([a, 2, 3, a * a])(t) + x * y + width;
}

/** @differentiable grad, valueAndGrad, jvp wrt x, fwhm */
export function peak(x: number, fwhm: number): number {
  const lorentzian = new Lorentzian({ fwhm: 1.5 * fwhm });
  return new Gaussian({ fwhm }).fct(x) + lorentzian.fct(x) * new PseudoVoigt({ fwhm: 2, mu: 0.3 }).fct(x);
}

// ------------------------------------------------------------------------------------------------------ 3-D mathematics

/** @differentiable grad, valueAndGrad, jvp */
export function crossed(a: [number, number, number], b: [number, number, number]): number {
  const normal: [number, number, number] = [0, 0, 0];
  vec3.cross(normal, a, b);
  vec3.normalize(normal, normal);
  return vec3.dot(normal, [1, 2, 3]);
}

/** @differentiable grad, valueAndGrad, jvp */
export function turnedAndMoved(angle: number): number {
  const matrix: mat4 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  mat4.rotateY(matrix, matrix, angle);
  mat4.translate(matrix, matrix, [1, angle, 2]);
  const point: [number, number, number] = [1, 2, 3];
  vec3.transformMat4(point, point, matrix);
  return point[0] * point[1] + point[2];
}

/** @differentiable grad, valueAndGrad, jvp */
export function spun(angle: number): number {
  const turned = new Vector3(1, angle, 2).applyAxisAngle(new Vector3(0, 0, 1), angle);
  return turned.length() + turned.x * turned.dot(new Vector3(1, 2, 3)) + MathUtils.smoothstep(angle, 0, 2);
}

/** @differentiable grad, valueAndGrad, jvp */
export function oriented(angle: number): number {
  const rotation = new Rotation().setFromEuler(new Euler(angle, 0.2, 0.3));
  return new Vector3(1, 2, 3).applyMatrix4(new Matrix4().makeRotationFromQuaternion(rotation)).y;
}

/** @differentiable grad, valueAndGrad, jvp */
export function composed(t: number): number {
  const turn = new Quaternion(1, t, 2, 3).normalize();
  return turn.mul(new Quaternion(0.5, 1, t, 2)).w;
}

/** @differentiable grad, valueAndGrad, jvp */
export function blockDistance(t: number): number {
  return new Vec3(1, t, 2).cross(new Vec3(t, 2, 1)).norm() + new Vec3(t, 1, 1).distanceTo(new Vec3(0, 0, 0));
}
