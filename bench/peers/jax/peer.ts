/** jax-js compiles arrays to WebAssembly. */
import type { Peer } from "../peer.js";
import * as learning from "./learning.js";
import * as motion from "./motion.js";

export const jaxPeer: Peer = {
  name: "jax-js",
  numbers: "float64",
  // Its exp, log, tanh, sine and cosine are of single precision, whatever the numbers.
  tolerance: 1e-4,
  prepare: { ...learning, ...motion },
  reasons: {
    lorenz: "no loop that carries a state, and 10 000 steps are too many to trace",
    lstm: "not written for it",
  },
};
