/** Problems of motion and of space, written for Rose. It has no loops that carry a state: steps are functions of functions. */
import {
  add,
  div,
  fn,
  iadd,
  ieq,
  imod,
  mul,
  or,
  Real,
  select,
  sqrt,
  struct,
  sub,
  sum,
  type Symbolic,
  Vec,
  vec,
} from "rose";
import * as data from "../../data.js";
import type { Gradient } from "../peer.js";
import { flat, gradientOf, rowsOf } from "./gradient.js";
import { addAll, square } from "./math.js";

/** `count` steps, as functions that call one another `wide` times. */
function repeated<State>(
  count: number,
  wide: number,
  step: (state: State) => State,
  wrap: (body: (state: State) => State) => (state: State) => State,
): (state: State) => State {
  if (count === 1) return step;
  if (count % wide !== 0) throw new Error(`${count} steps are not made of groups of ${wide}`);
  const part = repeated(count / wide, wide, step, wrap);
  return wrap((state) => {
    let after = state;
    for (let i = 0; i < wide; i++) after = part(after);
    return after;
  });
}

export function lorenz(): Promise<Gradient> {
  const [x0, y0, z0, sigma0, rho0, beta0, h, steps] = data.lorenzArguments();
  const State = struct({ x: Real, y: Real, z: Real, sum: Real, sigma: Real, rho: Real, beta: Real });
  type State = Symbolic<typeof State>;
  const moved = (from: Real, step: number, slope: Real): Real => add(from, mul(step, slope));
  const mean = (a: Real, b: Real, c: Real, d: Real): Real => add(add(a, mul(2, add(b, c))), d);
  const step = fn([State], State, ({ x, y, z, sum, sigma, rho, beta }) => {
    const slopes = (x: Real, y: Real, z: Real): [Real, Real, Real] => [
      mul(sigma, sub(y, x)),
      sub(mul(x, sub(rho, z)), y),
      sub(mul(x, y), mul(beta, z)),
    ];
    const [dx1, dy1, dz1] = slopes(x, y, z);
    const [dx2, dy2, dz2] = slopes(moved(x, 0.5 * h, dx1), moved(y, 0.5 * h, dy1), moved(z, 0.5 * h, dz1));
    const [dx3, dy3, dz3] = slopes(moved(x, 0.5 * h, dx2), moved(y, 0.5 * h, dy2), moved(z, 0.5 * h, dz2));
    const [dx4, dy4, dz4] = slopes(moved(x, h, dx3), moved(y, h, dy3), moved(z, h, dz3));
    const after = moved(z, h / 6, mean(dz1, dz2, dz3, dz4));
    return {
      x: moved(x, h / 6, mean(dx1, dx2, dx3, dx4)),
      y: moved(y, h / 6, mean(dy1, dy2, dy3, dy4)),
      z: after,
      sum: add(sum, after),
      sigma,
      rho,
      beta,
    };
  });
  const all = repeated<State>(steps, 10, step, (body) => fn([State], State, body));
  return gradientOf(
    {
      parameters: { x: Real, y: Real, z: Real, sigma: Real, rho: Real, beta: Real },
      data: {},
      primal: ({ x, y, z, sigma, rho, beta }) => div(all({ x, y, z, sum: 0, sigma, rho, beta }).sum, steps),
      at: { x: x0, y: y0, z: z0, sigma: sigma0, rho: rho0, beta: beta0 },
      given: {},
    },
    ({ x, y, z, sigma, rho, beta }) => [x, y, z, sigma, rho, beta].map((number) => [number as number]),
  );
}

