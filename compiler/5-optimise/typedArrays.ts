/**
 * Arrays of numbers become typed arrays, where nobody can tell: they are made here, seen by no one else, and have the
 * length that they are made with, or are filled by one loop that pushes once in each iteration.
 *
 * Needs: a primal. Guarantees: the same values. Every store is proved to be within the length, since a typed array ignores
 * others; what is never stored is never read, since there it would be 0.
 *
 * before: t = []; loop i < n {push t, x}; c = load t[j]        after: t = allocate n; loop i < n {store t[i], x}; c = load t[j]
 */
import type { AliasFacts, MemoryClass } from "../3-analyse/aliases.js";
import { tripCount } from "../4-differentiate/keepSlots.js";
import { BlockBuilder, copyOfValue } from "../ir/build.js";
import { copyBlock } from "../ir/copyBlock.js";
import type { AllocateStatement, Block, IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { mapBlocks, withBody } from "../ir/walk.js";
import { type Filling, isAnonymous, isNumberArray, TypableArrays } from "./typableArrays.js";

const float64: Type = { kind: "typedArray", name: "Float64Array" };

export function typedArrays(fn: IrFunction): IrFunction {
  const search = new TypableArrays(fn);
  const typed = search.find();
  if (typed.size === 0) return fn;
  const body = sized(fn.body, search, typed);
  const retype = (value: Value): Value => {
    const type = typeIn(value.type, search.aliases.classOf(value), { typed, aliases: search.aliases });
    return type === value.type ? copyOfValue(value) : { ...copyOfValue(value), type };
  };
  return withBody(fn, copyBlock(body, new Map(), retype).block);
}

interface Typing {
  readonly typed: ReadonlySet<MemoryClass>;
  readonly aliases: AliasFacts;
}

/** The type of a reference to memory of the class, or of what holds such references. */
function typeIn(type: Type, memory: MemoryClass | null, typing: Typing): Type {
  if (!memory) return type;
  const inside = (part: Type, key: string): Type => typeIn(part, typing.aliases.contentsOf(memory, key), typing);
  switch (type.kind) {
    case "optional": {
      const of = typeIn(type.of, memory, typing);
      return of === type.of ? type : { ...type, of };
    }
    case "array": {
      if (isNumberArray(type)) return typing.typed.has(memory) ? float64 : type;
      const element = inside(type.element, "[]");
      return element === type.element ? type : { ...type, element };
    }
    case "tuple": {
      const elements = type.elements.map((element, k) => inside(element, String(k)));
      return elements.every((element, k) => element === type.elements[k]) ? type : { ...type, elements };
    }
    case "record": {
      if (!isAnonymous(type)) return type;
      const fields = type.fields.map((field) => {
        const of = inside(field.type, field.name);
        return of === field.type ? field : { ...field, type: of };
      });
      return fields.every((field, k) => field === type.fields[k]) ? type : { ...type, fields };
    }
    default:
      return type;
  }
}

/** Arrays that are pushed to are made with their length, and others hold what they are filled with. */
function sized(block: Block, search: TypableArrays, typed: ReadonlySet<MemoryClass>): Block {
  const isTyped = (value: Value): boolean => isNumberArray(value.type) && typed.has(search.aliases.classOf(value)!);
  const fillings = [...search.fillings].filter(([memory]) => typed.has(memory)).map(([, filling]) => filling);
  const enter = (outer: Block): Block => {
    const statements = outer.statements.flatMap((statement): Statement[] => {
      if (statement.kind === "allocate" && statement.fill && isTyped(statement.result))
        return filled(statement, search);
      const filling = fillings.find(
        (one) => one.literal === statement || one.loop === statement || one.push === statement,
      );
      if (filling?.literal === statement) return [];
      if (filling?.push === statement) {
        const { object, value, span } = filling.push;
        return [{ kind: "store", object, key: { kind: "index", index: filling.loop.counter }, value, span }];
      }
      const inside = mapBlocks(statement, enter);
      const before = fillings.filter((one) => one.loop === statement).flatMap((one) => allocationFor(one, search));
      return [...before, inside];
    });
    return { ...outer, statements };
  };
  return enter(block);
}

function filled({ fill, ...allocation }: AllocateStatement, search: TypableArrays): Statement[] {
  const definition = search.definitionOf(fill!);
  const made: Statement = { ...allocation, fill: null };
  if (definition?.kind === "constant" && Object.is(definition.value, 0)) return [made];
  return [made, { kind: "fill", object: made.result, value: fill!, start: null, end: null, span: made.span }];
}

function allocationFor({ literal, loop }: Filling, search: TypableArrays): Statement[] {
  const builder = new BlockBuilder(literal.span);
  const length = tripCount(builder, loop, search);
  builder.add({ kind: "allocate", result: literal.result, length, fill: null, span: literal.span });
  return [...builder.statements];
}
