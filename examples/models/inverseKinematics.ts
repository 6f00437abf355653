/** A robot arm in space: a chain of links, each turned by its joint about one axis of the link before it. */

export interface Vector {
  x: number;
  y: number;
  z: number;
}

export interface Link {
  /** "roll" turns about the link's own direction, "pitch" lifts it, "yaw" swings it sideways. */
  readonly joint: "roll" | "pitch" | "yaw";
  readonly length: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Where the tip is, and which way it points: heading in the ground plane, elevation above it. */
export interface Pose {
  position: Vector;
  heading: number;
  elevation: number;
}

/** Axes of a link in world coordinates: along the link, to its left, upwards. */
interface Frame {
  forward: Vector;
  left: Vector;
  up: Vector;
}

function combine(a: number, u: Vector, b: number, v: Vector): Vector {
  return { x: a * u.x + b * v.x, y: a * u.y + b * v.y, z: a * u.z + b * v.z };
}

function turn(frame: Frame, joint: Link["joint"], angle: number): Frame {
  const { forward, left, up } = frame;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  switch (joint) {
    case "roll":
      return { forward, left: combine(c, left, s, up), up: combine(c, up, -s, left) };
    case "pitch":
      return { forward: combine(c, forward, s, up), left, up: combine(c, up, -s, forward) };
    case "yaw":
      return { forward: combine(c, forward, s, left), left: combine(c, left, -s, forward), up };
  }
}

/** Pose of the tip for the given joint angles. The first link stands on the origin and points along x at angle zero. */
export function tipPose(arm: readonly Link[], angles: readonly number[]): Pose {
  let position: Vector = { x: 0, y: 0, z: 0 };
  let frame: Frame = {
    forward: { x: 1, y: 0, z: 0 },
    left: { x: 0, y: 1, z: 0 },
    up: { x: 0, y: 0, z: 1 },
  };
  arm.forEach((link, i) => {
    frame = turn(frame, link.joint, angles[i]!);
    position = combine(1, position, link.length, frame.forward);
  });
  const { x, y, z } = frame.forward;
  return { position, heading: Math.atan2(y, x), elevation: Math.atan2(z, Math.hypot(x, y)) };
}

/** The angle brought into (−π, π]. */
function wrapped(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

export function positionError(pose: Pose, target: Pose): number {
  const { position: a } = pose;
  const { position: b } = target;
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/**
 * Squared distance of position and orientation from the target, and a penalty on angles beyond the joint limits.
 *
 * @differentiable valueAndGrad wrt angles
 */
export function poseError(angles: number[], arm: readonly Link[], target: Pose, limitWeight: number): number {
  const pose = tipPose(arm, angles);
  const distance = positionError(pose, target);
  const heading = wrapped(pose.heading - target.heading);
  const elevation = wrapped(pose.elevation - target.elevation);
  let excess = 0;
  for (let i = 0; i < arm.length; i++) {
    const { minimum, maximum } = arm[i]!;
    excess += Math.max(0, angles[i]! - maximum, minimum - angles[i]!) ** 2;
  }
  return distance ** 2 + heading ** 2 + elevation ** 2 + limitWeight * excess;
}
