/** What generated code imports. */
export { addMatmulLeftTransposed, addMatmulRightTransposed } from "./matrixDerivatives.js";
export { addMatvecTransposed, addOuter, addTransposed } from "./matrixDerivatives.js";
export { matmulTangent, matvecTangent, transposeTangent } from "./matrixDerivatives.js";
export { matmul, matvec, transpose } from "./matrices.js";
export { type EntryStructure, gradientsAtEntry, structureAtEntry } from "./entryStructure.js";
export { addCotangent } from "./addCotangent.js";
export { bytesOf, nextSnapshot, snapshotsWithin } from "./checkpoints.js";
export { checkApart, checkOutLength, clearOut, clearOutLike, copyOut } from "./out.js";
export { applyHook } from "./hooks.js";
export { inShapeOf } from "./inShapeOf.js";
export { separateGradients, shadowsOf, sharedTangents } from "./shadows.js";
export type { Gradient, Shadow } from "./gradientType.js";
export { logSumExp, softmax } from "./softmax.js";
export { snapshot } from "./snapshot.js";
export {
  borrow,
  borrowBytes,
  borrowCopy,
  borrowGrowing,
  borrowGrowingBytes,
  borrowZeros,
  ensure,
  giveBack,
  noBytes,
  noNumbers,
} from "./storage.js";
export { checkSeedLength, checkSeedShape, checkTangentShape } from "./tangentShape.js";
export { addConstant, addScaled, addTo, meanPullback, normPullback } from "./vectorDerivatives.js";
export { logSumExpPullback, softmaxPullback } from "./vectorDerivatives.js";
export { axpyTangent, dotTangent, meanTangent, normTangent, sumTangent } from "./vectorDerivatives.js";
export { logSumExpTangent, softmaxTangent } from "./vectorDerivatives.js";
export { axpy, dot, hypotOf, mean, norm, sum } from "./vectors.js";
export { shadowLike, zerosLike } from "./zerosLike.js";
