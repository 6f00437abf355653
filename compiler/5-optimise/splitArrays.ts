/**
 * Arrays of records become one array for each field, where nobody can tell: no object in them is written, compared or
 * seen by others.
 *
 * Needs: a primal. Guarantees: the same values. Elements that are read are known to be there, so that no read of a
 * field of nothing is lost.
 *
 * before: store t[i], literal {x: a, y: b}; p = load t[j]; c = load p.x        after: store tX[i], a; …; c = load tX[j]
 */
import { integers } from "../3-analyse/integers.js";
import { tellsMissing } from "../3-analyse/maybeMissing.js";
import { newValue } from "../ir/build.js";
import type { Block, IrFunction, LoadStatement, LoopStatement, Span, Statement, Type, Value } from "../ir/ir.js";
import { elementType, fieldType } from "../ir/types.js";
import { visitStatements, withBody } from "../ir/walk.js";
import { findSplittable, type Splittable } from "./splittableArrays.js";
import { scalarReplace } from "./scalarReplace.js";
import { nameOf } from "./slots.js";

export function splitArrays(fn: IrFunction): IrFunction {
  let current = fn;
  const lengthsFrom = new Map<Value, Value>();
  // Every round opens one level of nesting.
  for (let round = 0; round < 4; round++) {
    const arrays = findSplittable(current, lengthsFrom);
    if (arrays.size === 0) return current;
    const splitter = new Splitter(arrays, lengthsFrom, hasWholeLengths(current, arrays));
    current = scalarReplace(withBody(current, splitter.block(current.body)));
  }
  return current;
}

/** All are made with a length that is known to be an integer, and never grow. */
function hasWholeLengths(fn: IrFunction, arrays: Splittable): boolean {
  const { isInteger } = integers(fn);
  // As typed arrays they would hold NaN for `undefined`.
  let isWhole = !tellsMissing(fn.body);
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "allocate" && arrays.has(statement.result)) isWhole &&= isInteger(statement.length);
    if (statement.kind === "literal" && arrays.has(statement.result)) isWhole = false;
    if (statement.kind === "push" && arrays.has(statement.object)) isWhole = false;
  });
  return isWhole;
}

class Splitter {
  /** The array of each field. */
  private readonly parts = new Map<Value, readonly Value[]>();

  constructor(
    private readonly arrays: Splittable,
    /** The array that is asked for the length of each part. */
    private readonly lengthsFrom: Map<Value, Value>,
    /** Numbers are held by typed arrays. */
    private readonly isTyped: boolean,
  ) {}

  block(block: Block): Block {
    const statements = block.statements.flatMap((statement) => this.statement(statement));
    return { ...block, statements, yields: this.expand(block.yields) };
  }

  private statement(statement: Statement): readonly Statement[] {
    if (statement.kind === "loop") return [this.loop(statement)];
    if (statement.kind === "if") {
      const [thenBlock, elseBlock] = [this.block(statement.then), this.block(statement.else)];
      return [{ ...statement, then: thenBlock, else: elseBlock, results: this.expand(statement.results) }];
    }
    if ("result" in statement && statement.result && this.arrays.has(statement.result)) return this.making(statement);
    if ("object" in statement && this.arrays.has(statement.object)) return this.access(statement);
    return [statement];
  }

  private loop(statement: LoopStatement): Statement {
    return {
      ...statement,
      initial: this.expand(statement.initial),
      parameters: this.expand(statement.parameters),
      test: statement.test && this.block(statement.test),
      body: this.block(statement.body),
      results: this.expand(statement.results),
    };
  }

  /** A statement whose result is such an array. */
  private making(statement: Statement): readonly Statement[] {
    switch (statement.kind) {
      case "allocate":
        return this.partsOf(statement.result).map((result) => ({ ...statement, result }));
      case "placeholder":
        return this.partsOf(statement.result).map((result) => ({ ...statement, result }));
      case "literal":
        return this.literal(statement);
      default:
        return [statement];
    }
  }

  private literal(statement: Statement & { kind: "literal" }): readonly Statement[] {
    const fields = this.arrays.get(statement.result)!;
    const loads = statement.elements.map((element) => fields.map((field) => loadOf(element, field, statement.span)));
    const parts = this.partsOf(statement.result).map((result, k): Statement => ({
      ...statement,
      result,
      elements: loads.map((load) => load[k]!.result),
    }));
    return [...loads.flat(), ...parts];
  }

  /** A statement that reads or writes such an array. */
  private access(statement: Statement & { object: Value }): readonly Statement[] {
    const parts = this.partsOf(statement.object);
    const fields = this.arrays.get(statement.object)!;
    switch (statement.kind) {
      case "length":
        return [{ ...statement, object: parts[0]! }];
      case "load": {
        const loads = parts.map((part): LoadStatement => {
          const result = newValue(elementType(part.type)!, { span: statement.span });
          return { ...statement, object: part, result };
        });
        const isTuple = statement.result.type.kind === "tuple";
        const elements = loads.map((load) => load.result);
        const { result, span } = statement;
        return [...loads, { kind: "literal", result, elements, fields: isTuple ? null : fields, span }];
      }
      case "store":
      case "push": {
        const loads = fields.map((field) => loadOf(statement.value, field, statement.span));
        const writes = parts.map((object, k): Statement => ({ ...statement, object, value: loads[k]!.result }));
        return [...loads, ...writes];
      }
      default:
        return [statement];
    }
  }

  private partsOf(array: Value): readonly Value[] {
    let found = this.parts.get(array);
    if (!found) {
      const { role, span } = array;
      found = this.arrays
        .get(array)!
        .map((field) => newValue(this.partType(array, field), { name: nameOf(array, field), role, span }));
      this.parts.set(array, found);
      for (const part of found) this.lengthsFrom.set(part, found[0]!);
    }
    return found;
  }

  private partType(array: Value, field: string): Type {
    const element = fieldType(elementType(array.type)!, field)!;
    if (this.isTyped && element.kind === "number") return { kind: "typedArray", name: "Float64Array" };
    return { kind: "array", element };
  }

  private expand(values: readonly Value[]): readonly Value[] {
    return values.flatMap((value) => (this.arrays.has(value) ? this.partsOf(value) : [value]));
  }
}

function loadOf(object: Value, name: string, span: Span | null): LoadStatement {
  const result = newValue(fieldType(object.type, name)!, { span });
  return { kind: "load", result, object, key: { kind: "field", name }, span };
}
