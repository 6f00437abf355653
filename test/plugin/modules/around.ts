/** What around a function is made again for it, or seen through its class, its module, its type. Each gives [found, wanted]. */
import { grad, numericalGradient, valueAndGrad } from "adjoint";
import table from "./table.json" with { type: "json" };
import { rate, setRate } from "./models.js";

type Pair = readonly [found: number, wanted: number];

function both(gradient: (x: number) => number, f: (x: number) => number, x = 0.3): Pair {
  return [gradient(x), numericalGradient(f, { method: "central" })(x)];
}

export class Fit {
  private k = 2;
  #depth = 3;
  #samples = [1, 2, 3];
  static unit = 4;
  readonly model = (p: number, d: number): number => Math.sin(this.k * p * d);

  static scaled(p: number): number {
    return this.unit * p * p;
  }
  static ofStatics(): Pair {
    const f = (p: number): number => this.scaled(p) * this.unit + Fit.scaled(p);
    return both(
      grad((p: number) => f(p)),
      f,
    );
  }
  another(): Pair {
    // oxlint-disable-next-line no-this-alias -- it is what is tested
    const self = this;
    const f = (p: number): number => self.model(p, self.k) * p;
    return both(grad(f), f);
  }
  taken(): Pair {
    const { k } = this;
    const f = (p: number): number => k * p * p;
    const wanted = numericalGradient(f, { method: "central" })(0.3);
    const derivative = grad(f);
    this.k = 7;
    return [derivative(0.3), wanted];
  }
  inAnother(): Pair {
    // oxlint-disable-next-line no-this-alias -- it is what is tested
    const self = this;
    const other = {
      k: 9,
      go(): Pair {
        const f = (p: number): number => self.k * p * p + this.k * p;
        return both(grad(f), f);
      },
    };
    return other.go();
  }
  ofPrivate(): Pair {
    const f = (p: number): number => this.#depth * this.#samples.reduce((sum, s) => sum + Math.cos(p * s), 0);
    const first = both(grad(f), f);
    this.#depth = 5;
    const second = both(grad(f), f);
    return [first[0] + second[0], first[1] + second[1]];
  }
}

// oxlint-disable-next-line no-extraneous-class -- it is what is tested
class Settings {
  static rate = 1;
  static get twice(): number {
    return 2 * this.rate;
  }
}

namespace Scale {
  export let factor = 2;
  export function set(to: number): void {
    factor = to;
  }
}

class Based {
  #f(p: number): number {
    return p * p;
  }
  slope(): Pair {
    const f = (p: number): number => this.#f(p);
    return both(grad(f), f);
  }
}
class Extended extends Based {
  #f(p: number): number {
    return p ** 5;
  }
  other(): number {
    return this.#f(2);
  }
}

const loss = (w: number): number => Math.sin(2 * w) * w;

