import { derivativesOf } from "../derivatives.js";
import { distancesFromTriangles, distancesFromVertices, type Matrix, type Model } from "../evals/ht.js";

interface Input {
  readonly theta: number[];
  readonly data: {
    readonly model: {
      readonly parents: number[];
      readonly base_relatives: Matrix[];
      readonly inverse_base_absolutes: Matrix[];
      readonly base_positions: Matrix;
      readonly weights: Matrix;
      readonly triangles: number[][];
      readonly is_mirrored: boolean;
    };
    readonly correspondences: number[];
    readonly points: Matrix;
  };
  /** Empty where points belong to vertices, not to triangles. */
  readonly us: Matrix;
}

type OfTriangles = Parameters<typeof distancesFromTriangles>;

interface Derivatives {
  readonly jacobianDistancesFromVertices: (...args: Parameters<typeof distancesFromVertices>) => Matrix;
  readonly jacobianDistancesFromTriangles: (...args: OfTriangles) => Matrix;
  readonly jvpDistancesFromTriangles: (args: OfTriangles, us: Matrix) => { value: number[]; tangent: number[] };
}

const { jacobianDistancesFromVertices, jacobianDistancesFromTriangles, jvpDistancesFromTriangles } =
  await derivativesOf<Derivatives>("ht");

function read({ theta, data, us }: Input) {
  const model: Model = {
    parents: data.model.parents,
    baseRelatives: data.model.base_relatives,
    inverseBaseAbsolutes: data.model.inverse_base_absolutes,
    basePositions: data.model.base_positions,
    weights: data.model.weights,
    triangles: data.model.triangles,
    isMirrored: data.model.is_mirrored,
  };
  return { theta, us, model, observations: { correspondences: data.correspondences, points: data.points } };
}

export const functions = {
  objective: (input: Input) => {
    const { theta, us, model, observations } = read(input);
    return us.length === 0
      ? () => distancesFromVertices(theta, model, observations)
      : () => distancesFromTriangles(theta, us, model, observations);
  },
  /** Each point depends on its own coordinates alone, so that two columns hold what there is of `us`; they come first. */
  jacobian: (input: Input) => {
    const { theta, us, model, observations } = read(input);
    if (us.length === 0) return () => jacobianDistancesFromVertices(theta, model, observations);
    const args: OfTriangles = [theta, us, model, observations];
    return () => {
      const [first, second] = [
        [1, 0],
        [0, 1],
      ].map(
        (direction) =>
          jvpDistancesFromTriangles(
            args,
            us.map(() => direction),
          ).tangent,
      );
      return jacobianDistancesFromTriangles(...args).map((row, i) => [first![i]!, second![i]!, ...row]);
    };
  },
};
