/** The gradient of the Helmholtz energy in the ways that people get gradients without a compiler. */
import { all, create, type MathNode } from "mathjs";

const root8 = Math.sqrt(8);
const above = 1 + Math.SQRT2;
const below = 1 - Math.SQRT2;

export interface Mixture {
  readonly x: Float64Array;
  readonly b: Float64Array;
  readonly a: readonly Float64Array[];
}

/** A stable mixture of n gases: 1 − bᵀx stays positive. */
export function mixtureOf(n: number): Mixture {
  const wave = (k: number): number => 0.5 + 0.3 * Math.sin(1.7 * k + 0.4);
  return {
    x: Float64Array.from({ length: n }, (_, i) => wave(i) / n),
    b: Float64Array.from({ length: n }, (_, i) => 0.6 * wave(3 * i + 1)),
    a: Array.from({ length: n }, (_, i) =>
      Float64Array.from({ length: n }, (_unused, j) => wave(i + j) * wave(i * j + 2)),
    ),
  };
}

/** Derived on paper. */
export function byHand({ x, b, a }: Mixture): Float64Array {
  const n = x.length;
  let volume = 0;
  for (let i = 0; i < n; i++) volume += b[i]! * x[i]!;
  const rows = new Float64Array(n);
  let [total, attraction] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) rows[i]! += (a[i]![j]! + a[j]![i]!) * x[j]!;
    attraction += (x[i]! * rows[i]!) / 2;
    total += x[i]!;
  }
  const log = Math.log((1 + above * volume) / (1 + below * volume));
  const slope = above / (1 + above * volume) - below / (1 + below * volume);
  const along = total / (1 - volume) + (attraction / (root8 * volume)) * (log / volume - slope);
  return x.map((xi, i) => Math.log(xi / (1 - volume)) + 1 + b[i]! * along - (rows[i]! * log) / (root8 * volume));
}

// -------------------------------------------------------------------------------------------- a tape of operations

/** A number on the tape: its value, its adjoint, and how to hand the adjoint on. */
class Variable {
  adjoint = 0;
  constructor(
    private readonly tape: Variable[],
    readonly value: number,
    readonly back: (adjoint: number) => void = () => undefined,
  ) {
    tape.push(this);
  }
  private made(value: number, back: (adjoint: number) => void): Variable {
    return new Variable(this.tape, value, back);
  }
  plus(other: Variable): Variable {
    return this.made(this.value + other.value, (adjoint) => {
      this.adjoint += adjoint;
      other.adjoint += adjoint;
    });
  }
  times(other: Variable): Variable {
    return this.made(this.value * other.value, (adjoint) => {
      this.adjoint += adjoint * other.value;
      other.adjoint += adjoint * this.value;
    });
  }
  over(other: Variable): Variable {
    return this.made(this.value / other.value, (adjoint) => {
      this.adjoint += adjoint / other.value;
      other.adjoint -= (adjoint * this.value) / other.value ** 2;
    });
  }
  affine(factor: number, term: number): Variable {
    return this.made(factor * this.value + term, (adjoint) => {
      this.adjoint += factor * adjoint;
    });
  }
  log(): Variable {
    return this.made(Math.log(this.value), (adjoint) => {
      this.adjoint += adjoint / this.value;
    });
  }
}

/** Back-propagation over a tape of objects, as small libraries do it. */
export function byTape({ x, b, a }: Mixture): Float64Array {
  const tape: Variable[] = [];
  const xs = Array.from(x, (xi) => new Variable(tape, xi));
  const sum = (terms: readonly Variable[]): Variable => terms.reduce((total, term) => total.plus(term));
  const volume = sum(xs.map((xi, i) => xi.affine(b[i]!, 0)));
  const free = volume.affine(-1, 1);
  const mixing = sum(xs.map((xi) => xi.times(xi.over(free).log())));
  const attraction = sum(xs.map((xi, i) => xi.times(sum(xs.map((xj, j) => xj.affine(a[i]![j]!, 0))))));
  const log = volume.affine(above, 1).over(volume.affine(below, 1)).log();
  const energy = mixing.plus(attraction.over(volume.affine(root8, 0)).times(log).affine(-1, 0));
  energy.adjoint = 1;
  for (const variable of tape.toReversed()) variable.back(variable.adjoint);
  return Float64Array.from(xs, ({ adjoint }) => adjoint);
}

// ------------------------------------------------------------------------------------------------------- symbolic

const math = create(all!, {});

/** The formula for n gases, its numbers written out. */
function formula({ b, a }: Mixture): string {
  const volume = `(${Array.from(b, (bi, i) => `${bi} * x${i}`).join(" + ")})`;
  const mixing = Array.from(b, (_, i) => `x${i} * log(x${i} / (1 - ${volume}))`).join(" + ");
  const attraction = a
    .map((row, i) => `x${i} * (${Array.from(row, (aij, j) => `${aij} * x${j}`).join(" + ")})`)
    .join(" + ");
  return `${mixing} - (${attraction}) / (${root8} * ${volume}) * log((1 + ${above} * ${volume}) / (1 - ${-below} * ${volume}))`;
}

/** The derivatives that mathjs finds, compiled once; a function of the mixture. */
export function symbolically(mixture: Mixture): (at: Mixture) => Float64Array {
  const energy: MathNode = math.parse(formula(mixture));
  const partials = Array.from(mixture.x, (_, i) => math.derivative(energy, `x${i}`, { simplify: false }).compile());
  return ({ x }) => {
    const scope = Object.fromEntries(Array.from(x, (xi, i) => [`x${i}`, xi]));
    return Float64Array.from(partials, (partial) => partial.evaluate(scope) as number);
  };
}

/** Central differences in 64 digits: the reference. */
export function inManyDigits({ x, b, a }: Mixture): Float64Array {
  const big = create(all!, { number: "BigNumber", precision: 64 });
  const of = (value: number): bigint & ReturnType<typeof big.bignumber> => big.bignumber(value) as never;
  type Big = ReturnType<typeof of>;
  const [add, multiply, divide, log] = [big.add, big.multiply, big.divide, big.log] as unknown as [
    (p: Big, q: Big) => Big,
    (p: Big, q: Big) => Big,
    (p: Big, q: Big) => Big,
    (p: Big) => Big,
  ];
  const one = of(1);
  const root2 = big.sqrt(of(2) as never) as unknown as Big;
  const sum = (terms: readonly Big[]): Big => terms.reduce((total, term) => add(total, term));
  const energy = (xs: readonly Big[]): Big => {
    const volume = sum(xs.map((xi, i) => multiply(of(b[i]!), xi)));
    const free = add(one, multiply(of(-1), volume));
    const mixing = sum(xs.map((xi) => multiply(xi, log(divide(xi, free)))));
    const attraction = sum(xs.map((xi, i) => multiply(xi, sum(xs.map((xj, j) => multiply(of(a[i]![j]!), xj))))));
    const upper = add(one, multiply(add(one, root2), volume));
    const lower = add(one, multiply(add(one, multiply(of(-1), root2)), volume));
    const factor = divide(attraction, multiply(multiply(of(2), root2), volume));
    return add(mixing, multiply(of(-1), multiply(factor, log(divide(upper, lower)))));
  };
  const h = big.bignumber("1e-20") as unknown as Big;
  const xs = Array.from(x, of);
  return Float64Array.from(x, (_, i) => {
    const moved = (by: Big): Big => energy(xs.map((xi, j) => (j === i ? add(xi, by) : xi)));
    const difference = add(moved(h), multiply(of(-1), moved(multiply(of(-1), h))));
    return Number(divide(difference, multiply(of(2), h)).toString());
  });
}
