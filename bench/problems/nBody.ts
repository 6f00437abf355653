class Vec3 {
  constructor(
    readonly x: number,
    readonly y: number,
    readonly z: number,
  ) {}

  static at(numbers: Float64Array, index: number): Vec3 {
    return new Vec3(numbers[3 * index]!, numbers[3 * index + 1]!, numbers[3 * index + 2]!);
  }

  add(other: Vec3): Vec3 {
    return new Vec3(this.x + other.x, this.y + other.y, this.z + other.z);
  }

  sub(other: Vec3): Vec3 {
    return new Vec3(this.x - other.x, this.y - other.y, this.z - other.z);
  }

  scale(factor: number): Vec3 {
    return new Vec3(this.x * factor, this.y * factor, this.z * factor);
  }

  dot(other: Vec3): number {
    return this.x * other.x + this.y * other.y + this.z * other.z;
  }

  norm(): number {
    return Math.sqrt(this.dot(this));
  }
}

class Body {
  constructor(
    readonly position: Vec3,
    readonly velocity: Vec3,
    readonly mass: number,
  ) {}

  /** The acceleration of this body by another; none by itself. */
  pullOf(other: Body, softening: number): Vec3 {
    const offset = other.position.sub(this.position);
    const distance = Math.sqrt(offset.dot(offset) + softening);
    return offset.scale(other.mass / (distance * distance * distance));
  }

  moved(acceleration: Vec3, dt: number): Body {
    const velocity = this.velocity.add(acceleration.scale(dt));
    return new Body(this.position.add(velocity.scale(dt)), velocity, this.mass);
  }
}

/**
 * Mean distance from the origin of bodies that attract each other, after some steps of the symplectic Euler method.
 * @differentiable valueAndGrad wrt positions, velocities, masses
 */
export function nBody(
  positions: Float64Array,
  velocities: Float64Array,
  masses: Float64Array,
  softening: number,
  dt: number,
  steps: number,
): number {
  let bodies = Array.from(masses, (mass, i) => new Body(Vec3.at(positions, i), Vec3.at(velocities, i), mass));
  for (let step = 0; step < steps; step++) {
    const before = bodies;
    bodies = before.map((body) => {
      const pull = before.reduce((sum, other) => sum.add(body.pullOf(other, softening)), new Vec3(0, 0, 0));
      return body.moved(pull, dt);
    });
  }
  return bodies.reduce((sum, body) => sum + body.position.norm(), 0) / bodies.length;
}
