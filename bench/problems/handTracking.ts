/** Hand tracking as in ADBench. Matrices are 4 × 4 and row-major. */

export interface HandModel {
  /** Of each bone the one before it, or −1. */
  readonly parents: Int32Array;
  /** Of each bone, where it is relative to its parent. All matrices move without stretching. */
  readonly baseRelatives: readonly Float64Array[];
  /** From the hand at rest to each bone. */
  readonly inverseBaseAbsolutes: readonly Float64Array[];
  /** Three coordinates per vertex. */
  readonly basePositions: Float64Array;
  /** A row per vertex: how much each bone carries it. Most are 0. */
  readonly weights: Float64Array;
}

export function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const product = new Float64Array(16);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * i + k]! * b[4 * k + j]!;
      product[4 * i + j] = sum;
    }
  }
  return product;
}

/** A turn about the axes x, then y, then z. */
export function eulerRotation(x: number, y: number, z: number): Float64Array {
  const [cosX, sinX, cosY, sinY, cosZ, sinZ] = [
    Math.cos(x),
    Math.sin(x),
    Math.cos(y),
    Math.sin(y),
    Math.cos(z),
    Math.sin(z),
  ];
  // prettier-ignore
  return Float64Array.of(
    cosY * cosZ, sinX * sinY * cosZ - cosX * sinZ, cosX * sinY * cosZ + sinX * sinZ, 0,
    cosY * sinZ, sinX * sinY * sinZ + cosX * cosZ, cosX * sinY * sinZ - sinX * cosZ, 0,
    -sinY, sinX * cosY, cosX * cosY, 0,
    0, 0, 0, 1,
  );
}

/** A turn about the axis (x, y, z) by its length, by Rodrigues' formula. */
function axisRotation(x: number, y: number, z: number): Float64Array {
  const angle = Math.sqrt(x * x + y * y + z * z);
  if (angle < 1e-12) return eulerRotation(0, 0, 0);
  const [ax, ay, az] = [x / angle, y / angle, z / angle];
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  const rest = 1 - cosine;
  // prettier-ignore
  return Float64Array.of(
    ax * ax * rest + cosine, ax * ay * rest - az * sine, ax * az * rest + ay * sine, 0,
    ax * ay * rest + az * sine, ay * ay * rest + cosine, ay * az * rest - ax * sine, 0,
    ax * az * rest - ay * sine, ay * az * rest + ax * sine, az * az * rest + cosine, 0,
    0, 0, 0, 1,
  );
}

/**
 * Three angles per bone. The forearm and the wrist are held. Each of the five fingers bends in three of its four bones,
 * and its first one also moves aside.
 */
function poseOf(theta: Float64Array, bones: number): Float64Array {
  const pose = new Float64Array(3 * bones);
  let next = 6;
  for (let finger = 0; finger < 5; finger++) {
    for (let bone = 0; bone < 3; bone++) {
      const at = 3 * (2 + 4 * finger + bone);
      pose[at] = theta[next++]!;
      if (bone === 0) pose[at + 1] = theta[next++]!;
    }
  }
  return pose;
}

/** For each bone, how it moves what it carries from rest. */
function boneTransforms(theta: Float64Array, model: HandModel): Float64Array[] {
  const { parents, baseRelatives, inverseBaseAbsolutes } = model;
  const pose = poseOf(theta, parents.length);
  const absolutes: Float64Array[] = [];
  for (let bone = 0; bone < parents.length; bone++) {
    const rotation = eulerRotation(pose[3 * bone]!, pose[3 * bone + 1]!, pose[3 * bone + 2]!);
    const relative = multiply(baseRelatives[bone]!, rotation);
    const parent = parents[bone]!;
    absolutes.push(parent < 0 ? relative : multiply(absolutes[parent]!, relative));
  }
  return absolutes.map((absolute, bone) => multiply(absolute, inverseBaseAbsolutes[bone]!));
}

/** Where the vertices are: linear blend skinning, then the turn and the move of the whole hand. */
function vertexPositions(theta: Float64Array, model: HandModel): Float64Array {
  const { basePositions, weights } = model;
  const transforms = boneTransforms(theta, model);
  const turn = axisRotation(theta[0]!, theta[1]!, theta[2]!);
  const positions = new Float64Array(basePositions.length);
  const skinned = new Float64Array(3);
  for (let v = 0; 3 * v < basePositions.length; v++) {
    const x = basePositions[3 * v]!;
    const y = basePositions[3 * v + 1]!;
    const z = basePositions[3 * v + 2]!;
    skinned.fill(0);
    for (let bone = 0; bone < transforms.length; bone++) {
      const weight = weights[v * transforms.length + bone]!;
      if (weight === 0) continue;
      const m = transforms[bone]!;
      for (let i = 0; i < 3; i++) {
        skinned[i]! += weight * (m[4 * i]! * x + m[4 * i + 1]! * y + m[4 * i + 2]! * z + m[4 * i + 3]!);
      }
    }
    for (let i = 0; i < 3; i++) {
      positions[3 * v + i] =
        turn[4 * i]! * skinned[0]! + turn[4 * i + 1]! * skinned[1]! + turn[4 * i + 2]! * skinned[2]! + theta[3 + i]!;
    }
  }
  return positions;
}

/**
 * Sum of the squared distances of points to the vertices that they belong to. `theta` holds the turn of the whole hand
 * (3), its move (3) and four angles per finger.
 * @differentiable valueAndGrad wrt theta
 */
export function handTracking(
  theta: Float64Array,
  model: HandModel,
  correspondences: Int32Array,
  points: Float64Array,
): number {
  const positions = vertexPositions(theta, model);
  let sum = 0;
  for (let p = 0; p < correspondences.length; p++) {
    for (let i = 0; i < 3; i++) {
      const difference = points[3 * p + i]! - positions[3 * correspondences[p]! + i]!;
      sum += difference * difference;
    }
  }
  return sum;
}