export function heatEquation(): Promise<Gradient> {
  const [initial, conductivity, target, dt, steps] = data.heatEquationArguments();
  const n = initial.length;
  const State = struct({ u: Vec(n, Real), rate: Real });
  type State = Symbolic<typeof State>;
  const step = fn([State], State, ({ u, rate }) => {
    const inner = vec(n, Real, (i) => {
      const bend = add(sub(u[imod(n, iadd(n, i, n - 1))]!, mul(2, u[i]!)), u[imod(n, iadd(n, i, 1))]!);
      return add(u[i]!, mul(rate, bend));
    });
    // The ends are held.
    const next = vec(n, Real, (i) => select(or(ieq(n, i, 0), ieq(n, i, n - 1)), Real, u[i]!, inner[i]!));
    return { u: next, rate };
  });
  const all = repeated<State>(steps, 20, step, (body) => fn([State], State, body));
  return gradientOf(
    {
      parameters: { initial: Vec(n, Real), conductivity: Real },
      data: { target: Vec(n, Real) },
      primal: ({ initial, conductivity }, { target }) => {
        const { u } = all({ u: initial, rate: mul(conductivity, dt) });
        return sum(n, (i) => square(sub(u[i]!, target[i]!)));
      },
      at: { initial: Array.from(initial), conductivity },
      given: { target: Array.from(target) },
    },
    ({ initial, conductivity }) => [initial as number[], [conductivity as number]],
  );
}

export function nBody(): Promise<Gradient> {
  const [positions, velocities, masses, softening, dt, steps] = data.nBodyArguments();
  const n = masses.length;
  const axes = [0, 1, 2] as const;
  const Points = Vec(n, Vec(3, Real));
  const State = struct({ positions: Points, velocities: Points, masses: Vec(n, Real) });
  type State = Symbolic<typeof State>;
  const step = fn([State], State, ({ positions, velocities, masses }) => {
    const speeds = vec(n, Vec(3, Real), (i) => {
      const here = positions[i]!;
      const pulls = vec(n, Vec(3, Real), (j) => {
        const there = positions[j]!;
        const offset = axes.map((axis) => sub(there[axis]!, here[axis]!));
        const distance = sqrt(add(addAll(offset.map(square)), softening));
        const factor = div(masses[j]!, mul(mul(distance, distance), distance));
        return offset.map((along) => mul(along, factor));
      });
      const before = velocities[i]!;
      return axes.map((axis) =>
        add(
          before[axis]!,
          mul(
            dt,
            sum(n, (j) => pulls[j]![axis]!),
          ),
        ),
      );
    });
    const moved = vec(n, Vec(3, Real), (i) => {
      const [here, speed] = [positions[i]!, speeds[i]!];
      return axes.map((axis) => add(here[axis]!, mul(dt, speed[axis]!)));
    });
    return { positions: moved, velocities: speeds, masses };
  });
  const all = repeated<State>(steps, steps, step, (body) => fn([State], State, body));
  return gradientOf(
    {
      parameters: { positions: Points, velocities: Points, masses: Vec(n, Real) },
      data: {},
      primal: ({ positions, velocities, masses }) => {
        const after = all({ positions, velocities, masses }).positions;
        const total = sum(n, (i) => {
          const at = after[i]!;
          return sqrt(addAll(axes.map((axis) => square(at[axis]!))));
        });
        return div(total, n);
      },
      at: { positions: rowsOf(positions, 3), velocities: rowsOf(velocities, 3), masses: Array.from(masses) },
      given: {},
    },
    ({ positions, velocities, masses }) => [flat(positions), flat(velocities), masses as number[]],
  );
}

export function springs(): Promise<Gradient> {
  const [xs, ys, edges, restLengths, stiffness, mass, gravity] = data.springsArguments();
  const [n, count] = [xs.length, restLengths.length];
  const pairs = rowsOf(edges, 2);
  return gradientOf({
    parameters: { xs: Vec(n, Real), ys: Vec(n, Real) },
    data: { from: Vec(count, n), to: Vec(count, n), restLengths: Vec(count, Real), stiffness: Vec(count, Real) },
    primal: ({ xs, ys }, { from, to, restLengths, stiffness }) => {
      const stretched = sum(count, (e) => {
        const dx = sub(xs[to[e]!]!, xs[from[e]!]!);
        const dy = sub(ys[to[e]!]!, ys[from[e]!]!);
        const stretch = sub(sqrt(add(square(dx), square(dy))), restLengths[e]!);
        return mul(mul(0.5, stiffness[e]!), square(stretch));
      });
      const height = sum(n, (i) => ys[i]!);
      return add(stretched, mul(mass * gravity, height));
    },
    at: { xs: Array.from(xs), ys: Array.from(ys) },
    given: {
      from: pairs.map(([a]) => a!),
      to: pairs.map(([, b]) => b!),
      restLengths: Array.from(restLengths),
      stiffness: Array.from(stiffness),
    },
  });
}
