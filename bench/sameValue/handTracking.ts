import type { HandModel } from "../problems/handTracking.js";

/**
 * Value and gradient by hand, the value bit for bit: moves are three rows of four numbers, without the products with 0 and
 * 1. Forward and backward through one point at a time, which skins its vertex; then backward through the bones, where the
 * derivative by an angle is how its turn would mix the columns of the bone's move.
 */
export function valueAndGradHandTracking(
  theta: Float64Array,
  model: HandModel,
  correspondences: Int32Array,
  points: Float64Array,
): { value: number; grad: Float64Array } {
  const { parents, baseRelatives, inverseBaseAbsolutes, basePositions, weights } = model;
  const bones = parents.length;
  // Three rows of four numbers per bone.
  const relatives = new Float64Array(12 * bones);
  const absolutes = new Float64Array(12 * bones);
  const transforms = new Float64Array(12 * bones);
  for (let bone = 0; bone < bones; bone++) {
    const start = 12 * bone;
    const base = baseRelatives[bone]!;
    const at = angleOf(bone);
    if (at < 0) for (let i = 0; i < 12; i++) relatives[start + i] = base[i]!;
    else {
      const aside = movesAside(bone) ? theta[at + 1]! : 0;
      const cosX = Math.cos(theta[at]!);
      const sinX = Math.sin(theta[at]!);
      const cosY = Math.cos(aside);
      const sinY = Math.sin(aside);
      const m01 = sinX * sinY;
      const m02 = cosX * sinY;
      const m21 = sinX * cosY;
      const m22 = cosX * cosY;
      for (let row = 0; row < 12; row += 4) {
        const x = base[row]!;
        const y = base[row + 1]!;
        const z = base[row + 2]!;
        relatives[start + row] = x * cosY - z * sinY;
        relatives[start + row + 1] = x * m01 + y * cosX + z * m21;
        relatives[start + row + 2] = x * m02 - y * sinX + z * m22;
        relatives[start + row + 3] = base[row + 3]!;
      }
    }
    const parent = parents[bone]!;
    if (parent < 0) for (let i = start; i < start + 12; i++) absolutes[i] = relatives[i]!;
    else product(absolutes, 12 * parent, relatives, start, absolutes, start);
    product(absolutes, start, inverseBaseAbsolutes[bone]!, 0, transforms, start);
  }

  // The turn of the whole hand.
  const rx = theta[0]!;
  const ry = theta[1]!;
  const rz = theta[2]!;
  const tx = theta[3]!;
  const ty = theta[4]!;
  const tz = theta[5]!;
  const angle = Math.sqrt(rx * rx + ry * ry + rz * rz);
  const isTurned = angle >= 1e-12;
  const ax = isTurned ? rx / angle : 0;
  const ay = isTurned ? ry / angle : 0;
  const az = isTurned ? rz / angle : 0;
  const sine = isTurned ? Math.sin(angle) : 0;
  const cosine = isTurned ? Math.cos(angle) : 1;
  const rest = 1 - cosine;
  const m00 = ax * ax * rest + cosine;
  const m01 = ax * ay * rest - az * sine;
  const m02 = ax * az * rest + ay * sine;
  const m10 = ax * ay * rest + az * sine;
  const m11 = ay * ay * rest + cosine;
  const m12 = ay * az * rest - ax * sine;
  const m20 = ax * az * rest - ay * sine;
  const m21 = ay * az * rest + ax * sine;
  const m22 = az * az * rest + cosine;

  const bars = new Float64Array(12 * bones); // of the transforms: halves, as all else until the end
  const carriers = new Int32Array(bones); // the bones that carry a vertex
  let sum = 0;
  let txBar = 0;
  let tyBar = 0;
  let tzBar = 0;
  let m00Bar = 0;
  let m01Bar = 0;
  let m02Bar = 0;
  let m10Bar = 0;
  let m11Bar = 0;
  let m12Bar = 0;
  let m20Bar = 0;
  let m21Bar = 0;
  let m22Bar = 0;
  for (let p = 0; p < correspondences.length; p++) {
    const vertex = correspondences[p]!;
    const x = basePositions[3 * vertex]!;
    const y = basePositions[3 * vertex + 1]!;
    const z = basePositions[3 * vertex + 2]!;
    const row = vertex * bones;
    let sx = 0;
    let sy = 0;
    let sz = 0;
    let count = 0;
    for (let bone = 0; bone < bones; bone++) {
      const weight = weights[row + bone]!;
      if (weight === 0) continue;
      carriers[count++] = bone;
      const m = 12 * bone;
      sx += weight * (transforms[m]! * x + transforms[m + 1]! * y + transforms[m + 2]! * z + transforms[m + 3]!);
      sy += weight * (transforms[m + 4]! * x + transforms[m + 5]! * y + transforms[m + 6]! * z + transforms[m + 7]!);
      sz += weight * (transforms[m + 8]! * x + transforms[m + 9]! * y + transforms[m + 10]! * z + transforms[m + 11]!);
    }
    const ex = points[3 * p]! - (m00 * sx + m01 * sy + m02 * sz + tx);
    const ey = points[3 * p + 1]! - (m10 * sx + m11 * sy + m12 * sz + ty);
    const ez = points[3 * p + 2]! - (m20 * sx + m21 * sy + m22 * sz + tz);
    sum += ex * ex;
    sum += ey * ey;
    sum += ez * ez;
    txBar -= ex;
    tyBar -= ey;
    tzBar -= ez;
    m00Bar -= ex * sx;
    m01Bar -= ex * sy;
    m02Bar -= ex * sz;
    m10Bar -= ey * sx;
    m11Bar -= ey * sy;
    m12Bar -= ey * sz;
    m20Bar -= ez * sx;
    m21Bar -= ez * sy;
    m22Bar -= ez * sz;
    const sxBar = -(m00 * ex + m10 * ey + m20 * ez);
    const syBar = -(m01 * ex + m11 * ey + m21 * ez);
    const szBar = -(m02 * ex + m12 * ey + m22 * ez);
    for (let c = 0; c < count; c++) {
      const bone = carriers[c]!;
      const weight = weights[row + bone]!;
      const m = 12 * bone;
      const qxBar = weight * sxBar;
      const qyBar = weight * syBar;
      const qzBar = weight * szBar;
      bars[m] = bars[m]! + qxBar * x;
      bars[m + 1] = bars[m + 1]! + qxBar * y;
      bars[m + 2] = bars[m + 2]! + qxBar * z;
      bars[m + 3] = bars[m + 3]! + qxBar;
      bars[m + 4] = bars[m + 4]! + qyBar * x;
      bars[m + 5] = bars[m + 5]! + qyBar * y;
      bars[m + 6] = bars[m + 6]! + qyBar * z;
      bars[m + 7] = bars[m + 7]! + qyBar;
      bars[m + 8] = bars[m + 8]! + qzBar * x;
      bars[m + 9] = bars[m + 9]! + qzBar * y;
      bars[m + 10] = bars[m + 10]! + qzBar * z;
      bars[m + 11] = bars[m + 11]! + qzBar;
    }
  }

  // From the finger tips inwards. Each row of a move depends on the same row of its parent's alone.
  const grad = new Float64Array(theta.length);
  const absolutesBar = new Float64Array(12 * bones); // what children have sent
  for (let bone = bones - 1; bone >= 0; bone--) {
    const start = 12 * bone;
    const inverse = inverseBaseAbsolutes[bone]!;
    const parent = parents[bone]!;
    // How the columns of the move would turn into each other.
    let xToY = 0;
    let xToZ = 0;
    let zToY = 0;
    for (let row = start; row < start + 12; row += 4) {
      const transformX = bars[row]!;
      const transformY = bars[row + 1]!;
      const transformZ = bars[row + 2]!;
      const moveBar = bars[row + 3]!;
      const xBar =
        absolutesBar[row]! +
        (transformX * inverse[0]! + transformY * inverse[1]! + transformZ * inverse[2]! + moveBar * inverse[3]!);
      const yBar =
        absolutesBar[row + 1]! +
        (transformX * inverse[4]! + transformY * inverse[5]! + transformZ * inverse[6]! + moveBar * inverse[7]!);
      const zBar =
        absolutesBar[row + 2]! +
        (transformX * inverse[8]! + transformY * inverse[9]! + transformZ * inverse[10]! + moveBar * inverse[11]!);
      const wBar = absolutesBar[row + 3]! + moveBar;
      const x = absolutes[row]!;
      const y = absolutes[row + 1]!;
      const z = absolutes[row + 2]!;
      xToY += yBar * x - xBar * y;
      xToZ += zBar * x - xBar * z;
      zToY += yBar * z - zBar * y;
      if (parent < 0) continue;
      const to = row + 12 * (parent - bone);
      absolutesBar[to] =
        absolutesBar[to]! +
        (xBar * relatives[start]! +
          yBar * relatives[start + 1]! +
          zBar * relatives[start + 2]! +
          wBar * relatives[start + 3]!);
      absolutesBar[to + 1] =
        absolutesBar[to + 1]! +
        (xBar * relatives[start + 4]! +
          yBar * relatives[start + 5]! +
          zBar * relatives[start + 6]! +
          wBar * relatives[start + 7]!);
      absolutesBar[to + 2] =
        absolutesBar[to + 2]! +
        (xBar * relatives[start + 8]! +
          yBar * relatives[start + 9]! +
          zBar * relatives[start + 10]! +
          wBar * relatives[start + 11]!);
      absolutesBar[to + 3] = absolutesBar[to + 3]! + wBar;
    }
    const at = angleOf(bone);
    if (at < 0) continue;
    grad[at] = 2 * zToY;
    if (movesAside(bone)) grad[at + 1] = 2 * (Math.sin(theta[at]!) * xToY + Math.cos(theta[at]!) * xToZ);
  }

  const axBar = m21Bar - m12Bar;
  const ayBar = m02Bar - m20Bar;
  const azBar = m10Bar - m01Bar;
  grad[0] = 2 * axBar;
  grad[1] = 2 * ayBar;
  grad[2] = 2 * azBar;
  if (isTurned) {
    const symmetricX = 2 * m00Bar * ax + (m01Bar + m10Bar) * ay + (m02Bar + m20Bar) * az;
    const symmetricY = (m01Bar + m10Bar) * ax + 2 * m11Bar * ay + (m12Bar + m21Bar) * az;
    const symmetricZ = (m02Bar + m20Bar) * ax + (m12Bar + m21Bar) * ay + 2 * m22Bar * az;
    const restBar = 0.5 * (symmetricX * ax + symmetricY * ay + symmetricZ * az);
    const sineBar = axBar * ax + ayBar * ay + azBar * az;
    const cosineBar = m00Bar + m11Bar + m22Bar - restBar;
    const perSine = sine / angle;
    const perRest = rest / angle;
    // What reaches the axis along itself is only by the angle.
    const along = cosine * sineBar - sine * cosineBar - (perSine * sineBar + 2 * perRest * restBar);
    grad[0] = 2 * (perSine * axBar + perRest * symmetricX + along * ax);
    grad[1] = 2 * (perSine * ayBar + perRest * symmetricY + along * ay);
    grad[2] = 2 * (perSine * azBar + perRest * symmetricZ + along * az);
  }
  grad[3] = 2 * txBar;
  grad[4] = 2 * tyBar;
  grad[5] = 2 * tzBar;
  return { value: sum, grad };
}

/** Where the angle that bends a bone is, −1 when it is held. */
function angleOf(bone: number): number {
  const place = (bone - 2) & 3;
  if (bone < 2 || place === 3) return -1;
  return 6 + (bone - 2 - place) + (place === 0 ? 0 : place + 1);
}

/** Does the bone have a second angle, behind the first? */
function movesAside(bone: number): boolean {
  return ((bone - 2) & 3) === 0;
}

/** The product of two moves, in three rows of four numbers each. */
function product(a: Float64Array, atA: number, b: Float64Array, atB: number, to: Float64Array, at: number): void {
  for (let row = 0; row < 12; row += 4) {
    const x = a[atA + row]!;
    const y = a[atA + row + 1]!;
    const z = a[atA + row + 2]!;
    to[at + row] = x * b[atB]! + y * b[atB + 4]! + z * b[atB + 8]!;
    to[at + row + 1] = x * b[atB + 1]! + y * b[atB + 5]! + z * b[atB + 9]!;
    to[at + row + 2] = x * b[atB + 2]! + y * b[atB + 6]! + z * b[atB + 10]!;
    to[at + row + 3] = x * b[atB + 3]! + y * b[atB + 7]! + z * b[atB + 11]! + a[atA + row + 3]!;
  }
}
