/**
 * Objects from elsewhere with which loops begin are copied, where their copies can become scalars: `state = initialState`,
 * and then `state = step(state)`.
 *
 * Needs: any verified function. Guarantees: the same values: nothing is written into such objects, or into what might be
 * one of them, and the copies do not last.
 *
 * before: loop (s = start) {…; yield [x, y]}        after: c = [load start.0, load start.1]; loop (s = c) {…; yield [x, y]}
 */
import { aliasClasses } from "../3-analyse/aliases.js";
import { BlockBuilder, newValue } from "../ir/build.js";
import type { Block, IrFunction, LoopStatement, Statement, Type, Value } from "../ir/ir.js";
import { fieldType } from "../ir/types.js";
import { mapBlocks, visitStatements, withBody } from "../ir/walk.js";

/** More fields than these are rather left where they are. */
const mostFields = 8;

/** For each such object, where it is made, the copy. */
export type Copies = ReadonlyMap<LoopStatement, ReadonlyMap<number, Value>>;

/** What could be copied. */
export function copiesToTry(fn: IrFunction): Copies {
  const loops: LoopStatement[] = [];
  const made = new Set<Value>();
  visitStatements(fn.body, (statement) => {
    if (statement.kind === "literal") made.add(statement.result);
    if (statement.kind === "loop") loops.push(statement);
  });
  const wanted = loops.flatMap((loop) =>
    loop.parameters.flatMap((parameter, k) => {
      const initial = loop.initial[k]!;
      const fits = fieldsOf(initial.type) !== null && !made.has(initial) && loop.body.yields[k] !== parameter;
      return fits ? [{ loop, k, initial }] : [];
    }),
  );
  if (wanted.length === 0) return new Map();
  const aliases = aliasClasses(fn);
  const copies = new Map<LoopStatement, Map<number, Value>>();
  for (const { loop, k, initial } of wanted) {
    if (aliases.classOf(initial)?.isWritten !== false) continue;
    const copy = newValue(initial.type, { name: loop.parameters[k]!.name, span: loop.span });
    copies.set(loop, (copies.get(loop) ?? new Map<number, Value>()).set(k, copy));
  }
  return copies;
}

export function withCopies(fn: IrFunction, copies: Copies): IrFunction {
  const inside = (block: Block): Block => ({
    ...block,
    statements: block.statements.flatMap((statement): readonly Statement[] => {
      const nested = mapBlocks(statement, inside);
      const own = statement.kind === "loop" ? copies.get(statement) : undefined;
      if (!own || nested.kind !== "loop") return [nested];
      const builder = new BlockBuilder(statement.span);
      own.forEach((copy, k) => copyInto(builder, nested.initial[k]!, copy));
      return [...builder.statements, { ...nested, initial: nested.initial.map((one, k) => own.get(k) ?? one) }];
    }),
  });
  return copies.size === 0 ? fn : withBody(fn, inside(fn.body));
}

function copyInto(builder: BlockBuilder, object: Value, copy: Value): void {
  const { span } = builder;
  const fields = fieldsOf(object.type)!;
  const elements = fields.map((name) => {
    const result = newValue(fieldType(object.type, name)!, { span });
    builder.add({ kind: "load", result, object, key: { kind: "field", name }, span });
    return result;
  });
  builder.add({ kind: "literal", result: copy, elements, fields: object.type.kind === "record" ? fields : null, span });
}

/** The fields that every object of the type has, where these are all, and few. */
function fieldsOf(type: Type): readonly string[] | null {
  if (type.kind === "tuple") return isFew(type.elements) ? type.elements.map((_, k) => String(k)) : null;
  if (type.kind !== "record" || type.isUnion || type.environment !== undefined || !isFew(type.fields)) return null;
  return type.fields.some(({ isOptional }) => isOptional) ? null : type.fields.map(({ name }) => name);
}

const isFew = (list: readonly unknown[]): boolean => list.length > 0 && list.length <= mostFields;
