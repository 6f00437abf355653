/** A tape in typed arrays, which are kept between calls: per number its value, two arguments and two partial derivatives. */
import type { Blocks } from "../peer.js";
import type { Tape } from "./tape.js";

class TypedArrayTape implements Tape<number> {
  private length = 0;
  private capacity = 1 << 12;
  private values = new Float64Array(this.capacity);
  private adjoints = new Float64Array(this.capacity);
  private operands = new Int32Array(2 * this.capacity);
  private partials = new Float64Array(2 * this.capacity);

  private grow(): void {
    this.capacity *= 2;
    const grown = (of: Float64Array): Float64Array<ArrayBuffer> => {
      const longer = new Float64Array(2 * of.length);
      longer.set(of);
      return longer;
    };
    this.values = grown(this.values);
    this.adjoints = grown(this.adjoints);
    this.partials = grown(this.partials);
    const operands = new Int32Array(2 * this.capacity);
    operands.set(this.operands);
    this.operands = operands;
  }

  private push(value: number, a: number, aPartial: number, b: number, bPartial: number): number {
    const at = this.length;
    if (at === this.capacity) this.grow();
    this.values[at] = value;
    this.operands[2 * at] = a;
    this.operands[2 * at + 1] = b;
    this.partials[2 * at] = aPartial;
    this.partials[2 * at + 1] = bPartial;
    this.length = at + 1;
    return at;
  }

  /** Its second argument is its first one, with no influence. */
  private pushUnary(value: number, a: number, partial: number): number {
    return this.push(value, a, partial, a, 0);
  }

  restart(): void {
    this.length = 0;
  }

  input(value: number): number {
    return this.push(value, 0, 0, 0, 0);
  }

  /** Adjoints of the first numbers of the tape, which are the inputs. */
  backward(from: number, inputs: number): Float64Array {
    const { adjoints, operands, partials } = this;
    adjoints.fill(0, 0, from + 1);
    adjoints[from] = 1;
    for (let at = from; at >= inputs; at--) {
      const adjoint = adjoints[at]!;
      if (adjoint === 0) continue;
      const a = operands[2 * at]!;
      const b = operands[2 * at + 1]!;
      adjoints[a]! += adjoint * partials[2 * at]!;
      adjoints[b]! += adjoint * partials[2 * at + 1]!;
    }
    return adjoints;
  }

  valueOf(a: number): number {
    return this.values[a]!;
  }

  add(a: number, b: number): number {
    return this.push(this.values[a]! + this.values[b]!, a, 1, b, 1);
  }

  subtract(a: number, b: number): number {
    return this.push(this.values[a]! - this.values[b]!, a, 1, b, -1);
  }

  multiply(a: number, b: number): number {
    const left = this.values[a]!;
    const right = this.values[b]!;
    return this.push(left * right, a, right, b, left);
  }

  divide(a: number, b: number): number {
    const inverse = 1 / this.values[b]!;
    const quotient = this.values[a]! * inverse;
    return this.push(quotient, a, inverse, b, -quotient * inverse);
  }

  addNumber(a: number, number: number): number {
    return this.pushUnary(this.values[a]! + number, a, 1);
  }

  scale(a: number, number: number): number {
    return this.pushUnary(this.values[a]! * number, a, number);
  }

  subtractFrom(number: number, a: number): number {
    return this.pushUnary(number - this.values[a]!, a, -1);
  }

  least(a: number, b: number): number {
    return this.values[b]! < this.values[a]! ? b : a;
  }

  square(a: number): number {
    const value = this.values[a]!;
    return this.pushUnary(value * value, a, 2 * value);
  }

  sqrt(a: number): number {
    const root = Math.sqrt(this.values[a]!);
    return this.pushUnary(root, a, 0.5 / root);
  }

  exp(a: number): number {
    const power = Math.exp(this.values[a]!);
    return this.pushUnary(power, a, power);
  }

  log(a: number): number {
    const value = this.values[a]!;
    return this.pushUnary(Math.log(value), a, 1 / value);
  }

  log1p(a: number): number {
    const value = this.values[a]!;
    return this.pushUnary(Math.log1p(value), a, 1 / (1 + value));
  }

  sin(a: number): number {
    const value = this.values[a]!;
    return this.pushUnary(Math.sin(value), a, Math.cos(value));
  }

  cos(a: number): number {
    const value = this.values[a]!;
    return this.pushUnary(Math.cos(value), a, -Math.sin(value));
  }

  tanh(a: number): number {
    const value = Math.tanh(this.values[a]!);
    return this.pushUnary(value, a, 1 - value * value);
  }

  sigmoid(a: number): number {
    const value = 1 / (1 + Math.exp(-this.values[a]!));
    return this.pushUnary(value, a, value * (1 - value));
  }
}

const tape = new TypedArrayTape();

export function gradientByTypedArrays(
  primal: (tape: Tape<number>, parameters: readonly number[][]) => number,
  parameters: readonly Float64Array[],
): Blocks {
  tape.restart();
  let inputs = 0;
  const followed = parameters.map((parameter) => {
    inputs += parameter.length;
    return Array.from(parameter, (value) => tape.input(value));
  });
  const adjoints = tape.backward(primal(tape, followed), inputs);
  let start = 0;
  return parameters.map(({ length }) => adjoints.slice(start, (start += length)));
}
