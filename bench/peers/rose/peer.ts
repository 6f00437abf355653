/** Rose compiles to WebAssembly. */
import type { Peer } from "../peer.js";
import { bundleAdjustment } from "./bundleAdjustment.js";
import * as learning from "./learning.js";
import * as motion from "./motion.js";

export const rosePeer: Peer = {
  name: "rose",
  numbers: "float64",
  tolerance: 1e-9,
  prepare: { ...learning, ...motion, bundleAdjustment },
  reasons: {
    lstm: "not written for it",
  },
};
