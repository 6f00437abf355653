import type { Block, Parameter, Role, Span, Statement, Type, Value } from "./ir.js";

/** Making values and blocks. Ids come from one counter of the process; only their order matters. */
let nextId = 1;

export const numberType: Type = { kind: "number" };
export const booleanType: Type = { kind: "boolean" };

export interface ValueOptions {
  readonly name?: string | null;
  readonly role?: Role;
  readonly span?: Span | null;
}

/** A fresh value. */
export function newValue(type: Type, options: ValueOptions = {}): Value {
  return {
    id: nextId++,
    type,
    name: options.name ?? null,
    role: options.role ?? "primal",
    span: options.span ?? null,
  };
}

/** A fresh value that stands for `value` in another copy of the code: same type, name, role and span. */
export function copyOfValue(value: Value): Value {
  return { ...value, id: nextId++ };
}

/** A parameter of a function that the compiler makes. */
export function newParameter(value: Value, name: string): Parameter {
  return { value, name, typeText: null, isOptional: false, isRest: false };
}

export function newBlock(
  statements: readonly Statement[],
  yields: readonly Value[] = [],
  mirrors: number | null = null,
): Block {
  return { id: nextId++, statements, yields, mirrors };
}

/** A sink for statements with shorthands for the common ones; each shorthand appends and returns the result. */
export class BlockBuilder {
  readonly statements: Statement[] = [];
  constructor(
    public span: Span | null = null,
    /** The builder of the block around this one. */
    readonly parent: BlockBuilder | null = null,
  ) {}

  add(statement: Statement): void {
    this.statements.push(statement);
  }

  constant(value: number | boolean | string, text: string | null = null): Value {
    const type: Type = { kind: typeof value as "number" | "boolean" | "string" };
    const result = newValue(type, { span: this.span });
    this.add({ kind: "constant", result, value, text, span: this.span });
    return result;
  }

  apply(primitive: string, args: readonly Value[], type: Type = numberType, options: ValueOptions = {}): Value {
    const result = newValue(type, { span: this.span, ...options });
    this.add({ kind: "apply", result, primitive, arguments: args, span: this.span });
    return result;
  }

  block(yields: readonly Value[] = [], mirrors: number | null = null): Block {
    return newBlock(this.statements, yields, mirrors);
  }
}
