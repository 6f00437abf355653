import { derivativesOf } from "../derivatives.js";
import { type Camera, type Pair, reprojectionError, type Vector, weightError } from "../evals/ba.js";
import { SparseRows } from "../sparseRows.js";

interface Input {
  /** How many cameras, points and observations there are: all are alike. */
  readonly n: number;
  readonly m: number;
  readonly p: number;
  readonly cam: readonly number[];
  readonly x: Vector;
  readonly w: number;
  readonly feat: Pair;
}

type Row = [camera: Camera, point: Vector, weight: number];

interface Derivatives {
  readonly jacobianReprojectionError: (...args: Parameters<typeof reprojectionError>) => [Row, Row];
  readonly gradWeightError: (weight: number) => number;
}

const { jacobianReprojectionError, gradWeightError } = await derivativesOf<Derivatives>("ba");

const repeat = <Value>(count: number, make: () => Value): Value[] => Array.from({ length: count }, make);

function cameraOf(cam: readonly number[]): Camera {
  const [r1, r2, r3, c1, c2, c3, focalLength, u, v, k1, k2] = cam as Required<number[]>;
  return {
    rotation: [r1!, r2!, r3!],
    centre: [c1!, c2!, c3!],
    focalLength: focalLength!,
    principalPoint: [u!, v!],
    distortion: [k1!, k2!],
  };
}

/** How many numbers a camera has. */
const ofCamera = 11;

function putCamera(matrix: SparseRows, column: number, camera: Camera): void {
  matrix.putAll(column, camera.rotation);
  matrix.putAll(column + 3, camera.centre);
  matrix.put(column + 6, camera.focalLength);
  matrix.putAll(column + 7, camera.principalPoint);
  matrix.putAll(column + 9, camera.distortion);
}

const read = ({ n, m, p, cam, x, w, feat }: Input) => ({
  cameras: repeat(n, () => cameraOf(cam)),
  points: repeat(m, (): Vector => [...x]),
  weights: repeat(p, () => w),
  features: repeat(p, (): Pair => [...feat]),
});

export const functions = {
  objective: (input: Input) => {
    const { cameras, points, weights, features } = read(input);
    return () => {
      const errors = weights.map((weight, i) =>
        reprojectionError(cameras[i % cameras.length]!, points[i % points.length]!, weight, features[i]!),
      );
      const weightErrors = weights.map(weightError);
      // All are alike, and only the first are sent.
      return {
        reproj_error: { elements: errors[0], repeated: errors.length },
        w_err: { element: weightErrors[0], repeated: weightErrors.length },
      };
    };
  },
  jacobian: (input: Input) => {
    const { cameras, points, weights, features } = read(input);
    const firstPoint = ofCamera * cameras.length;
    const firstWeight = firstPoint + 3 * points.length;
    return () => {
      const matrix = new SparseRows(3 * weights.length, 31 * weights.length);
      for (let i = 0; i < weights.length; i++) {
        const [c, p] = [i % cameras.length, i % points.length];
        const rows = jacobianReprojectionError(cameras[c]!, points[p]!, weights[i]!, features[i]!);
        for (const [camera, point, weight] of rows) {
          putCamera(matrix, ofCamera * c, camera);
          matrix.putAll(firstPoint + 3 * p, point);
          matrix.put(firstWeight + i, weight);
          matrix.endRow();
        }
      }
      for (let i = 0; i < weights.length; i++) {
        matrix.put(firstWeight + i, gradWeightError(weights[i]!));
        matrix.endRow();
      }
      return matrix.sample(30);
    };
  },
};
