import { type Case, jacobianOf, sum } from "./case.js";

/** A camera that looks at a point from not too near; all cameras, points and observations are alike. */
export const baInput = (n: number, m: number, p: number) => ({
  ...{ n, m, p },
  cam: [0.2, -0.4, 0.3, 0.5, -1.5, 0.8, 90, 3, -2, 0.02, 0.003],
  x: [1.5, 0.7, 4.2],
  w: 0.75,
  feat: [8, -11],
});

const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, i) => value * b[i]!));

/** With the matrix exp(K), K x the product of the rotation and x, summed as a series. */
function rotated(rotation: readonly number[], point: readonly number[]): number[] {
  const [a, b, c] = rotation as [number, number, number];
  const cross = [
    [0, -c, b],
    [c, 0, -a],
    [-b, a, 0],
  ];
  let term = [...point];
  let total = [...point];
  for (let k = 1; k < 30; k++) {
    term = cross.map((row) => dot(row, term) / k);
    total = total.map((value, i) => value + term[i]!);
  }
  return total;
}

function errors(variables: readonly number[], feature: readonly number[]): number[] {
  const [cam, point, weight] = [variables.slice(0, 11), variables.slice(11, 14), variables[14]!];
  const [x, y, z] = rotated(
    cam.slice(0, 3),
    point.map((value, i) => value - cam[3 + i]!),
  ) as [number, number, number];
  const flat = [x / z, y / z];
  const radius = dot(flat, flat);
  const distortion = 1 + cam[9]! * radius + cam[10]! * radius ** 2;
  return flat.map((value, i) => weight * (value * distortion * cam[6]! + cam[7 + i]! - feature[i]!));
}

export function ba(n: number, m: number, p: number): Case {
  const input = baInput(n, m, p);
  const variables = [...input.cam, ...input.x, input.w];
  const element = 1 - input.w ** 2;
  const objective = {
    reproj_error: { elements: errors(variables, input.feat), repeated: p },
    w_err: { element, repeated: p },
  };
  const block = jacobianOf((at) => errors(at, input.feat), variables).flat();
  // The first observation is of the first camera and the first point.
  const columns = variables.map((_, i) => (i < 11 ? i : i < 14 ? 11 * n + i - 11 : 11 * n + 3 * m));
  const rowCount = 3 * p;
  const start = (row: number): number => (row <= 2 * p ? 15 * row : 30 * p + row - 2 * p);
  const jacobian = {
    rows: [...Array.from({ length: 30 }, (_, row) => start(row)), start(rowCount)],
    cols: [...columns, ...columns, 11 * n + 3 * m + p - 1],
    vals: [...block, -2 * input.w],
  };
  return { module: "ba", input, expected: { objective, jacobian } };
}
