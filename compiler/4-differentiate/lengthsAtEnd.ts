import { newValue, numberType } from "../ir/build.js";
import type { Block, Statement, Value } from "../ir/ir.js";
import type { AdjointContext } from "./adjointContext.js";

/** Lengths of arrays as nested blocks leave them, appended to the forward sweep on demand. */
export class LengthsAtEnd {
  readonly additions = new Map<number, Statement[]>();
  private readonly known = new Map<Value, Value>();
  constructor(private readonly context: AdjointContext) {}

  of(block: Block, array: Value): Value {
    const known = this.known.get(array);
    if (known) return known;
    const result = newValue(numberType);
    this.known.set(array, result);
    this.context.addedIn.set(result, block);
    const list = this.additions.get(block.id) ?? [];
    list.push({ kind: "length", result, object: array, span: null });
    this.additions.set(block.id, list);
    return result;
  }
}
