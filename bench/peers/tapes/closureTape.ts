/** A tape of objects, each with a closure that passes its adjoint on, as in micrograd. */
import type { Blocks } from "../peer.js";
import type { Tape } from "./tape.js";

const nothing = (): void => {};

class Value {
  gradient = 0;
  backward: () => void = nothing;

  constructor(readonly data: number) {}
}

/** Objects are kept in the order of their making, which saves sorting them. */
class ClosureTape implements Tape<Value> {
  readonly made: Value[] = [];

  private make(data: number): Value {
    const value = new Value(data);
    this.made.push(value);
    return value;
  }

  private makeUnary(data: number, a: Value, partial: number): Value {
    const out = this.make(data);
    out.backward = () => {
      a.gradient += partial * out.gradient;
    };
    return out;
  }

  backward(from: Value): void {
    from.gradient = 1;
    for (let at = this.made.length - 1; at >= 0; at--) this.made[at]!.backward();
  }

  valueOf(a: Value): number {
    return a.data;
  }

  add(a: Value, b: Value): Value {
    const out = this.make(a.data + b.data);
    out.backward = () => {
      a.gradient += out.gradient;
      b.gradient += out.gradient;
    };
    return out;
  }

  subtract(a: Value, b: Value): Value {
    const out = this.make(a.data - b.data);
    out.backward = () => {
      a.gradient += out.gradient;
      b.gradient -= out.gradient;
    };
    return out;
  }

  multiply(a: Value, b: Value): Value {
    const out = this.make(a.data * b.data);
    out.backward = () => {
      a.gradient += b.data * out.gradient;
      b.gradient += a.data * out.gradient;
    };
    return out;
  }

  divide(a: Value, b: Value): Value {
    const out = this.make(a.data / b.data);
    out.backward = () => {
      const change = out.gradient / b.data;
      a.gradient += change;
      b.gradient -= change * out.data;
    };
    return out;
  }

  addNumber(a: Value, number: number): Value {
    const out = this.make(a.data + number);
    out.backward = () => {
      a.gradient += out.gradient;
    };
    return out;
  }

  scale(a: Value, number: number): Value {
    return this.makeUnary(a.data * number, a, number);
  }

  subtractFrom(number: number, a: Value): Value {
    const out = this.make(number - a.data);
    out.backward = () => {
      a.gradient -= out.gradient;
    };
    return out;
  }

  least(a: Value, b: Value): Value {
    return b.data < a.data ? b : a;
  }

  square(a: Value): Value {
    return this.makeUnary(a.data * a.data, a, 2 * a.data);
  }

  sqrt(a: Value): Value {
    const root = Math.sqrt(a.data);
    return this.makeUnary(root, a, 0.5 / root);
  }

  exp(a: Value): Value {
    const power = Math.exp(a.data);
    return this.makeUnary(power, a, power);
  }

  log(a: Value): Value {
    return this.makeUnary(Math.log(a.data), a, 1 / a.data);
  }

  log1p(a: Value): Value {
    return this.makeUnary(Math.log1p(a.data), a, 1 / (1 + a.data));
  }

  sin(a: Value): Value {
    return this.makeUnary(Math.sin(a.data), a, Math.cos(a.data));
  }

  cos(a: Value): Value {
    return this.makeUnary(Math.cos(a.data), a, -Math.sin(a.data));
  }

  tanh(a: Value): Value {
    const value = Math.tanh(a.data);
    return this.makeUnary(value, a, 1 - value * value);
  }

  sigmoid(a: Value): Value {
    const value = 1 / (1 + Math.exp(-a.data));
    return this.makeUnary(value, a, value * (1 - value));
  }
}

export function gradientByClosures(
  primal: (tape: Tape<Value>, parameters: readonly Value[][]) => Value,
  parameters: readonly Float64Array[],
): Blocks {
  const tape = new ClosureTape();
  const inputs = parameters.map((parameter) => Array.from(parameter, (value) => new Value(value)));
  tape.backward(primal(tape, inputs));
  return inputs.map((values) => Float64Array.from(values, ({ gradient }) => gradient));
}
