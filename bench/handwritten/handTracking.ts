import type { HandModel } from "../problems/handTracking.js";

/**
 * Value and gradient by hand, as in mechanics: the adjoint of a skinned point is a force. Bones gather the forces on what
 * they carry and their moments, from the finger tips inwards; the derivative by an angle is the moment about its axis.
 * Only vertices that points belong to are skinned.
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
  const absolutes = new Float64Array(12 * bones);
  const transforms = new Float64Array(12 * bones);
  const sideAxes = new Float64Array(3 * bones);
  const relative = new Float64Array(12);
  for (let bone = 0; bone < bones; bone++) {
    const base = baseRelatives[bone]!;
    for (let i = 0; i < 12; i++) relative[i] = base[i]!;
    const start = 12 * bone;
    const parent = parents[bone]!;
    if (parent < 0) absolutes.set(relative, start);
    else product(absolutes, 12 * parent, relative, absolutes, start);
    const at = angleOf(bone);
    if (at >= 0) {
      // Turned aside about y, then bent about x: new columns x, y and z in each row.
      const cosX = Math.cos(theta[at]!);
      const sinX = Math.sin(theta[at]!);
      const aside = movesAside(bone) ? theta[at + 1]! : 0;
      const cosY = Math.cos(aside);
      const sinY = Math.sin(aside);
      for (let i = 0; i < 3; i++) {
        const entry = start + 4 * i;
        const x = absolutes[entry]!;
        const y = absolutes[entry + 1]!;
        const z = absolutes[entry + 2]!;
        sideAxes[3 * bone + i] = y;
        const turnedZ = cosY * z + sinY * x;
        absolutes[entry] = cosY * x - sinY * z;
        absolutes[entry + 1] = cosX * y + sinX * turnedZ;
        absolutes[entry + 2] = cosX * turnedZ - sinX * y;
      }
    }
    product(absolutes, start, inverseBaseAbsolutes[bone]!, transforms, start);
  }

  // The turn of the whole hand.
  const rx = theta[0]!;
  const ry = theta[1]!;
  const rz = theta[2]!;
  const tx = theta[3]!;
  const ty = theta[4]!;
  const tz = theta[5]!;
  const squared = rx * rx + ry * ry + rz * rz;
  const angle = Math.sqrt(squared);
  const isTurned = angle >= 1e-12;
  const cosine = Math.cos(angle);
  const perSine = isTurned ? Math.sin(angle) / angle : 1;
  const perRest = isTurned ? (1 - cosine) / squared : 0.5;
  const m00 = cosine + perRest * rx * rx;
  const m01 = perRest * rx * ry - perSine * rz;
  const m02 = perRest * rx * rz + perSine * ry;
  const m10 = perRest * rx * ry + perSine * rz;
  const m11 = cosine + perRest * ry * ry;
  const m12 = perRest * ry * rz - perSine * rx;
  const m20 = perRest * rx * rz - perSine * ry;
  const m21 = perRest * ry * rz + perSine * rx;
  const m22 = cosine + perRest * rz * rz;

  const wrenches = new Float64Array(6 * bones); // force and moment about the origin
  // The bones that carry a vertex, and where they would have it, times their weight.
  const carriers = new Int32Array(bones);
  const carried = new Float64Array(3 * bones);
  let sum = 0;
  let txBar = 0;
  let tyBar = 0;
  let tzBar = 0;
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
      const m = 12 * bone;
      const qx = weight * (transforms[m]! * x + transforms[m + 1]! * y + transforms[m + 2]! * z + transforms[m + 3]!);
      const qy =
        weight * (transforms[m + 4]! * x + transforms[m + 5]! * y + transforms[m + 6]! * z + transforms[m + 7]!);
      const qz =
        weight * (transforms[m + 8]! * x + transforms[m + 9]! * y + transforms[m + 10]! * z + transforms[m + 11]!);
      carriers[count] = bone;
      carried[3 * count] = qx;
      carried[3 * count + 1] = qy;
      carried[3 * count + 2] = qz;
      count++;
      sx += qx;
      sy += qy;
      sz += qz;
    }
    const ex = m00 * sx + m01 * sy + m02 * sz + tx - points[3 * p]!;
    const ey = m10 * sx + m11 * sy + m12 * sz + ty - points[3 * p + 1]!;
    const ez = m20 * sx + m21 * sy + m22 * sz + tz - points[3 * p + 2]!;
    sum += ex * ex + ey * ey + ez * ez;
    txBar += ex;
    tyBar += ey;
    tzBar += ez;
    // Halves of the forces, as of all else until the end.
    const fx = m00 * ex + m10 * ey + m20 * ez;
    const fy = m01 * ex + m11 * ey + m21 * ez;
    const fz = m02 * ex + m12 * ey + m22 * ez;
    for (let c = 0; c < count; c++) {
      const bone = carriers[c]!;
      const weight = weights[row + bone]!;
      const qx = carried[3 * c]!;
      const qy = carried[3 * c + 1]!;
      const qz = carried[3 * c + 2]!;
      const at = 6 * bone;
      wrenches[at] = wrenches[at]! + weight * fx;
      wrenches[at + 1] = wrenches[at + 1]! + weight * fy;
      wrenches[at + 2] = wrenches[at + 2]! + weight * fz;
      wrenches[at + 3] = wrenches[at + 3]! + (qy * fz - qz * fy);
      wrenches[at + 4] = wrenches[at + 4]! + (qz * fx - qx * fz);
      wrenches[at + 5] = wrenches[at + 5]! + (qx * fy - qy * fx);
    }
  }

  const grad = new Float64Array(theta.length);
  let mx = 0;
  let my = 0;
  let mz = 0;
  for (let bone = bones - 1; bone >= 0; bone--) {
    const from = 6 * bone;
    const at = angleOf(bone);
    if (at >= 0) {
      const start = 12 * bone;
      const jx = absolutes[start + 3]!;
      const jy = absolutes[start + 7]!;
      const jz = absolutes[start + 11]!;
      const fx = wrenches[from]!;
      const fy = wrenches[from + 1]!;
      const fz = wrenches[from + 2]!;
      const momentX = wrenches[from + 3]! - (jy * fz - jz * fy);
      const momentY = wrenches[from + 4]! - (jz * fx - jx * fz);
      const momentZ = wrenches[from + 5]! - (jx * fy - jy * fx);
      grad[at] = 2 * (absolutes[start]! * momentX + absolutes[start + 4]! * momentY + absolutes[start + 8]! * momentZ);
      if (movesAside(bone)) {
        const axis = 3 * bone;
        grad[at + 1] = 2 * (sideAxes[axis]! * momentX + sideAxes[axis + 1]! * momentY + sideAxes[axis + 2]! * momentZ);
      }
    }
    const parent = parents[bone]!;
    if (parent >= 0) {
      const to = 6 * parent;
      for (let i = 0; i < 6; i++) wrenches[to + i] = wrenches[to + i]! + wrenches[from + i]!;
    } else {
      mx += wrenches[from + 3]!;
      my += wrenches[from + 4]!;
      mz += wrenches[from + 5]!;
    }
  }

  // The derivative of a turn by its axis: m + perRest · r × m + perCube · r × (r × m).
  const perCube = isTurned ? (1 - perSine) / squared : 1 / 6;
  const cx = ry * mz - rz * my;
  const cy = rz * mx - rx * mz;
  const cz = rx * my - ry * mx;
  grad[0] = 2 * (mx + perRest * cx + perCube * (ry * cz - rz * cy));
  grad[1] = 2 * (my + perRest * cy + perCube * (rz * cx - rx * cz));
  grad[2] = 2 * (mz + perRest * cz + perCube * (rx * cy - ry * cx));
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

/** The product of two moves, in three rows of four numbers each; the second starts at 0. */
function product(a: Float64Array, atA: number, b: Float64Array, to: Float64Array, at: number): void {
  for (let row = 0; row < 12; row += 4) {
    const x = a[atA + row]!;
    const y = a[atA + row + 1]!;
    const z = a[atA + row + 2]!;
    to[at + row] = x * b[0]! + y * b[4]! + z * b[8]!;
    to[at + row + 1] = x * b[1]! + y * b[5]! + z * b[9]!;
    to[at + row + 2] = x * b[2]! + y * b[6]! + z * b[10]!;
    to[at + row + 3] = x * b[3]! + y * b[7]! + z * b[11]! + a[atA + row + 3]!;
  }
}