export const pairs: Readonly<Record<string, () => Pair>> = {
  "an alias of this, and a function in a field": () => new Fit().another(),
  "what a pattern took of this": () => new Fit().taken(),
  "this of another function beside an alias": () => new Fit().inAnother(),
  "private names, which a class that extends has, too": () => new Extended().slope(),
  "private fields, as they are at each call": () => new Fit().ofPrivate(),
  "static members": () => Fit.ofStatics(),
  "an object with methods": () => {
    const model = {
      k: 3,
      f(p: number): number {
        return Math.sin(this.k * p);
      },
    };
    const f = (p: number): number => model.f(p) * model.k;
    return both(grad(f), f);
  },
  "functions that functions make": () => {
    const scaled = (k: number) => (p: number) => k * p ** 3;
    const { one, two } = { one: scaled(2), two: scaled(5) };
    const f = (p: number): number => one(p) + two(p) * one(1);
    return both(grad(f), f);
  },
  "one of two functions": () => {
    const chosen = (square: boolean): Pair => {
      const h = square ? (p: number) => p * p : (p: number) => Math.sin(p);
      const f = (p: number): number => 2 * h(p);
      return both(grad(f), f);
    };
    const [first, second] = [chosen(true), chosen(false)];
    return [first[0] + second[0], first[1] + second[1]];
  },
  "a derivative that is called by what is differentiated": () => {
    const step = grad(loss);
    const f = (w: number): number => loss(w - 0.1 * step(w));
    return both(
      grad((w: number) => f(w)),
      (w) => loss(w - 0.1 * numericalGradient(loss, { method: "central" })(w)),
    );
  },
  "a function expression that calls itself": () => {
    const base = 1.5;
    const power = function own(x: number, n: number): number {
      return n === 0 ? base : x * own(x, n - 1);
    };
    const f = (p: number): number => power(p, 3);
    return both(grad(f), f);
  },
  "a variable of another module": () => {
    const f = (p: number): number => rate * p * p;
    const derivative = grad(f);
    const before = derivative(1);
    setRate(rate + 1);
    return [derivative(1) - before, 2];
  },
  "data in a file": () => {
    const f = (p: number): number => table.xs.reduce((sum, x) => sum + Math.sin(p * x), table.offset * p);
    return both(grad(f), f);
  },
  "what tests have narrowed": () => {
    const ofEither = (data: number | number[]): Pair => {
      if (typeof data === "number") {
        const f = (p: number): number => p * p * data;
        return both(grad(f), f);
      }
      const f = (p: number): number => data.reduce((sum, d) => sum + Math.sin(p * d), 0);
      return both(grad(f), f);
    };
    const [first, second] = [ofEither(3), ofEither([1, 2])];
    return [first[0] + second[0], first[1] + second[1]];
  },
  "lists of any kind": () => {
    const fit = (data: number[] | Float64Array, weights: ArrayLike<number>): Pair => {
      const f = (p: number): number => {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[k]! ** p;
        return sum;
      };
      return both(grad(f), f, 1.3);
    };
    return fit(Float64Array.of(1, 2), [3, 4]);
  },
  "errors of one's own": () => {
    class NotPositive extends Error {}
    const f = (p: number): number => {
      if (!(p > 0)) throw new NotPositive(`${p}`);
      return Math.log(p);
    };
    const slope = valueAndGrad(f);
    let caught = "";
    try {
      slope(-1);
    } catch (error) {
      caught = error instanceof NotPositive ? error.message : "another";
    }
    return caught === "-1" ? both((x) => slope(x).grad, f) : [0, 1];
  },
  "classes that use what is around them": () => {
    const ofDepth = (depth: number): Pair => {
      class Spring {
        constructor(readonly k: number) {}
        energy(x: number): number {
          return this.k * depth * x * x;
        }
      }
      const springs = [new Spring(1), new Spring(2)];
      const f = (x: number): number => springs.reduce((sum, spring) => sum + spring.energy(x), new Spring(x).energy(2));
      return both(grad(f), f);
    };
    return ofDepth(3);
  },
  "Math taken apart": () => {
    const { sin, PI: turn } = Math;
    const f = (x: number): number => sin(turn * x);
    return both(grad(f), f);
  },
  "a getter of an object": () => {
    const disc = {
      radius: 2,
      get area(): number {
        return this.radius ** 2;
      },
      twice(): number {
        return 2 * this.area;
      },
    };
    const f = (x: number): number => disc.area * x + disc.twice() * x * x;
    const derivative = grad(f);
    disc.radius = 3;
    return both(derivative, f);
  },
  "static fields and variables of namespaces, as they are at each call": () => {
    const f = (x: number): number => Settings.twice * Scale.factor * x * x;
    const derivative = grad(f);
    const before = derivative(1);
    Settings.rate = 5;
    Scale.set(3);
    const [after, wanted] = both(derivative, f, 1);
    return [before + after, 8 + wanted];
  },
  "factories of literals, fields and patterns": () => {
    const arm =
      (target: { x: number }, { gain = 2 } = {}) =>
      (x: number) =>
        gain * (x - target.x) ** 2;
    const polynomial = (coefficients: number[]) => (x: number) => coefficients.reduce((sum, c) => sum * x + c, 0);
    const normal = ({ mean, width }: { mean: number; width: number }) => ({
      log: (x: number) => -0.5 * ((x - mean) / width) ** 2,
    });
    const ofOptions = (options: { mean: number; width: number }): Pair => {
      const cost = arm({ x: 1 });
      const cubic = polynomial([3, 2, 1]);
      const density = normal(options);
      const f = (x: number): number => cost(x) + cubic(x) + density.log(x);
      return both(grad(f), f);
    };
    return ofOptions({ mean: 1, width: 2 });
  },
};
