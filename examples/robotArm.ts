/** Joint angles that bring the tip of a six-joint arm to given poses. */
import { checkGradient } from "adjoint";
import { lbfgs } from "adjoint/optim";
import { valueAndGradPoseError } from "./models/inverseKinematics.adjoint.js";
import { type Link, type Pose, poseError, positionError, tipPose } from "./models/inverseKinematics.js";
import type { Example } from "./progress.js";

const degree = Math.PI / 180;
const limitWeight = 10;

/** Lengths in metres. */
const arm: readonly Link[] = [
  { joint: "yaw", length: 0, minimum: -170 * degree, maximum: 170 * degree },
  { joint: "pitch", length: 0.45, minimum: -20 * degree, maximum: 150 * degree },
  { joint: "pitch", length: 0.4, minimum: -150 * degree, maximum: 0 },
  { joint: "roll", length: 0.08, minimum: -180 * degree, maximum: 180 * degree },
  { joint: "pitch", length: 0.12, minimum: -110 * degree, maximum: 110 * degree },
  { joint: "yaw", length: 0.1, minimum: -90 * degree, maximum: 90 * degree },
];

const targets: readonly Pose[] = [
  { position: { x: 0.55, y: 0.25, z: 0.3 }, heading: 10 * degree, elevation: -60 * degree },
  { position: { x: -0.2, y: 0.6, z: 0.1 }, heading: 120 * degree, elevation: 0 },
  { position: { x: 0.3, y: -0.4, z: 0.6 }, heading: -90 * degree, elevation: 20 * degree },
];

const start = [0.1, 60 * degree, -60 * degree, 0.1, -20 * degree, 0.1];

export const robotArm: Example = (progress) => {
  progress.stage(`${arm.length} joints, ${targets.length} poses`);
  const check = checkGradient(poseError, valueAndGradPoseError, [start, arm, targets[0]!, limitWeight], { wrt: [0] });
  const fits = targets.map((target) =>
    lbfgs((angles) => valueAndGradPoseError(angles, arm, target, limitWeight), start, {
      onIteration: progress.iteration,
    }),
  );
  const results = fits.map(({ x: angles }, k) => {
    const pose = tipPose(arm, angles);
    const target = targets[k]!;
    const turned = Math.max(Math.abs(pose.heading - target.heading), Math.abs(pose.elevation - target.elevation));
    const excess = Math.max(...arm.map((link, i) => Math.max(angles[i]! - link.maximum, link.minimum - angles[i]!)));
    return (
      `pose ${k + 1}: position off by ${(1000 * positionError(pose, target)).toExponential(1)} mm, ` +
      `orientation by ${(turned / degree).toExponential(1)}°, ${excess <= 0 ? "within" : "outside"} the joint limits, ` +
      `angles ${angles.map((angle) => (angle / degree).toFixed(1)).join(", ")}°`
    );
  });
  const total = (of: "value" | "iterations" | "evaluations"): number => fits.reduce((sum, fit) => sum + fit[of], 0);
  return {
    value: total("value"),
    iterations: total("iterations"),
    evaluations: total("evaluations"),
    status: fits.find((fit) => fit.status !== "converged")?.status ?? "converged",
    check,
    results,
  };
};
