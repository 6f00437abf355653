import { typedRows } from "../arrays.js";
import { derivativesOf } from "../derivatives.js";
import { cost } from "../evals/kmeans.js";

interface Input {
  readonly points: readonly (readonly number[])[];
  readonly centroids: readonly (readonly number[])[];
}

interface Derivatives {
  readonly hvpCost: (
    args: Parameters<typeof cost>,
    vector: Float64Array[],
  ) => { grad: Float64Array[]; hvp: Float64Array[] };
}

const { hvpCost } = await derivativesOf<Derivatives>("kmeans");

export const functions = {
  cost: (input: Input) => {
    const [points, centroids] = [typedRows(input.points), typedRows(input.centroids)];
    return () => cost(points, centroids);
  },
  dir: (input: Input) => {
    const [points, centroids] = [typedRows(input.points), typedRows(input.centroids)];
    return () => {
      // The Hessian is diagonal, so that its product with ones is its diagonal.
      const ones = centroids.map((centroid) => centroid.map(() => 1));
      const { grad, hvp } = hvpCost([points, centroids], ones);
      return grad.map((row, c) => row.map((slope, i) => slope / hvp[c]![i]!));
    };
  },
};
