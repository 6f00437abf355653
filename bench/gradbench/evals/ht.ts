/** A matrix, row by row. */
export type Matrix = number[][];

export interface Model {
  /** Of each bone the one before it, or −1. */
  parents: number[];
  /** Of each bone, how it stands to its parent at rest: 4 × 4. */
  baseRelatives: Matrix[];
  /** From the hand at rest to each bone: 4 × 4. */
  inverseBaseAbsolutes: Matrix[];
  /** Vertices in homogeneous coordinates, one a row. */
  basePositions: Matrix;
  /** How much each bone carries a vertex, a row for each vertex. */
  weights: Matrix;
  /** Three vertices each. */
  triangles: number[][];
  isMirrored: boolean;
}

export interface Observations {
  /** The vertex, or the triangle, that each point belongs to. */
  correspondences: number[];
  points: Matrix;
}

const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));

/** A turn about x, then y, then z: 4 × 4. */
function eulerRotation(x: number, y: number, z: number): Matrix {
  const [cosX, sinX] = [Math.cos(x), Math.sin(x)];
  const [cosY, sinY] = [Math.cos(y), Math.sin(y)];
  const [cosZ, sinZ] = [Math.cos(z), Math.sin(z)];
  return [
    [cosY * cosZ, sinX * sinY * cosZ - cosX * sinZ, cosX * sinY * cosZ + sinX * sinZ, 0],
    [cosY * sinZ, sinX * sinY * sinZ + cosX * cosZ, cosX * sinY * sinZ - sinX * cosZ, 0],
    [-sinY, sinX * cosY, cosX * cosY, 0],
    [0, 0, 0, 1],
  ];
}

/** A turn about the axis (x, y, z) by its length: 3 × 3. */
function axisRotation(x: number, y: number, z: number): Matrix {
  const angle = Math.sqrt(x * x + y * y + z * z);
  if (angle < 1e-4) return identity(3);
  const [a, b, c] = [x / angle, y / angle, z / angle];
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const rest = 1 - cosine;
  return [
    [a * a + (1 - a * a) * cosine, a * b * rest - c * sine, a * c * rest + b * sine],
    [a * b * rest + c * sine, b * b + (1 - b * b) * cosine, b * c * rest - a * sine],
    [a * c * rest - b * sine, c * b * rest + a * sine, c * c + (1 - c * c) * cosine],
  ];
}

/**
 * The Euler angles of every bone. The forearm and the wrist are held; each finger bends in the first three of its four
 * bones, and the first also moves aside.
 */
function poseOf(theta: number[], bones: number): Matrix {
  const pose = Array.from({ length: bones }, () => [0, 0, 0]);
  let next = 6;
  for (let finger = 0; finger < 5; finger++) {
    for (let joint = 0; joint < 3; joint++) {
      const angles = pose[2 + 4 * finger + joint]!;
      angles[0] = theta[next++]!;
      if (joint === 0) angles[2] = theta[next++]!;
    }
  }
  return pose;
}

/** How each bone moves what it carries, from the hand at rest. */
function boneTransforms(theta: number[], model: Model): Matrix[] {
  const absolutes: Matrix[] = [];
  for (const [bone, [x, y, z]] of poseOf(theta, model.parents.length).entries()) {
    const relative = multiply(model.baseRelatives[bone]!, eulerRotation(x!, y!, z!));
    const parent = model.parents[bone]!;
    absolutes.push(parent === -1 ? relative : multiply(absolutes[parent]!, relative));
  }
  return absolutes.map((absolute, bone) => multiply(absolute, model.inverseBaseAbsolutes[bone]!));
}

/** Where the vertices are: what the bones make of them, then the turn and the move of the whole hand. */
function vertexPositions(theta: number[], model: Model): Matrix {
  const transforms = boneTransforms(theta, model);
  const turn = axisRotation(theta[0]!, theta[1]!, theta[2]!);
  return model.basePositions.map((base, vertex) => {
    const skinned = [0, 0, 0];
    for (const [bone, transform] of transforms.entries()) {
      const weight = model.weights[vertex]![bone]!;
      if (weight === 0) continue;
      for (let i = 0; i < 3; i++) {
        skinned[i]! += weight * transform[i]!.reduce((sum, value, k) => sum + value * base[k]!, 0);
      }
    }
    if (model.isMirrored) skinned[0] = -skinned[0]!;
    return turn.map((row, i) => row.reduce((sum, value, k) => sum + value * skinned[k]!, theta[3 + i]!));
  });
}

/**
 * Three coordinates for each point: how far it is from its vertex. `theta` holds the turn of the hand (3), its move (3) and
 * four angles for each finger.
 * @differentiable jacobian wrt theta
 */
export function distancesFromVertices(theta: number[], model: Model, observations: Observations): number[] {
  const positions = vertexPositions(theta, model);
  return observations.correspondences.flatMap((vertex, i) =>
    observations.points[i]!.map((coordinate, j) => coordinate - positions[vertex]![j]!),
  );
}

/**
 * The same, where points lie in triangles; `us` holds two barycentric coordinates for each.
 * @differentiable jacobian wrt theta
 * @differentiable jvp wrt us
 */
export function distancesFromTriangles(
  theta: number[],
  us: Matrix,
  model: Model,
  observations: Observations,
): number[] {
  const positions = vertexPositions(theta, model);
  return observations.correspondences.flatMap((triangle, i) => {
    const [a, b, c] = model.triangles[triangle]!.map((vertex) => positions[vertex]!);
    const [u, v] = us[i]!;
    return observations.points[i]!.map(
      (coordinate, j) => coordinate - (u! * a![j]! + v! * b![j]! + (1 - u! - v!) * c![j]!),
    );
  });
}
