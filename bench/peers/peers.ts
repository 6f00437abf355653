/** All peers; and the problems that are compared. */
import { readFileSync } from "node:fs";
import { differencesPeer } from "./differences.js";
import { jaxPeer } from "./jax/peer.js";
import type { Peer } from "./peer.js";
import { penrosePeer } from "./penrose/peer.js";
import { rosePeer } from "./rose/peer.js";
import { tapePeers } from "./tapes/peers.js";
import { tensorflowPeers } from "./tensorflow/peers.js";

export const problemNames: readonly string[] = [
  "rosenbrock",
  "gaussianMixture",
  "perceptron",
  "lorenz",
  "springs",
  "bundleAdjustment",
  "softplusChain",
  "nBody",
  "kMeans",
  "logSumExp",
  "leastSquares",
  "heatEquation",
  "lstm",
];

/** The one that leaves the most garbage comes last. */
export async function allPeers(): Promise<Peer[]> {
  const [typedArrays, closures] = await tapePeers();
  const tensorflow = await tensorflowPeers();
  return [rosePeer, penrosePeer, jaxPeer, ...tensorflow, typedArrays!, differencesPeer(problemNames), closures!];
}

/** Exact versions of the packages, as `package.json` pins them. */
export function versions(): string {
  const text = readFileSync(new URL("package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Readonly<Record<string, string>> };
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}
