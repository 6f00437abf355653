/** Where lowering a function begins: what it is given before its own parameters, and nothing known yet. */
import { type MethodDeclaration, Node, SyntaxKind } from "ts-morph";
import { newValue } from "../ir/build.js";
import type { Parameter, Value } from "../ir/ir.js";
import { hasPrivateNames } from "../ir/types.js";
import type { Captured } from "./captured.js";
import { capturedParameters, capturedSelf, classText } from "./capturedParameters.js";
import { isClass } from "./classes.js";
import { bindPattern } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { closureOf, functionValue } from "./functionValues.js";
import { refuseUnlessPlain } from "./inlineCall.js";
import {
  type CallableNode,
  type FunctionNode,
  type Lowering,
  newScope,
  refuse,
  type Scope,
  type SharedState,
  spanOf,
} from "./lowering.js";
import { attempt } from "./recovery.js";
import { declareScratch } from "./scratch.js";
import { isFunctionLike, isOfInstance } from "./syntax.js";
import type { UnitContext } from "./unitContext.js";
import { LearningBuilder } from "./unknownTypes.js";

const statementBudget = 150_000;

export function newLowering(
  node: CallableNode,
  unit: UnitContext,
  isRule: boolean,
  self: Value | null = null,
  around: Scope | null = null,
): Lowering {
  refuseUnlessPlain(node, node);
  const shared: SharedState = {
    functions: new Map(),
    functionFields: new Map(),
    lists: new Map(),
    listNodes: new Map(),
    openLists: new Set(),
    keptAs: new Map(),
    madeIn: new Map(),
    present: new Set(),
    restArrays: new Set(),
    liveObjects: new Map(),
    liveScopes: new Map(),
    moduleMade: new Map(),
    frozen: new Set(),
    boxes: new Map(),
    openBoxes: new Map(),
    packageScope: newScope(null, undefined),
    scratch: new Map(),
    entry: new LearningBuilder(),
    knownFields: new Map(),
    openRecords: new Map(),
    classScopes: new Map(),
    exactInstances: new Set(),
    integers: new Set(),
    literals: new Map(),
    declaredTypes: new Map(),
    globals: new Set(),
    outside: new Set(),
    capturing: null,
    keyedReads: [],
    problems: [],
    failures: 0,
    lost: new Set(),
    budget: statementBudget,
    inlined: 0,
    inlinedNames: new Set(),
    isRule,
  };
  const lowering: Lowering = {
    unit,
    builder: shared.entry,
    variables: new Map(),
    // An arrow function has the `this` around it.
    scope: newScope(around, around && Node.isArrowFunction(node) ? undefined : self),
    decided: new Map(),
    returnTarget: {
      flag: { kind: "flag", name: "returned" },
      result: { kind: "result", name: "result" },
      type: unit.typeOf(node.getReturnType(), node),
    },
    throwTarget: null,
    jumpTargets: [],
    yieldTarget: null,
    inlining: [{ node, scope: around }],
    loops: 0,
    shared,
  };
  declareScratch(lowering);
  return lowering;
}

interface Begun {
  readonly lowering: Lowering;
  /** What comes before the function's own parameters. */
  readonly parameters: readonly Parameter[];
}

export function beginLowering(
  node: FunctionNode,
  unit: UnitContext,
  isRule: boolean,
  captured: Captured | undefined,
): Begun {
  if (captured) return newLoweringWithin(node, unit, captured);
  const self = isOfInstance(node) ? instanceParameter(node, unit) : null;
  return { lowering: newLowering(node, unit, isRule, self?.value), parameters: self ? [self] : [] };
}

/** Lowering inside of what a function has captured, which are its first parameters. */
function newLoweringWithin(node: FunctionNode, unit: UnitContext, captured: Captured): Begun {
  const self = capturedSelf(captured, unit);
  const scope = newScope(null, self?.value ?? null);
  const lowering = newLowering(node, unit, false, null, scope);
  const variables = capturedParameters(captured, scope, lowering.variables, unit);
  for (const [user, symbol] of captured.users) {
    if (isClass(user)) lowering.shared.classScopes.set(user, scope);
    if (!symbol || !isFunctionLike(user)) continue;
    const cell = { kind: "cell", name: symbol.name } as const;
    scope.cells.set(symbol, cell);
    lowering.variables.set(cell, functionValue(lowering, closureOf(scope, user)));
  }
  lowering.shared.capturing = { calls: captured.calls, self: self?.value ?? null, late: new Map() };
  makeAgain({ ...lowering, scope }, captured);
  return { lowering, parameters: self ? [self, ...variables] : variables };
}

/** Functions that are made around the function; what is passed keeps the data that it is passed with. */
function makeAgain(around: Lowering, { made }: Captured): void {
  const passed = new Map(around.variables);
  const { functionFields } = around.shared;
  for (const { declaration } of made) {
    attempt(
      around,
      declaration,
      () =>
        bindPattern(around, declaration.getNameNode(), lowerExpression(around, declaration.getInitializerOrThrow())),
      () => {},
    );
    for (const [cell, given] of passed) {
      const again = around.variables.get(cell);
      const functions = again && functionFields.get(again);
      if (again !== given && functions) functionFields.set(given, functions);
      around.variables.set(cell, given);
    }
  }
}

/** The instance of a method, as the first parameter of what is made of it. */
function instanceParameter(node: MethodDeclaration, unit: UnitContext): Parameter {
  const owner = node.getParentIfKindOrThrow(SyntaxKind.ClassDeclaration);
  const type = unit.typeOf(owner.getType(), owner);
  if (hasPrivateNames(type)) refusePrivate(node, "this");
  const typeText = classText(owner, unit);
  const value = newValue(type, { name: "self", span: spanOf(node) });
  return { value, name: "self", typeText, isOptional: false, isRest: false };
}

export function refusePrivate(node: Node, name: string): never {
  return refuse(
    node,
    "privateField",
    `${name} holds an instance with a field like #x, which no other file can read.`,
    "Make the field private in TypeScript's way, or make the instance in the differentiated function.",
  );
}
