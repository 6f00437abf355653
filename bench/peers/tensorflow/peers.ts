/** TensorFlow.js, with the kernels in JavaScript and with those in WebAssembly. */
import tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import type { Gradient, Peer } from "../peer.js";
import * as learning from "./learning.js";
import * as motion from "./motion.js";

/** Nothing is awaited once both backends have started, so that it may be chosen within a call. */
function choose(backend: string): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}

function peerOn(backend: "cpu" | "wasm"): Peer {
  const on = (prepare: () => Gradient) => (): Gradient => {
    choose(backend);
    const gradient = prepare();
    return () => {
      choose(backend);
      return gradient();
    };
  };
  return {
    name: `tfjs ${backend}`,
    numbers: "float32",
    tolerance: 1e-3,
    prepare: Object.fromEntries(
      Object.entries({ ...learning, ...motion }).map(([problem, prepare]) => [problem, on(prepare)]),
    ),
    reasons: {
      springs: "the gradient of gather needs it",
      bundleAdjustment: "the gradient of gather needs it",
      lorenz: "not written for it: 600 000 operations on single numbers",
      lstm: "not written for it",
    },
  };
}

export async function tensorflowPeers(): Promise<Peer[]> {
  tf.env().set("PROD", true);
  for (const backend of ["wasm", "cpu"]) {
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend}`);
  }
  return [peerOn("cpu"), peerOn("wasm")];
}
