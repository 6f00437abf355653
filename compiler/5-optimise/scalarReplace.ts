/**
 * Scalar replacement: a record or tuple that is only built and read becomes its fields, also where a branch or a loop
 * hands it over.
 *
 * Needs: any verified function. Guarantees: the same values; objects that others can see, or that are written below the
 * block they are made in, stay objects.
 *
 * before: q = {x: a, y: b}; r = load q.x        after: a
 */
import { newValue } from "../ir/build.js";
import type { Block, IrFunction, Key, Span, Statement, Value } from "../ir/ir.js";
import { fieldType, isReference, isScalar } from "../ir/types.js";
import { blocksOf, operandsOf, resultsOf, substitute, withBody } from "../ir/walk.js";

export function scalarReplace(fn: IrFunction): IrFunction {
  let current = fn;
  // Every round opens one level of nesting.
  for (let round = 0; round < 8; round++) {
    const candidates = findCandidates(current);
    if (candidates.size === 0) return current;
    const replaced = new Map<Value, Value>();
    const body = new Rewriter(candidates, replaced).block(current.body);
    const resolve = (value: Value): Value => {
      const next = replaced.get(value);
      return next ? resolve(next) : value;
    };
    current = withBody(current, substitute(body, resolve));
  }
  return current;
}

/** The fields of every reference that is replaced. */
type Candidates = ReadonlyMap<Value, readonly string[]>;

function fieldOf(key: Key): string | null {
  return key.kind === "field" ? key.name : null;
}

/** References that are made by a literal, and what hands them over, when all they are used for is known. */
function findCandidates(fn: IrFunction): Candidates {
  const fields = new Map<Value, readonly string[]>();
  const groups = new Groups();
  const home = new Map<Value, Block>();
  const spoil = (value: Value): void => groups.spoil(value);
  const visit = (block: Block, owner: Statement | null): void => {
    for (const statement of block.statements) {
      see(statement, block);
      blocksOf(statement).forEach((nested) => visit(nested, statement));
    }
    if (owner === null) block.yields.forEach(spoil);
    if (owner?.kind === "loop") {
      if (block === owner.test) block.yields.forEach(spoil);
      else block.yields.forEach((value, k) => owner.parameters[k] && groups.join(value, owner.parameters[k]));
    }
    if (owner?.kind === "if")
      block.yields.forEach((value, k) => owner.results[k] && groups.join(value, owner.results[k]));
  };
  const see = (statement: Statement, block: Block): void => {
    switch (statement.kind) {
      case "literal": {
        const isTuple = statement.result.type.kind === "tuple";
        if (!statement.fields && !isTuple) return statement.elements.forEach(spoil);
        fields.set(statement.result, statement.fields ?? statement.elements.map((_, k) => String(k)));
        home.set(statement.result, block);
        return statement.elements.forEach(spoil);
      }
      case "placeholder":
        return;
      case "load":
        if (statement.key.kind === "index") spoil(statement.object);
        else groups.touch(statement.object, statement.key.name);
        return spoil(statement.result);
      case "store":
      case "addTo": {
        const isHere = home.get(statement.object) === block && fieldOf(statement.key) !== null;
        if (isHere) groups.write(statement.object, fieldOf(statement.key)!);
        else spoil(statement.object);
        return spoil(statement.value);
      }
      case "stop":
        return groups.join(statement.object, statement.result);
      case "loop":
        statement.parameters.forEach((parameter, k) => {
          groups.join(statement.initial[k]!, parameter);
          groups.join(parameter, statement.results[k]!);
        });
        return;
      case "if":
        return;
      default:
        resultsOf(statement).forEach(spoil);
        return operandsOf(statement).forEach(spoil);
    }
  };
  visit(fn.body, null);
  fn.parameters.forEach((parameter) => spoil(parameter.value));
  return groups.survivors(fields);
}

/** References that flow into each other are replaced together or not at all. */
class Groups {
  private readonly parents = new Map<Value, Value>();
  private readonly spoiled = new Set<Value>();
  private readonly written = new Set<Value>();
  private readonly touched = new Map<Value, Set<string>>();

  private find(value: Value): Value {
    const parent = this.parents.get(value);
    return parent ? this.find(parent) : value;
  }
  join(a: Value, b: Value): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first !== second) this.parents.set(second, first);
  }
  spoil(value: Value): void {
    this.spoiled.add(value);
  }
  write(value: Value, field: string): void {
    this.written.add(value);
    this.touch(value, field);
  }
  touch(value: Value, field: string): void {
    this.touched.set(value, (this.touched.get(value) ?? new Set()).add(field));
  }

  survivors(fields: ReadonlyMap<Value, readonly string[]>): Candidates {
    const members = new Map<Value, Value[]>();
    const all = new Set([...this.parents.keys(), ...this.parents.values(), ...fields.keys(), ...this.spoiled]);
    for (const value of all) {
      const root = this.find(value);
      members.set(root, [...(members.get(root) ?? []), value]);
    }
    const result = new Map<Value, readonly string[]>();
    for (const group of members.values()) {
      const made = group.filter((value) => fields.has(value));
      const shape = made[0] && fields.get(made[0]);
      if (!shape || group.some((value) => this.spoiled.has(value))) continue;
      if (!made.every((value) => fields.get(value)!.join() === shape.join())) continue;
      // A written object is replaced only where nothing else may be the same object.
      if (group.length > 1 && group.some((value) => this.written.has(value))) continue;
      const names = group.flatMap((value) => [...(this.touched.get(value) ?? [])]);
      if (!names.every((name) => shape.includes(name))) continue;
      const hasType = group.every((value) => shape.every((name) => fieldType(value.type, name) !== null));
      if (hasType) group.forEach((value) => result.set(value, shape));
    }
    return result;
  }
}

