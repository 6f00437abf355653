/** Value and gradient by hand, the value bit for bit: forward and backward through one observation at a time, in scalars. */
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
  let value = 0;
  for (let i = 0; i < weights.length; i++) {
    const c = 11 * observations[2 * i]!;
    const p = 3 * observations[2 * i + 1]!;
    const weight = weights[i]!;
    const rx = cameras[c]!;
    const ry = cameras[c + 1]!;
    const rz = cameras[c + 2]!;
    const focal = cameras[c + 6]!;
    const radial1 = cameras[c + 9]!;
    const radial2 = cameras[c + 10]!;
    const x = points[p]! - cameras[c + 3]!;
    const y = points[p + 1]! - cameras[c + 4]!;
    const z = points[p + 2]! - cameras[c + 5]!;

    const squared = rx * rx + ry * ry + rz * rz;
    const isTurned = squared !== 0;
    let angle = 0;
    let cosine = 1;
    let sine = 1; // with the axis itself in place of its direction, the formula for a small angle
    let wx = rx;
    let wy = ry;
    let wz = rz;
    if (isTurned) {
      angle = Math.sqrt(squared);
      cosine = Math.cos(angle);
      sine = Math.sin(angle);
      wx = rx / angle;
      wy = ry / angle;
      wz = rz / angle;
    }
    const versine = 1 - cosine;
    const inner = wx * x + wy * y + wz * z;
    const along = inner * versine;
    const crossX = wy * z - wz * y;
    const crossY = wz * x - wx * z;
    const crossZ = wx * y - wy * x;
    const turnedX = x * cosine + crossX * sine + wx * along;
    const turnedY = y * cosine + crossY * sine + wy * along;
    const turnedZ = z * cosine + crossZ * sine + wz * along;

    const u = turnedX / turnedZ;
    const v = turnedY / turnedZ;
    const radius = u * u + v * v;
    const distortion = 1 + radial1 * radius + radial2 * radius * radius;
    const scale = distortion * focal;
    const missU = u * distortion * focal + cameras[c + 7]! - features[2 * i]!;
    const missV = v * distortion * focal + cameras[c + 8]! - features[2 * i + 1]!;
    const missWeight = 1 - weight * weight;
    const errorU = weight * missU;
    const errorV = weight * missV;
    value += errorU * errorU + errorV * errorV + missWeight * missWeight;

    weightsBar[i] = 2 * (errorU * missU + errorV * missV - 2 * weight * missWeight);
    const missUBar = 2 * weight * errorU;
    const missVBar = 2 * weight * errorV;
    const scaleBar = missUBar * u + missVBar * v;
    const distortionBar = scaleBar * focal;
    const radiusBar = 2 * distortionBar * (radial1 + 2 * radial2 * radius);
    const uBar = missUBar * scale + radiusBar * u;
    const vBar = missVBar * scale + radiusBar * v;
    const inverseDepth = 1 / turnedZ;
    const turnedXBar = uBar * inverseDepth;
    const turnedYBar = vBar * inverseDepth;
    const turnedZBar = -(uBar * u + vBar * v) * inverseDepth;

    const innerBar = (turnedXBar * wx + turnedYBar * wy + turnedZBar * wz) * versine;
    const xBar = turnedXBar * cosine + (turnedYBar * wz - turnedZBar * wy) * sine + innerBar * wx;
    const yBar = turnedYBar * cosine + (turnedZBar * wx - turnedXBar * wz) * sine + innerBar * wy;
    const zBar = turnedZBar * cosine + (turnedXBar * wy - turnedYBar * wx) * sine + innerBar * wz;
    let rxBar = (y * turnedZBar - z * turnedYBar) * sine + innerBar * x + along * turnedXBar;
    let ryBar = (z * turnedXBar - x * turnedZBar) * sine + innerBar * y + along * turnedYBar;
    let rzBar = (x * turnedYBar - y * turnedXBar) * sine + innerBar * z + along * turnedZBar;
    if (isTurned) {
      const cosineBar = turnedXBar * (x - wx * inner) + turnedYBar * (y - wy * inner) + turnedZBar * (z - wz * inner);
      const sineBar = turnedXBar * crossX + turnedYBar * crossY + turnedZBar * crossZ;
      const inverse = 1 / angle;
      const angleBar = cosine * sineBar - sine * cosineBar - (rxBar * wx + ryBar * wy + rzBar * wz) * inverse;
      rxBar = rxBar * inverse + angleBar * wx;
      ryBar = ryBar * inverse + angleBar * wy;
      rzBar = rzBar * inverse + angleBar * wz;
    }

    camerasBar[c] = camerasBar[c]! + rxBar;
    camerasBar[c + 1] = camerasBar[c + 1]! + ryBar;
    camerasBar[c + 2] = camerasBar[c + 2]! + rzBar;
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
  return { value, grad: [camerasBar, pointsBar, weightsBar] };
}
