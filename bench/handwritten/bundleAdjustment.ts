/**
 * Value and gradient by hand: what a camera's turn takes is computed once per camera, not once per
 * observation; and all that its observations say about the turn is a moment, as of forces on a body, which becomes the
 * derivative by the axis in the end.
 */
export function valueAndGradBundleAdjustment(
  cameras: Float64Array,
  points: Float64Array,
  weights: Float64Array,
  observations: Int32Array,
  features: Float64Array,
): { value: number; grad: [cameras: Float64Array, points: Float64Array, weights: Float64Array] } {
  const camerasBar = new Float64Array(cameras.length);
  const pointsBar = new Float64Array(points.length);
  const weightsBar = new Float64Array(weights.length);
  // Per camera the turn as a matrix, and what its derivative takes: perRest and perCube.
  const turns = new Float64Array(cameras.length);
  for (let c = 0; c < cameras.length; c += 11) {
    const rx = cameras[c]!;
    const ry = cameras[c + 1]!;
    const rz = cameras[c + 2]!;
    const squared = rx * rx + ry * ry + rz * rz;
    const angle = Math.sqrt(squared);
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    const perSine = squared === 0 ? 1 : sine / angle;
    const perRest = squared === 0 ? 0.5 : (cosine > 0 ? (sine * sine) / (1 + cosine) : 1 - cosine) / squared; // without cancellation
    turns[c] = cosine + perRest * rx * rx;
    turns[c + 1] = perRest * rx * ry - perSine * rz;
    turns[c + 2] = perRest * rx * rz + perSine * ry;
    turns[c + 3] = perRest * rx * ry + perSine * rz;
    turns[c + 4] = cosine + perRest * ry * ry;
    turns[c + 5] = perRest * ry * rz - perSine * rx;
    turns[c + 6] = perRest * rx * rz - perSine * ry;
    turns[c + 7] = perRest * ry * rz + perSine * rx;
    turns[c + 8] = cosine + perRest * rz * rz;
    turns[c + 9] = perRest;
    turns[c + 10] =
      squared < 1e-3 ? (1 - (squared / 20) * (1 - (squared / 42) * (1 - squared / 72))) / 6 : (1 - perSine) / squared;
  }

  let value = 0;
  for (let i = 0; i < weights.length; i++) {
    const c = 11 * observations[2 * i]!;
    const p = 3 * observations[2 * i + 1]!;
    const weight = weights[i]!;
    const focal = cameras[c + 6]!;
    const radial1 = cameras[c + 9]!;
    const radial2 = cameras[c + 10]!;
    const x = points[p]! - cameras[c + 3]!;
    const y = points[p + 1]! - cameras[c + 4]!;
    const z = points[p + 2]! - cameras[c + 5]!;
    const m00 = turns[c]!;
    const m01 = turns[c + 1]!;
    const m02 = turns[c + 2]!;
    const m10 = turns[c + 3]!;
    const m11 = turns[c + 4]!;
    const m12 = turns[c + 5]!;
    const m20 = turns[c + 6]!;
    const m21 = turns[c + 7]!;
    const m22 = turns[c + 8]!;
    const inverseDepth = 1 / (m20 * x + m21 * y + m22 * z);
    const u = (m00 * x + m01 * y + m02 * z) * inverseDepth;
    const v = (m10 * x + m11 * y + m12 * z) * inverseDepth;
    const radius = u * u + v * v;
    const distortion = 1 + radius * (radial1 + radial2 * radius);
    const scale = distortion * focal;
    const missU = u * scale + cameras[c + 7]! - features[2 * i]!;
    const missV = v * scale + cameras[c + 8]! - features[2 * i + 1]!;
    const weightSquared = weight * weight;
    const missSquared = missU * missU + missV * missV;
    const missWeight = 1 - weightSquared;
    value += weightSquared * missSquared + missWeight * missWeight;

    weightsBar[i] = 2 * weight * (missSquared - 2 * missWeight);
    const missUBar = 2 * weightSquared * missU;
    const missVBar = 2 * weightSquared * missV;
    const scaleBar = missUBar * u + missVBar * v;
    const distortionBar = scaleBar * focal;
    const radiusBar = 2 * distortionBar * (radial1 + 2 * radial2 * radius);
    const turnedXBar = (missUBar * scale + radiusBar * u) * inverseDepth;
    const turnedYBar = (missVBar * scale + radiusBar * v) * inverseDepth;
    const turnedZBar = -(turnedXBar * u + turnedYBar * v);
    // Turned back.
    const xBar = m00 * turnedXBar + m10 * turnedYBar + m20 * turnedZBar;
    const yBar = m01 * turnedXBar + m11 * turnedYBar + m21 * turnedZBar;
    const zBar = m02 * turnedXBar + m12 * turnedYBar + m22 * turnedZBar;

    camerasBar[c] = camerasBar[c]! + (y * zBar - z * yBar);
    camerasBar[c + 1] = camerasBar[c + 1]! + (z * xBar - x * zBar);
    camerasBar[c + 2] = camerasBar[c + 2]! + (x * yBar - y * xBar);
    camerasBar[c + 3] = camerasBar[c + 3]! - xBar;
    camerasBar[c + 4] = camerasBar[c + 4]! - yBar;
    camerasBar[c + 5] = camerasBar[c + 5]! - zBar;
    camerasBar[c + 6] = camerasBar[c + 6]! + scaleBar * distortion;
    camerasBar[c + 7] = camerasBar[c + 7]! + missUBar;
    camerasBar[c + 8] = camerasBar[c + 8]! + missVBar;
    camerasBar[c + 9] = camerasBar[c + 9]! + distortionBar * radius;
    camerasBar[c + 10] = camerasBar[c + 10]! + distortionBar * radius * radius;
    pointsBar[p] = pointsBar[p]! + xBar;
    pointsBar[p + 1] = pointsBar[p + 1]! + yBar;
    pointsBar[p + 2] = pointsBar[p + 2]! + zBar;
  }

  // The derivative of a turn by its axis: m + perRest · r × m + perCube · r × (r × m).
  for (let c = 0; c < cameras.length; c += 11) {
    const rx = cameras[c]!;
    const ry = cameras[c + 1]!;
    const rz = cameras[c + 2]!;
    const perRest = turns[c + 9]!;
    const perCube = turns[c + 10]!;
    const mx = camerasBar[c]!;
    const my = camerasBar[c + 1]!;
    const mz = camerasBar[c + 2]!;
    const cx = ry * mz - rz * my;
    const cy = rz * mx - rx * mz;
    const cz = rx * my - ry * mx;
    camerasBar[c] = mx + perRest * cx + perCube * (ry * cz - rz * cy);
    camerasBar[c + 1] = my + perRest * cy + perCube * (rz * cx - rx * cz);
    camerasBar[c + 2] = mz + perRest * cz + perCube * (rx * cy - ry * cx);
  }
  return { value, grad: [camerasBar, pointsBar, weightsBar] };
}
