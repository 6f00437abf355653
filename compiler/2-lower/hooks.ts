/**
 * `hookCotangent(x, f)`: x itself, or a copy of it, whose cotangent f sees or changes in the reverse sweep. The function
 * runs there as it is written, with what local variables hold here.
 *
 * before: y = hookCotangent(x, (bar) => bar * k)        after: y = external hookCotangent(x, k), hooked by `(bar) => bar * ⟨k⟩`
 */
import { Node, SyntaxKind } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { localText, referenceText } from "../ir/references.js";
import { canCarryDerivative, typesWithin } from "../ir/types.js";
import type { Call } from "./callArguments.js";
import { lowerExpression } from "./expressions.js";
import { functionOf, knownFunction } from "./functionValues.js";
import {
  type CallableNode,
  type Cell,
  cellIn,
  FollowUpError,
  type FunctionValue,
  type Lowering,
  refuse,
  type Scope,
  spanOf,
  symbolOf,
} from "./lowering.js";
import { isMemberName, originalSymbol, standsInType } from "./mentions.js";
import { assignedTargets, isFunctionLike } from "./syntax.js";

/** Text with holes: one more piece than there are holes. */
interface HookText {
  readonly pieces: readonly string[];
  readonly holes: readonly Value[];
}

function refuseHook(node: Node, message: string, suggestion: string): never {
  return refuse(node, "cotangentHook", message, suggestion);
}

export function lowerHook(lowering: Lowering, node: Call, name: string | null): Value {
  const [what, hook] = node.getArguments();
  if (!what || !hook || node.getArguments().length > 2)
    return refuseHook(node, "hookCotangent takes a value and a function.", "Write hookCotangent(x, (cotangent) => …).");
  const value = lowerExpression(lowering, what, { name });
  if (!canCarryDerivative(value.type)) return value;
  refuseUncopied(value, what);
  const { pieces, holes } = textOfHook(lowering, hook);
  const result = newValue(value.type, { name, span: spanOf(node) });
  lowering.builder.add({
    kind: "externalCall",
    result,
    callee: { kind: "hooked", pieces, isGeneric: isInGeneric(node) },
    name: "hookCotangent",
    arguments: [value, ...holes],
    rule: null,
    flows: [value.type, ...holes.map(() => null)],
    isPure: true,
    span: spanOf(node),
  });
  return result;
}

/** A function around it has type parameters. */
function isInGeneric(node: Node): boolean {
  return node.getAncestors().some((one) => isFunctionLike(one) && one.getTypeParameters().length > 0);
}

function refuseUncopied({ type }: Value, node: Node): void {
  const inside = [...typesWithin(type)];
  if (type.kind === "optional")
    refuseHook(node, "What is hooked here may be missing.", "Test before whether it is there.");
  if (inside.some((one) => one.kind === "opaque" || (one.kind === "record" && one.brands !== undefined)))
    refuseHook(
      node,
      "What is hooked here holds something else than numbers in arrays and records, such as an instance of a class.",
      "Hook its numbers, or its arrays of numbers.",
    );
}

function textOfHook(lowering: Lowering, hook: Node): HookText {
  // `console.log`, `clip`, `hooks.clip`: as every module may write it.
  if (isNameOutside(lowering, hook)) return { pieces: [lowering.unit.textWithReferences(hook)], holes: [] };
  const fn = knownFunction(lowering, hook);
  if (fn) return textOfFunction(lowering, fn, hook, new Set());
  const value = lowerExpression(lowering, hook);
  if (value.type.kind === "opaque") return { pieces: ["", ""], holes: [value] };
  return refuseHook(hook, "Which function this is, is not known.", "Name a function, or write it in place.");
}

/** A name, or a part of one, that no function around the hook declares. */
function isNameOutside(lowering: Lowering, node: Node): boolean {
  if (Node.isPropertyAccessExpression(node)) return isNameOutside(lowering, node.getExpression());
  return Node.isIdentifier(node) && !cellIn(lowering.scope, symbolOf(node));
}

function textOfFunction(lowering: Lowering, fn: FunctionValue, at: Node, open: ReadonlySet<Node>): HookText {
  if (fn.kind === "math") return { pieces: [`Math.${fn.name}`], holes: [] };
  if (fn.kind !== "closure")
    return refuseHook(at, "This function has no text that could stand in the reverse sweep.", "Write it in place.");
  const { node, scope } = fn;
  if (!scope) return { pieces: [nameInModule(lowering, node, at)], holes: [] };
  if (!Node.isArrowFunction(node) && !Node.isFunctionExpression(node) && !Node.isFunctionDeclaration(node))
    refuseHook(at, "A method cannot stand in the reverse sweep.", "Write a function that calls it.");
  if (open.has(node)) refuseHook(at, "A function of a hook calls itself.", "Declare it at the top of the module.");
  return textOfClosure(lowering, node, scope, new Set([...open, node]));
}

