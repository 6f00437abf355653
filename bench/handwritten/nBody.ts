/**
 * Value and gradient by hand: coordinates in flat arrays, each pair of bodies once, and the positions before each step and
 * the inverse cubes of the distances are kept.
 */
export function valueAndGradNBody(
  positions: Float64Array,
  velocities: Float64Array,
  masses: Float64Array,
  softening: number,
  dt: number,
  steps: number,
): { value: number; grad: [positions: Float64Array, velocities: Float64Array, masses: Float64Array] } {
  const n = masses.length;
  const size = 3 * n;
  const kept = new Float64Array((steps + 1) * size);
  const inverses = new Float64Array((steps * n * (n - 1)) / 2);
  kept.set(positions);
  const velocity = velocities.slice();
  let pair = 0;
  for (let step = 0; step < steps; step++) {
    const row = step * size;
    const next = row + size;
    for (let i = 0; i < n; i++) {
      const at = row + 3 * i;
      const x = kept[at]!;
      const y = kept[at + 1]!;
      const z = kept[at + 2]!;
      const pullOfThis = dt * masses[i]!;
      let sumX = 0;
      let sumY = 0;
      let sumZ = 0;
      for (let j = i + 1; j < n; j++) {
        const other = row + 3 * j;
        const dx = kept[other]! - x;
        const dy = kept[other + 1]! - y;
        const dz = kept[other + 2]! - z;
        const squared = dx * dx + dy * dy + dz * dz + softening;
        const inverse = 1 / (squared * Math.sqrt(squared));
        inverses[pair++] = inverse;
        const pull = masses[j]! * inverse;
        const back = pullOfThis * inverse;
        sumX += pull * dx;
        sumY += pull * dy;
        sumZ += pull * dz;
        const otherVelocity = 3 * j;
        velocity[otherVelocity] = velocity[otherVelocity]! - back * dx;
        velocity[otherVelocity + 1] = velocity[otherVelocity + 1]! - back * dy;
        velocity[otherVelocity + 2] = velocity[otherVelocity + 2]! - back * dz;
      }
      velocity[3 * i] = velocity[3 * i]! + dt * sumX;
      velocity[3 * i + 1] = velocity[3 * i + 1]! + dt * sumY;
      velocity[3 * i + 2] = velocity[3 * i + 2]! + dt * sumZ;
    }
    for (let i = 0; i < size; i++) kept[next + i] = kept[row + i]! + dt * velocity[i]!;
  }

  const positionsBar = new Float64Array(size);
  const velocitiesBar = new Float64Array(size);
  const massesBar = new Float64Array(n);
  const last = steps * size;
  let sum = 0;
  for (let i = 0; i < size; i += 3) {
    const x = kept[last + i]!;
    const y = kept[last + i + 1]!;
    const z = kept[last + i + 2]!;
    const norm = Math.sqrt(x * x + y * y + z * z);
    const normBar = 1 / (n * norm);
    sum += norm;
    positionsBar[i] = normBar * x;
    positionsBar[i + 1] = normBar * y;
    positionsBar[i + 2] = normBar * z;
  }
  for (let step = steps - 1; step >= 0; step--) {
    const row = step * size;
    pair = (step * n * (n - 1)) / 2;
    // The new velocity moved the new position.
    for (let i = 0; i < size; i++) velocitiesBar[i] = velocitiesBar[i]! + dt * positionsBar[i]!;
    for (let i = 0; i < n; i++) {
      const own = 3 * i;
      const x = kept[row + own]!;
      const y = kept[row + own + 1]!;
      const z = kept[row + own + 2]!;
      const vxBar = velocitiesBar[own]!;
      const vyBar = velocitiesBar[own + 1]!;
      const vzBar = velocitiesBar[own + 2]!;
      const mass = masses[i]!;
      let xBar = 0;
      let yBar = 0;
      let zBar = 0;
      let massBar = 0;
      for (let j = i + 1; j < n; j++) {
        const to = 3 * j;
        const other = row + to;
        const dx = kept[other]! - x;
        const dy = kept[other + 1]! - y;
        const dz = kept[other + 2]! - z;
        const squared = dx * dx + dy * dy + dz * dz + softening;
        const inverse = dt * inverses[pair++]!;
        const otherMass = masses[j]!;
        const otherVxBar = velocitiesBar[to]!;
        const otherVyBar = velocitiesBar[to + 1]!;
        const otherVzBar = velocitiesBar[to + 2]!;
        // How far each is heard along the offset.
        const heard = dx * vxBar + dy * vyBar + dz * vzBar;
        const otherHeard = dx * otherVxBar + dy * otherVyBar + dz * otherVzBar;
        massesBar[j] = massesBar[j]! + inverse * heard;
        massBar += inverse * otherHeard;
        const pull = inverse * otherMass;
        const back = inverse * mass;
        const stretch = (3 * (pull * heard - back * otherHeard)) / squared;
        const dxBar = pull * vxBar - back * otherVxBar - stretch * dx;
        const dyBar = pull * vyBar - back * otherVyBar - stretch * dy;
        const dzBar = pull * vzBar - back * otherVzBar - stretch * dz;
        positionsBar[to] = positionsBar[to]! + dxBar;
        positionsBar[to + 1] = positionsBar[to + 1]! + dyBar;
        positionsBar[to + 2] = positionsBar[to + 2]! + dzBar;
        xBar += dxBar;
        yBar += dyBar;
        zBar += dzBar;
      }
      positionsBar[own] = positionsBar[own]! - xBar;
      positionsBar[own + 1] = positionsBar[own + 1]! - yBar;
      positionsBar[own + 2] = positionsBar[own + 2]! - zBar;
      massesBar[i] = massesBar[i]! - massBar;
    }
  }
  return { value: sum / n, grad: [positionsBar, velocitiesBar, massesBar] };
}
