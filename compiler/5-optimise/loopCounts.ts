import type { AllocateStatement, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { resultsOf, visitStatements } from "../ir/walk.js";
import { aliasClasses, type AliasFacts } from "../3-analyse/aliases.js";

/** Which loops count to the same number. */
export class LoopCounts {
  private readonly definitions = new Map<Value, Statement>();
  private readonly aliases: AliasFacts;

  constructor(fn: IrFunction) {
    this.aliases = aliasClasses(fn);
    visitStatements(fn.body, (statement) =>
      resultsOf(statement).forEach((result) => this.definitions.set(result, statement)),
    );
  }

  /** The producer writes each element of the array, and the consumer's counter takes no other number. */
  covers(producer: LoopStatement, consumer: LoopStatement, { result, length }: AllocateStatement): boolean {
    const isUp = (loop: LoopStatement): boolean => loop.step === 1 && loop.comparison === "<";
    if (!isUp(producer) || !isUp(consumer) || producer.test || !producer.upper || !consumer.upper) return false;
    const [first, from] = [this.constantOf(producer.lower), this.constantOf(consumer.lower)];
    if (first !== 0 || from === null || from < 0) return false;
    const sizeOf = (count: Value): unknown => this.sizeOf(count, result, length);
    return sizeOf(producer.upper) === sizeOf(length) && sizeOf(consumer.upper) === sizeOf(length);
  }

  /** `if (array.length === 0) throw …` */
  throwsWhenEmpty(statement: Statement, { result, length }: AllocateStatement): boolean {
    if (statement.kind !== "if" || statement.then.statements.at(-1)?.kind !== "throw") return false;
    const test = this.definitions.get(statement.condition);
    if (test?.kind !== "apply" || test.primitive !== "equal") return false;
    const [count, zero] = test.arguments as [Value, Value];
    return this.sizeOf(count, result, length) === this.sizeOf(length, result, length) && this.constantOf(zero) === 0;
  }

  constantOf(value: Value): number | null {
    const definition = this.definitions.get(value);
    return definition?.kind === "constant" && typeof definition.value === "number" ? definition.value : null;
  }

  /** Equal for equal numbers: a constant, the array whose length it is, or the value itself. */
  private sizeOf(count: Value, array: Value, length: Value): unknown {
    const definition = this.definitions.get(count);
    if (definition?.kind === "constant") return definition.value;
    if (definition?.kind !== "length") return count;
    if (definition.object === array) return this.sizeOf(length, array, length);
    if (this.aliases.classOf(definition.object)?.isResized) return count;
    const made = this.definitions.get(definition.object);
    return made?.kind === "allocate" ? this.sizeOf(made.length, array, length) : definition.object;
  }
}
