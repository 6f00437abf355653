class Vec3 {
  constructor(
    readonly x: number,
    readonly y: number,
    readonly z: number,
  ) {}

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

  length(): number {
    return Math.sqrt(this.dot(this));
  }

  normalise(): Vec3 {
    return this.scale(1 / this.length());
  }
}

/** As a scene file holds it. */
export interface Sphere {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly radius: number;
  readonly albedo: number;
}

class Ray {
  constructor(
    readonly origin: Vec3,
    readonly direction: Vec3,
  ) {}

  at(distance: number): Vec3 {
    return this.origin.add(this.direction.scale(distance));
  }

  /** How far a sphere is; infinity where the ray misses it. */
  distanceTo(centre: Vec3, radius: number): number {
    const offset = centre.sub(this.origin);
    const along = offset.dot(this.direction);
    const discriminant = along * along - offset.dot(offset) + radius * radius;
    if (discriminant < 0) return Infinity;
    const distance = along - Math.sqrt(discriminant);
    return distance > 0 ? distance : Infinity;
  }
}

const ambient = 0.1;
const background = 0.2;

/** What is seen along a ray: the nearest sphere, by diffuse light. */
function trace(ray: Ray, spheres: readonly Sphere[], light: Vec3): number {
  let nearest = Infinity;
  let seen: Sphere | undefined;
  for (const sphere of spheres) {
    const distance = ray.distanceTo(new Vec3(...sphere.centre), sphere.radius);
    if (distance < nearest) {
      nearest = distance;
      seen = sphere;
    }
  }
  if (!seen) return background;
  const point = ray.at(nearest);
  const normal = point.sub(new Vec3(...seen.centre)).normalise();
  const diffuse = Math.max(0, normal.dot(light.sub(point).normalise()));
  return seen.albedo * (ambient + diffuse);
}

/**
 * How far a square image of spheres, seen from the origin along −z, is from another: the sum of squared differences.
 * @differentiable valueAndGrad wrt spheres
 */
export function rayTracer(
  spheres: readonly Sphere[],
  light: readonly [x: number, y: number, z: number],
  image: Float64Array,
  size: number,
): number {
  const lightAt = new Vec3(...light);
  const eye = new Vec3(0, 0, 0);
  let sum = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const direction = new Vec3((2 * column + 1) / size - 1, 1 - (2 * row + 1) / size, -1.5);
      const brightness = trace(new Ray(eye, direction.normalise()), spheres, lightAt);
      const difference = brightness - image[row * size + column]!;
      sum += difference * difference;
    }
  }
  return sum;
}
