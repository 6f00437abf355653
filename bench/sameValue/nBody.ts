/** Value and gradient by hand, the value bit for bit: coordinates in flat arrays, and the positions before each step are kept. */
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
  kept.set(positions);
  const velocity = velocities.slice();
  for (let step = 0; step < steps; step++) {
    const row = step * size;
    for (let i = 0; i < size; i += 3) {
      const x = kept[row + i]!;
      const y = kept[row + i + 1]!;
      const z = kept[row + i + 2]!;
      let sumX = 0;
      let sumY = 0;
      let sumZ = 0;
      for (let j = 0; j < n; j++) {
        const other = row + 3 * j;
        const dx = kept[other]! - x;
        const dy = kept[other + 1]! - y;
        const dz = kept[other + 2]! - z;
        const squared = dx * dx + dy * dy + dz * dz + softening;
        const distance = Math.sqrt(squared);
        const pull = masses[j]! / (distance * distance * distance);
        sumX += pull * dx;
        sumY += pull * dy;
        sumZ += pull * dz;
      }
      velocity[i] = velocity[i]! + dt * sumX;
      velocity[i + 1] = velocity[i + 1]! + dt * sumY;
      velocity[i + 2] = velocity[i + 2]! + dt * sumZ;
      const next = row + size + i;
      kept[next] = x + dt * velocity[i]!;
      kept[next + 1] = y + dt * velocity[i + 1]!;
      kept[next + 2] = z + dt * velocity[i + 2]!;
    }
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
    // The new velocity moved the new position.
    for (let i = 0; i < size; i++) velocitiesBar[i] = velocitiesBar[i]! + dt * positionsBar[i]!;
    for (let i = 0; i < size; i += 3) {
      const x = kept[row + i]!;
      const y = kept[row + i + 1]!;
      const z = kept[row + i + 2]!;
      const sumXBar = dt * velocitiesBar[i]!;
      const sumYBar = dt * velocitiesBar[i + 1]!;
      const sumZBar = dt * velocitiesBar[i + 2]!;
      let xBar = 0;
      let yBar = 0;
      let zBar = 0;
      for (let j = 0; j < n; j++) {
        const other = row + 3 * j;
        const dx = kept[other]! - x;
        const dy = kept[other + 1]! - y;
        const dz = kept[other + 2]! - z;
        const squared = dx * dx + dy * dy + dz * dz + softening;
        const distance = Math.sqrt(squared);
        const weight = 1 / (distance * distance * distance);
        const weightBar = dx * sumXBar + dy * sumYBar + dz * sumZBar;
        const mass = masses[j]!;
        massesBar[j] = massesBar[j]! + weightBar * weight;
        const pull = mass * weight;
        const stretch = (3 * pull * weightBar) / squared;
        const dxBar = pull * sumXBar - stretch * dx;
        const dyBar = pull * sumYBar - stretch * dy;
        const dzBar = pull * sumZBar - stretch * dz;
        positionsBar[3 * j] = positionsBar[3 * j]! + dxBar;
        positionsBar[3 * j + 1] = positionsBar[3 * j + 1]! + dyBar;
        positionsBar[3 * j + 2] = positionsBar[3 * j + 2]! + dzBar;
        xBar -= dxBar;
        yBar -= dyBar;
        zBar -= dzBar;
      }
      positionsBar[i] = positionsBar[i]! + xBar;
      positionsBar[i + 1] = positionsBar[i + 1]! + yBar;
      positionsBar[i + 2] = positionsBar[i + 2]! + zBar;
    }
  }
  return { value: sum / n, grad: [positionsBar, velocitiesBar, massesBar] };
}