/** What generated code calls a function that is declared at the top of a module. */
function nameInModule(lowering: Lowering, node: CallableNode, at: Node): string {
  const owner = Node.isFunctionDeclaration(node) ? node : node.getParentIfKind(SyntaxKind.VariableDeclaration);
  const name = owner?.getNameNode();
  const key = name && lowering.unit.referTo(name);
  if (!name || !key) return refuseHook(at, "This function has no name in its module.", "Write it in place.");
  return referenceText({ key, name: name.getText(), isType: false });
}

/** The text of a function that is made here; functions that it calls stand in it. */
function textOfClosure(lowering: Lowering, node: CallableNode, scope: Scope, open: ReadonlySet<Node>): HookText {
  const [self] = node.getDescendantsOfKind(SyntaxKind.ThisKeyword);
  if (self) refuseHook(self, "A hook reads this.", "Read what it needs into a constant before.");
  refuseAssignments(node, scope);
  const source = node.getSourceFile().getFullText();
  const pieces = [""];
  const holes: Value[] = [];
  let position = node.getStart();
  const say = (text: string): void => void pieces.push(pieces.pop()! + text);
  for (const name of node.getDescendantsOfKind(SyntaxKind.Identifier)) {
    if (isMemberName(name)) continue;
    const isShort = isShorthand(name);
    const before = source.slice(position, name.getStart());
    const isOwn = isDeclaredIn(name, node);
    if (!isOwn && Node.isTypeParameterDeclaration(originalSymbol(name)?.getDeclarations()[0]))
      refuseHook(
        name,
        `A hook mentions ${name.getText()}, a type parameter of a function around it.`,
        "Leave the type out: what a hook is given has a type already.",
      );
    const cell = isOwn ? null : cellIn(scope, symbolOf(name));
    const key = cell || isOwn ? null : lowering.unit.referTo(name);
    if (!cell && !isOwn && key === null) continue;
    say(before + (isShort && !isOwn ? `${name.getText()}: ` : ""));
    position = name.getEnd();
    if (isOwn) say(localText(name.getText(), isShort));
    else if (key !== null) say(referenceText({ key, name: name.getText(), isType: standsInType(name) }));
    else {
      const text = textOfVariable(lowering, cell!, name, open);
      say(text.pieces[0]!);
      holes.push(...text.holes);
      pieces.push(...text.pieces.slice(1));
    }
  }
  say(source.slice(position, node.getEnd()));
  return { pieces, holes };
}

/** What a variable of the functions around the hook holds. */
function textOfVariable(lowering: Lowering, cell: Cell, name: Node, open: ReadonlySet<Node>): HookText {
  const value = lowering.variables.get(cell);
  if (!value || lowering.shared.lost.has(cell)) throw new FollowUpError();
  const fn = functionOf(lowering, value);
  if (fn) {
    const { pieces, holes } = textOfFunction(lowering, fn, name, open);
    const last = pieces.length - 1;
    return { pieces: pieces.map((piece, k) => `${k === 0 ? "(" : ""}${piece}${k === last ? ")" : ""}`), holes };
  }
  const isPart = lowering.shared.lists.has(value) || lowering.shared.functionFields.has(value);
  if (isPart || (value.type.kind === "record" && value.type.brands))
    refuseHook(
      name,
      `${cell.name}, which a hook reads, holds functions or is an instance of a class.`,
      "Read the numbers that the hook needs into constants before.",
    );
  return { pieces: ["", ""], holes: [value] };
}

function refuseAssignments(node: Node, scope: Scope): void {
  node.forEachDescendant((inside) => {
    for (const target of assignedTargets(inside))
      if (Node.isIdentifier(target) && cellIn(scope, symbolOf(target)))
        refuseHook(
          target,
          `A hook assigns ${target.getText()}, which is declared outside of it; it runs when the function has ended.`,
          "Push into an array that the function is given, or into one that the module exports.",
        );
  });
}

function isShorthand(name: Node): boolean {
  const parent = name.getParent();
  if (Node.isShorthandPropertyAssignment(parent)) return true;
  if (!Node.isBindingElement(parent) || parent.getPropertyNameNode() || parent.getDotDotDotToken()) return false;
  return parent.getNameNode() === name && Node.isObjectBindingPattern(parent.getParent());
}

function isDeclaredIn(name: Node, node: Node): boolean {
  const declaration = originalSymbol(name)?.getDeclarations()[0];
  if (!declaration || Node.isPropertySignature(declaration)) return false;
  // A function declaration knows itself by its name.
  if (declaration === node) return true;
  return declaration.getAncestors().includes(node);
}
