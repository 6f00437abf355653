/** The types, classes and functions of functions that stand in front of a random program. */
import { randomClass } from "./classes.js";
import { higherFunctions } from "./closures.js";
import type { Statement } from "./program.js";
import { declareShape, randomShape, type Shape } from "./shapes.js";
import { freshName, type Generator } from "./scope.js";
import { declareUnion, randomUnion } from "./unions.js";

export interface Types extends Pick<Generator, "shapes" | "unions" | "higher" | "makers"> {
  readonly declarations: readonly Statement[];
}

export function declareTypes(named: Pick<Generator, "random" | "topics" | "names">): Types {
  const { random, topics } = named;
  const shapes: Shape[] = [];
  const declarations: Statement[] = [];
  const generator: Generator = { ...named, helpers: [], shapes, unions: [], higher: [], makers: [], budget: 12 };
  if (topics.has("records") || random.chance(0.3))
    for (let k = random.integer(1, 2); k > 0; k--) {
      const shape = randomShape(random, freshName(generator, "Item"), shapes);
      shapes.push(shape);
      declarations.push(declareShape(shape));
    }
  if (topics.has("classes"))
    for (let k = random.integer(1, 2); k > 0; k--) declarations.push(...classesOf(generator, shapes));
  const unions = topics.has("unions") ? [randomUnion(random, freshName(generator, "Figure"), shapes)] : [];
  const functions = topics.has("closures") ? higherFunctions(generator) : { declarations: [], higher: [], makers: [] };
  const all = [...declarations, ...unions.flatMap(declareUnion), ...functions.declarations];
  return { shapes, unions, higher: functions.higher, makers: functions.makers, declarations: all };
}

/** A class, and maybe one that extends it; adds to `shapes`. */
function classesOf(generator: Generator, shapes: Shape[]): Statement[] {
  const { random } = generator;
  const base = randomClass(generator, freshName(generator, "Body"), null);
  if (!random.chance(0.5)) {
    shapes.push(base.shape);
    return [base.declaration];
  }
  const derived = randomClass(generator, freshName(generator, "Star"), base.shape);
  // Which method is called is only known where no instance of the base is about.
  if (random.chance(0.1)) shapes.push(base.shape);
  shapes.push(derived.shape);
  return [base.declaration, derived.declaration];
}
