import { type Case, jacobianOf, sum } from "./case.js";
import { uniform } from "./random.js";

type Matrix = readonly (readonly number[])[];

const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => sum(row.map((value, k) => value * b[k]![j]!))));
const apply = (a: Matrix, vector: readonly number[]): number[] =>
  a.map((row) => sum(row.map((value, k) => value * vector[k]!)));

/** A turn about one of the axes, 4 × 4. */
function turn(axis: 0 | 1 | 2, angle: number): number[][] {
  const [from, to] = [(axis + 1) % 3, (axis + 2) % 3];
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 4 }, (_column, j) => {
      if (i === j) return i === from || i === to ? cosine : 1;
      return i === to && j === from ? sine : i === from && j === to ? -sine : 0;
    }),
  );
}

/** A wrist, five fingers of four bones, and the forearm; then as many vertices and points as asked. */
export function htInput(vertexCount: number, pointCount: number, hasTriangles: boolean) {
  const { vector, matrix } = uniform(10);
  const bones = 22;
  const index = (below: number): number => Math.floor(vector(1)[0]! * below);
  const placed = (): number[][] => {
    const [a, b, c] = vector(3) as [number, number, number];
    return times(turn(0, a), times(turn(1, b), turn(2, c))).map((row, i) =>
      i < 3 ? [...row.slice(0, 3), vector(1)[0]!] : row,
    );
  };
  const parents = Array.from({ length: bones }, (_, bone) =>
    bone === 0 ? -1 : bone === 21 ? 0 : bone % 4 === 1 ? 0 : bone - 1,
  );
  const weights = matrix(vertexCount, bones).map((row) => {
    const kept = row.map((value) => (value < 0.8 ? 0 : value));
    return kept.map((value) => value / (sum(kept) || 1));
  });
  const model = {
    bone_count: bones,
    bone_names: parents.map((_, bone) => `bone ${bone}`),
    parents,
    base_relatives: parents.map(placed),
    inverse_base_absolutes: parents.map(placed),
    base_positions: matrix(vertexCount, 3).map((row) => [...row, 1]),
    weights,
    triangles: Array.from({ length: vertexCount }, () => [index(vertexCount), index(vertexCount), index(vertexCount)]),
    is_mirrored: hasTriangles,
  };
  const data = {
    model,
    correspondences: Array.from({ length: pointCount }, () => index(vertexCount)),
    points: matrix(pointCount, 3),
  };
  return { theta: vector(26), data, us: hasTriangles ? matrix(pointCount, 2) : [] };
}

type Input = ReturnType<typeof htInput>;

/** Angles about x, z and y of a bone. The joints of each finger: four angles for three bones; others are held. */
function anglesOf(theta: readonly number[], bone: number): [number, number, number] {
  const joint = (bone - 1) % 4;
  const first = 6 + 4 * Math.floor((bone - 1) / 4);
  if (bone === 0 || bone === 21 || joint === 0) return [0, 0, 0];
  if (joint === 1) return [theta[first]!, theta[first + 1]!, 0];
  return [theta[first + joint]!, 0, 0];
}

/** Turned about an axis by its length: along the axis, and beside it by cosine and sine. */
function rotated(axis: readonly number[], point: readonly number[]): number[] {
  const angle = Math.hypot(...axis);
  const [a, b, c] = axis.map((value) => value / angle) as [number, number, number];
  const [x, y, z] = point as [number, number, number];
  const along = a * x + b * y + c * z;
  const crossed = [b * z - c * y, c * x - a * z, a * y - b * x];
  return point.map((value, i) => {
    const onAxis = along * [a, b, c][i]!;
    return onAxis + (value - onAxis) * Math.cos(angle) + crossed[i]! * Math.sin(angle);
  });
}

function objective(theta: readonly number[], us: Matrix, { data }: Input): number[] {
  const { model } = data;
  const absolute = (bone: number): number[][] => {
    const [x, z, y] = anglesOf(theta, bone);
    const own = times(model.base_relatives[bone]!, times(turn(2, z), times(turn(1, y), turn(0, x))));
    return bone === 0 ? own : times(absolute(model.parents[bone]!), own);
  };
  const transforms = model.parents.map((_, bone) => times(absolute(bone), model.inverse_base_absolutes[bone]!));
  const vertex = (at: number): number[] => {
    const moved = transforms.map((transform) => apply(transform, model.base_positions[at]!));
    const skinned = [0, 1, 2].map((i) => sum(moved.map((position, bone) => model.weights[at]![bone]! * position[i]!)));
    if (model.is_mirrored) skinned[0] = -skinned[0]!;
    return rotated(theta.slice(0, 3), skinned).map((value, i) => value + theta[3 + i]!);
  };
  return data.correspondences.flatMap((at, i) => {
    if (us.length === 0) return vertex(at).map((value, j) => data.points[i]![j]! - value);
    const [u, v] = us[i]! as [number, number];
    const [a, b, c] = model.triangles[at]!.map(vertex) as [number[], number[], number[]];
    return a.map((value, j) => data.points[i]![j]! - (u * value + v * b[j]! + (1 - u - v) * c[j]!));
  });
}

export function ht(vertexCount: number, pointCount: number, hasTriangles: boolean): Case {
  const input = htInput(vertexCount, pointCount, hasTriangles);
  // All points' coordinates in their triangles move at once: each output depends on those of one point.
  const shift = hasTriangles ? [0, 0] : [];
  const moved = (x: readonly number[]): number[] => {
    const theta = x.slice(shift.length);
    return objective(
      theta,
      input.us.map((pair) => pair.map((value, i) => value + x[i]!)),
      input,
    );
  };
  const expected = {
    objective: objective(input.theta, input.us, input),
    jacobian: jacobianOf(moved, [...shift, ...input.theta]),
  };
  return { module: "ht", input, expected };
}
