import type { Sphere } from "../problems/rayTracer.js";

const ambient = 0.1;
const background = 0.2;

/**
 * Value and gradient by hand, the value bit for bit: forward and backward through one pixel at a time, in scalars, with the
 * spheres in one flat array and their squares computed once.
 */
export function valueAndGradRayTracer(
  spheres: readonly Sphere[],
  light: readonly [x: number, y: number, z: number],
  image: Float64Array,
  size: number,
): { value: number; grad: { centre: [x: number, y: number, z: number]; radius: number; albedo: number }[] } {
  const count = spheres.length;
  // Per sphere its centre, the squares of its distance and of its radius, radius and albedo.
  const scene = new Float64Array(7 * count);
  for (let s = 0; s < count; s++) {
    const { centre, radius, albedo } = spheres[s]!;
    const [x, y, z] = centre;
    scene[7 * s] = x;
    scene[7 * s + 1] = y;
    scene[7 * s + 2] = z;
    scene[7 * s + 3] = x * x + y * y + z * z;
    scene[7 * s + 4] = radius * radius;
    scene[7 * s + 5] = radius;
    scene[7 * s + 6] = albedo;
  }
  const [lightX, lightY, lightZ] = light;
  const bars = new Float64Array(7 * count); // of centre, radius and albedo, at the same places
  let sum = 0;
  for (let row = 0; row < size; row++) {
    const rise = 1 - (2 * row + 1) / size;
    for (let column = 0; column < size; column++) {
      const side = (2 * column + 1) / size - 1;
      const shorten = 1 / Math.sqrt(side * side + rise * rise + 2.25);
      const dx = side * shorten;
      const dy = rise * shorten;
      const dz = -1.5 * shorten;
      let nearest = Infinity;
      let seen = -1; // where it is in the scene
      let nearestAlong = 0;
      let nearestHalf = 0;
      for (let at = 0; at < 7 * count; at += 7) {
        const along = scene[at]! * dx + scene[at + 1]! * dy + scene[at + 2]! * dz;
        const discriminant = along * along - scene[at + 3]! + scene[at + 4]!;
        if (discriminant < 0) continue;
        const half = Math.sqrt(discriminant);
        const distance = along - half;
        if (distance > 0 && distance < nearest) {
          nearest = distance;
          seen = at;
          nearestAlong = along;
          nearestHalf = half;
        }
      }
      const wanted = image[row * size + column]!;
      if (seen < 0) {
        sum += (background - wanted) * (background - wanted);
        continue;
      }

      const cx = scene[seen]!;
      const cy = scene[seen + 1]!;
      const cz = scene[seen + 2]!;
      const radius = scene[seen + 5]!;
      const albedo = scene[seen + 6]!;
      const px = nearest * dx;
      const py = nearest * dy;
      const pz = nearest * dz;
      let nx = px - cx;
      let ny = py - cy;
      let nz = pz - cz;
      const curvature = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
      nx *= curvature;
      ny *= curvature;
      nz *= curvature;
      let lx = lightX - px;
      let ly = lightY - py;
      let lz = lightZ - pz;
      const closeness = 1 / Math.sqrt(lx * lx + ly * ly + lz * lz);
      lx *= closeness;
      ly *= closeness;
      lz *= closeness;
      const cosine = nx * lx + ny * ly + nz * lz;
      const diffuse = cosine > 0 ? cosine : 0;
      const difference = albedo * (ambient + diffuse) - wanted;
      sum += difference * difference;

      bars[seen + 4] = bars[seen + 4]! + 2 * difference * (ambient + diffuse);
      if (!(cosine > 0)) continue;
      const cosineBar = 2 * difference * albedo;
      const bend = cosineBar * curvature;
      const turn = cosineBar * closeness;
      // Of the point that is seen: by its normal and by its direction to the light.
      const pxBar = bend * lx - turn * (nx - lx * cosine);
      const pyBar = bend * ly - turn * (ny - ly * cosine);
      const pzBar = bend * lz - turn * (nz - lz * cosine);
      const distanceBar = pxBar * dx + pyBar * dy + pzBar * dz;
      const slope = distanceBar / nearestHalf;
      const alongBar = distanceBar - slope * nearestAlong;
      bars[seen] = bars[seen]! + (alongBar * dx + slope * cx - bend * lx);
      bars[seen + 1] = bars[seen + 1]! + (alongBar * dy + slope * cy - bend * ly);
      bars[seen + 2] = bars[seen + 2]! + (alongBar * dz + slope * cz - bend * lz);
      bars[seen + 3] = bars[seen + 3]! - (slope * radius + bend * cosine);
    }
  }
  return {
    value: sum,
    grad: spheres.map((_, s) => ({
      centre: [bars[7 * s]!, bars[7 * s + 1]!, bars[7 * s + 2]!],
      radius: bars[7 * s + 3]!,
      albedo: bars[7 * s + 4]!,
    })),
  };
}
