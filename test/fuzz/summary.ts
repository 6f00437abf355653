/** The end of a random program: everything that is left goes into the result, so that little is dead. */
import { line } from "./arrayStatements.js";
import { both, type Both, differing } from "./both.js";
import { literal, operate } from "./expressions.js";
import { firstReal, type Shape } from "./shapes.js";
import type { Statement } from "./program.js";
import { freshName, type Generator, type Scope } from "./scope.js";

/** A function always returns: this line stays when programs are made smaller. */
export const ending = (result: Both): Statement => ({ kind: "line", text: both`return ${result};`, isPinned: true });

export function summary(generator: Generator, scope: Scope, result: Both): Statement[] {
  const { random } = generator;
  const out = freshName(generator, "out");
  const weight = (): Both => literal(random.pick([0.5, 0.7, -0.3, 1.3]));
  const lines: Statement[] = [line(both`let ${out} = ${result};`)];
  const add = (term: Both): Statement => {
    const product = operate(weight(), "*", term);
    return line({ plain: `${out} += ${product.plain};`, dual: `${out} = $.add(${out}, ${product.dual});` });
  };
  for (const { name } of scope.reals) if (random.chance(0.6)) lines.push(add(both`${name}`));
  for (const { name, shape } of scope.objects)
    for (const term of termsOf(both`${name}`, shape)) if (random.chance(0.6)) lines.push(add(term));
  for (const { name, shape } of scope.groups)
    lines.push(add(operate(both`${name}[0].${firstReal(shape)}`, "*", both`${name}[1].${firstReal(shape)}`)));
  for (const name of scope.matrices) lines.push(add(operate(both`${name}[0][1]`, "*", both`${name}[2][0]`)));
  for (const name of scope.ragged) lines.push(add(operate(both`${name}[0][0]`, "*", both`${name}[1][0]`)));
  for (const name of [...scope.arrays, ...scope.stacks].map((array) => array.name)) {
    if (!random.chance(0.8)) continue;
    const i = freshName(generator, "i");
    const item = differing(`${name}[${i}]`, "get", name, i);
    const size = differing(`${name}.length`, "length", name);
    const term = random.chance(0.5) ? item : operate(item, "*", differing(i, "c", i));
    const head = both`for (let ${i} = 0; ${i} < ${size}; ${i}++) {`;
    lines.push({ kind: "nest", heads: [head], bodies: [[add(term)]], end: both`}` });
  }
  return [...lines, ending(both`${out}`)];
}

/** Numbers that a record holds, one level deep. */
function termsOf(place: Both, shape: Shape): Both[] {
  return shape.fields.map((field): Both => {
    const text = both`${place}.${field.name}`;
    if (field.kind === "real") return text;
    if (field.kind === "optional") return both`(${text} ?? ${literal(0.4)})`;
    if (field.kind === "list") return both`${text}[1]`;
    if (field.kind === "maybe") return both`(${text}?.${firstReal(field.shape)} ?? ${literal(0.2)})`;
    return field.kind === "group"
      ? both`${text}[1].${firstReal(field.shape)}`
      : both`${text}.${firstReal(field.shape)}`;
  });
}
