/** What a function is split into: runs of statements, by the size of the engine's code for them. */
import { newBlock } from "../ir/build.js";
import type { Block, Statement, Type } from "../ir/ir.js";
import { primitiveNamed } from "../ir/primitives.js";
import { typesWithin } from "../ir/types.js";
import { blocksOf, operandsOf, resultsOf, visitStatements } from "../ir/walk.js";

/** About how many bytes of V8's code a statement takes; measured on generated functions. */
export function sizeOf(statement: Statement): number {
  const inside = blocksOf(statement).reduce((sum, block) => sum + sizeOfBlock(block), 0);
  switch (statement.kind) {
    case "constant":
    case "note":
    case "narrow":
    case "placeholder":
    case "recall":
      return 0;
    case "apply":
      return primitiveNamed(statement.primitive).form.kind === "call" ? 24 : 12;
    case "call":
    case "externalCall":
    case "runtimeCall":
    case "arrayPrimitive":
    case "closure":
      return 24 + 6 * statement.arguments.length;
    case "literal":
      return 12 + 8 * statement.elements.length;
    case "if":
      return 16 + 8 * statement.results.length + inside;
    case "loop":
      return 40 + 12 * statement.parameters.length + inside;
    default:
      return 20;
  }
}

/** The same of all statements of a block. */
export function sizeOfBlock(block: Block): number {
  return block.statements.reduce((sum, statement) => sum + sizeOf(statement), 0);
}

/** Statements that become a function, or one that stays. */
export type Piece =
  | { readonly kind: "part"; readonly statements: readonly Statement[] }
  | { readonly kind: "stays"; readonly statement: Statement };

/** Runs of statements of the wanted size; what must stand where it stands ends a run. */
export function piecesOf(statements: readonly Statement[], target: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let run: Statement[] = [];
  let size = 0;
  const close = (): void => {
    if (run.length > 0) pieces.push({ kind: "part", statements: run });
    [run, size] = [[], 0];
  };
  for (const statement of statements) {
    if (staysWhereItIs(statement)) {
      close();
      pieces.push({ kind: "stays", statement });
      continue;
    }
    const more = sizeOf(statement);
    if (size + more > target) close();
    run.push(statement);
    size += more;
  }
  close();
  return pieces;
}

function staysWhereItIs(statement: Statement): boolean {
  switch (statement.kind) {
    case "receive":
    case "throw":
    case "note":
    case "closure":
      return true;
    // As the result of a part a tuple would be taken for an array.
    case "literal":
      return statement.result.type.kind === "tuple";
    default:
      return typesOf(statement).some((type) => isOfRuntime(type) || isAnyList(type));
  }
}

/** Of all that a statement, and those below it, read and define. */
function typesOf(statement: Statement): readonly Type[] {
  const types: Type[] = [];
  visitStatements(newBlock([statement]), (one) => {
    for (const { type } of [...resultsOf(one), ...operandsOf(one)]) types.push(...typesWithin(type));
  });
  return types;
}

/** Of which kind a list is that a copy was made of, only the engine knows. */
function isAnyList(type: Type): boolean {
  return type.kind === "typedArray" && type.name === "ArrayLike";
}

/** What the runtime has written down: its type says more than can be restated. */
function isOfRuntime(type: Type): boolean {
  return type.kind === "opaque" && type.typeArguments !== undefined;
}
