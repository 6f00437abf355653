/**
 * Where derivatives flow into a value: the places that use it as a number with a derivative, not as an index, a bound or
 * a condition.
 *
 * Needs: a verified function. Guarantees: every way on which an adjoint may reach the value is listed.
 *
 * before: c = a < 0; y = a * b        the use of a in y is listed, that in c is not
 */
import type { Block, IrFunction, Statement, Value } from "../ir/ir.js";
import { blocksOf, operandsOf } from "../ir/walk.js";
import { hasDerivative } from "../rules/index.js";

export interface DerivativeUse {
  /** Null: the end of the block. */
  readonly statement: Statement | null;
  readonly block: Block;
}

export interface DerivativeUses {
  of(value: Value): readonly DerivativeUse[];
}

export function derivativeUses(fn: IrFunction): DerivativeUses {
  const found = new Map<Value, DerivativeUse[]>();
  const add = (value: Value, use: DerivativeUse): void => {
    const list = found.get(value);
    if (list) list.push(use);
    else found.set(value, [use]);
  };
  const enter = (block: Block): void => {
    for (const statement of block.statements) {
      flowingOperands(statement).forEach((operand) => add(operand, { statement, block }));
      blocksOf(statement).forEach(enter);
    }
    block.yields.forEach((value) => add(value, { statement: null, block }));
  };
  enter(fn.body);
  return { of: (value) => found.get(value) ?? [] };
}

function flowingOperands(statement: Statement): readonly Value[] {
  switch (statement.kind) {
    case "apply":
      return statement.arguments.filter((_, k) => hasDerivative(statement.primitive, k));
    case "store":
    case "addTo":
    case "push":
    case "fill":
    case "narrow":
      return [statement.value];
    case "allocate":
      return statement.fill ? [statement.fill] : [];
    case "externalCall":
      return statement.arguments.filter((_, k) => statement.flows[k]);
    case "loop":
      return statement.initial;
    case "if":
    case "load":
    case "length":
    case "evaluate":
    case "throw":
    case "stop":
      return [];
    default:
      return operandsOf(statement);
  }
}