class Rewriter {
  /** What each field holds at this point. */
  private readonly contents = new Map<Value, Map<string, Value>>();
  constructor(
    private readonly candidates: Candidates,
    private readonly replaced: Map<Value, Value>,
  ) {}

  block(block: Block): Block {
    const statements = block.statements.flatMap((statement) => this.statement(statement));
    return { ...block, statements };
  }

  private fieldsOf(value: Value): readonly Value[] {
    const names = this.candidates.get(value)!;
    const held = this.contents.get(value)!;
    return names.map((name) => held.get(name)!);
  }

  /** Fresh values for the fields of something handed over. */
  private fresh(value: Value): readonly Value[] {
    const names = this.candidates.get(value)!;
    const made = names.map((name) => {
      const label = value.name === null ? name : `${value.name}${name[0]!.toUpperCase()}${name.slice(1)}`;
      const isName = /^[A-Za-z_$][\w$]*$/.test(label);
      return newValue(fieldType(value.type, name)!, {
        name: isName ? label : null,
        role: value.role,
        span: value.span,
      });
    });
    this.contents.set(value, new Map(names.map((name, k) => [name, made[k]!])));
    return made;
  }

  private expand(values: readonly Value[], each: (value: Value) => readonly Value[]): readonly Value[] {
    return values.flatMap((value) => (this.candidates.has(value) ? each(value) : [value]));
  }

  private statement(statement: Statement): readonly Statement[] {
    switch (statement.kind) {
      case "literal": {
        const names = this.candidates.get(statement.result);
        if (!names) return [statement];
        this.contents.set(statement.result, new Map(names.map((name, k) => [name, statement.elements[k]!])));
        return [];
      }
      case "placeholder": {
        if (!this.candidates.has(statement.result)) return [statement];
        return this.fresh(statement.result).map((result) => ({ ...statement, result }));
      }
      case "load": {
        const held = this.contents.get(statement.object);
        if (!held) return [statement];
        this.replaced.set(statement.result, held.get(fieldOf(statement.key)!)!);
        return [];
      }
      case "stop": {
        const names = this.candidates.get(statement.result);
        if (!names) return [statement];
        const held = this.contents.get(statement.object)!;
        const parts = names.map((name) => stopOf(held.get(name)!, statement.span));
        this.contents.set(statement.result, new Map(names.map((name, k) => [name, parts[k]!.value])));
        return parts.flatMap((part) => part.statement ?? []);
      }
      case "store": {
        const held = this.contents.get(statement.object);
        if (!held) return [statement];
        held.set(fieldOf(statement.key)!, statement.value);
        return [];
      }
      case "addTo": {
        const held = this.contents.get(statement.object);
        if (!held) return [statement];
        const name = fieldOf(statement.key)!;
        const result = newValue(statement.value.type, { span: statement.span });
        const args = [held.get(name)!, statement.value];
        held.set(name, result);
        return [{ kind: "apply", result, primitive: "add", arguments: args, span: statement.span }];
      }
      case "if": {
        const [thenBlock, elseBlock] = [statement.then, statement.else].map((block) => this.yielding(block));
        const results = this.expand(statement.results, (value) => this.fresh(value));
        return [{ ...statement, then: thenBlock!, else: elseBlock!, results }];
      }
      case "loop": {
        const initial = this.expand(statement.initial, (value) => this.fieldsOf(value));
        const parameters = this.expand(statement.parameters, (value) => this.fresh(value));
        const test = statement.test && this.block(statement.test);
        const body = this.yielding(statement.body);
        const results = this.expand(statement.results, (value) => this.fresh(value));
        return [{ ...statement, initial, parameters, test, body, results }];
      }
      default:
        return [statement];
    }
  }

  private yielding(block: Block): Block {
    const inside = this.block(block);
    if (block.statements.at(-1)?.kind === "throw") return { ...inside, yields: block.yields };
    return { ...inside, yields: this.expand(block.yields, (value) => this.fieldsOf(value)) };
  }
}

/** A field of what `stop` gives. */
function stopOf(value: Value, span: Span | null): { readonly value: Value; readonly statement: Statement | null } {
  if (!isScalar(value.type) && !isReference(value.type)) return { value, statement: null };
  const result = newValue(value.type, { role: value.role, span });
  const statement: Statement = isScalar(value.type)
    ? { kind: "apply", result, primitive: "stopGradient", arguments: [value], span }
    : { kind: "stop", result, object: value, span };
  return { value: result, statement };
}
