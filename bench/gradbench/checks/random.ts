import { normalFrom, uniformFrom } from "../../data.js";

type Vectors = (count: number) => number[];
type Matrices = (rows: number, columns: number) => number[][];

function drawn(draw: () => number): { vector: Vectors; matrix: Matrices } {
  const vector: Vectors = (count) => Array.from({ length: count }, draw);
  return { vector, matrix: (rows, columns) => Array.from({ length: rows }, () => vector(columns)) };
}

/** In [0, 1). */
export const uniform = (seed: number) => drawn(uniformFrom(seed));
export const normal = (seed: number) => drawn(normalFrom(seed));
