/** Penrose compiles graphs of numbers to WebAssembly. */
import type { Peer } from "../peer.js";
import { bundleAdjustment } from "../tapes/problems/bundleAdjustment.js";
import * as chains from "../tapes/problems/chains.js";
import * as particles from "../tapes/problems/particles.js";
import * as statistical from "../tapes/problems/statistical.js";
import { gradientOf } from "./gradient.js";

const tooLarge =
  "not tried: it has no loops, and smaller graphs that are no sums of terms are more than WebAssembly takes as a function";

export const penrosePeer: Peer = {
  name: "@penrose/core",
  numbers: "float64",
  tolerance: 1e-9,
  // Terms in groups of a size that was the fastest of some.
  prepare: {
    rosenbrock: () => gradientOf(chains.rosenbrock(), 25),
    springs: () => gradientOf(particles.springs(), 25),
    softplusChain: () => gradientOf(chains.softplusChain(), 5),
    leastSquares: () => gradientOf(chains.leastSquares(), 5),
    gaussianMixture: () => gradientOf(statistical.gaussianMixture(), 1),
    kMeans: () => gradientOf(statistical.kMeans(), 1),
    bundleAdjustment: () => gradientOf(bundleAdjustment(), 5),
    perceptron: () => gradientOf(statistical.perceptron(), 67),
    logSumExp: () => gradientOf(statistical.logSumExp(), 1),
  },
  reasons: {
    logSumExp: "more than WebAssembly takes as a function",
    lstm: "as one graph it has more locals than a WebAssembly function may have; term by term 4 GB are too little",
    heatEquation: tooLarge,
    lorenz: tooLarge,
    nBody: tooLarge,
  },
};
