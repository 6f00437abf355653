/**
 * Lowering: the body of one source function becomes an IR function. Functions it calls are lowered in place.
 *
 * Needs: a function that type-checks. Guarantees: verified IR with the program's operations on numbers in the program's
 * order, or a DiagnosticError.
 */
import { Node, type ParameterDeclaration, SyntaxKind } from "ts-morph";
import { directivesOf } from "../1-parse/directives.js";
import { invariant } from "../diagnostics.js";
import { newBlock, newValue } from "../ir/build.js";
import type { IrFunction, Parameter, Value } from "../ir/ir.js";
import { hasPrivateNames, optionalType, sameType } from "../ir/types.js";
import { beginLowering, newLowering, refusePrivate } from "./beginLowering.js";
import { refuseMixedKinds, refusePrivateReads, refuseStray } from "./bodyChecks.js";
import type { Captured } from "./captured.js";
import { bindPattern, withDefault } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { callKnown, closureOf, functionValue, knownFunction } from "./functionValues.js";
import { bindParameters, callRecursive } from "./inlineCall.js";
import type { Differentiation } from "./innerDerivatives.js";
import { refuseRewritten } from "./keyed.js";
import { holdsFunctions } from "./knownLists.js";
import { leaveShared, restore } from "./lifted.js";
import {
  type CallableNode,
  declareVariable,
  type FunctionNode,
  type FunctionValue,
  type Lowering,
  newScope,
  refuse,
  FollowUpError,
  rememberType,
  spanOf,
} from "./lowering.js";
import { isOfPackage } from "./packageReader.js";
import { attempt, failIfAny } from "./recovery.js";
import { refuseFunctions } from "./recursion.js";
import { callByRule } from "./ruleCalls.js";
import type { Specialisation } from "./specialised.js";
import { lowerStatements } from "./statements.js";
import { isMarkedConstant, stopped } from "./stop.js";
import { isFunctionLike, isOfInstance, parametersOf } from "./syntax.js";
import { givenType } from "./types.js";
import type { UnitContext } from "./unitContext.js";
import { unify } from "./unknownTypes.js";

export interface LowerFunctionOptions {
  /** Of a rule: it is not differentiated itself. */
  readonly isRule?: boolean;
  /** Annotated, so that its arguments are what its user passes. */
  readonly isAnnotated?: boolean;
  /** What the function has captured, where a marker names it. */
  readonly captured?: Captured;
}

export function lowerFunction(
  node: FunctionNode,
  name: string,
  unit: UnitContext,
  { isRule = false, isAnnotated = false, captured }: LowerFunctionOptions = {},
): IrFunction {
  const { lowering, parameters: given } = beginLowering(node, unit, isRule, captured);
  const own = parametersOf(node).flatMap((parameter, k) =>
    attempt(
      lowering,
      parameter,
      () => [bindParameter(lowering, parameter, k)],
      () => [],
    ),
  );
  if (isAnnotated) [...given, ...own].forEach(({ value }) => lowering.shared.outside.add(value));
  const rule = unit.ruleOf(node);
  const values = [...given, ...own].map((parameter) => parameter.value);
  const lower = (): Value | null => (rule ? callByRule(lowering, rule, values, node, null) : lowerBody(lowering, node));
  const result = attempt(lowering, node, lower, () => null);
  refuseRewritten(lowering, values, node);
  failIfAny(lowering.shared, node);
  return finished(lowering, node, name, [...given, ...capturedBeside(lowering), ...own], result);
}

function capturedBeside({ shared }: Lowering): readonly Parameter[] {
  return [...(shared.capturing?.late.values() ?? [])];
}

function bindParameter(lowering: Lowering, source: ParameterDeclaration, position: number): Parameter {
  const parameter = lowerParameter(lowering, source, position);
  const given = withDefault(lowering, parameter.value, source.getInitializer(), source);
  const value = isMarkedConstant(source) ? stopped(lowering, given, null) : given;
  const target = source.getNameNode();
  bindPattern(lowering, target, value);
  if (value.type.kind === "optional" && Node.isIdentifier(target)) rememberType(lowering, target, value.type);
  return parameter;
}

export interface LowerAsCallOptions {
  readonly captured: Captured | undefined;
  /** `grad(f)`: what is called in place of the function. */
  readonly through: Node | null;
}

/** A function that does nothing but call `node`, or a derivative of it, with the same parameters. */
export function lowerAsCall(
  node: FunctionNode,
  name: string,
  unit: UnitContext,
  { captured, through }: LowerAsCallOptions,
): IrFunction {
  const { lowering, parameters: before } = beginLowering(node, unit, false, captured);
  const parameters = parametersOf(node).map((parameter, k) => lowerParameter(lowering, parameter, k));
  const given = parameters.map((parameter) => parameter.value);
  const rest = parameters.findIndex((parameter) => parameter.isRest);
  if (rest >= 0) lowering.shared.restArrays.add(given[rest]!);
  const around = lowering.scope.outer;
  const call = (): Value | null => {
    if (through) {
      // The function itself is inside of what is called.
      const outside = { ...lowering, inlining: [] };
      const fn = knownFunction(around ? { ...outside, scope: around } : outside, through);
      invariant(fn, "a call of a marker is a function");
      return callKnown(outside, fn, given, node);
    }
    const fn: FunctionValue =
      around && captured?.users.has(node)
        ? closureOf(around, node)
        : { kind: "closure", node, scope: null, self: isOfInstance(node) ? before[0]!.value : null };
    invariant(fn.kind === "closure", "a function that calls itself has a body");
    return callRecursive(lowering, fn, given, node);
  };
  const result = attempt(lowering, node, call, () => null);
  failIfAny(lowering.shared, node);
  return finished(lowering, node, name, [...before, ...capturedBeside(lowering), ...parameters], result);
}

/** A lifted function for one kind of call; `result` is what it returns, of packages as far as that is known. */
export function lowerSpecialised(plan: Specialisation, name: string, unit: UnitContext): IrFunction {
  const node = plan.fn;
  const outer = newLowering(node, unit, false);
  const { parameters, fn, args } = restore(outer, plan.lifted);
  invariant(fn.kind === "closure", "what is lowered for a kind of call has a body");
  const scope = newScope(fn.scope, fn.self);
  const lowering: Lowering = { ...outer, scope, inlining: [{ node, scope: fn.scope }] };
  scope.passed = args;
  const returned = attempt(
    lowering,
    node,
    () => {
      const ownName = Node.isFunctionExpression(node) ? node.getNameNode() : undefined;
      if (ownName) declareVariable(lowering, ownName, functionValue(lowering, fn));
      bindParameters(lowering, node, args);
      return lowerBody(lowering, node);
    },
    () => null,
  );
  failIfAny(lowering.shared, node);
  // What the caller has lost is what fails here.
  if (!returned && plan.result && lowering.shared.failures > 0) throw new FollowUpError();
  leaveShared(lowering);
  if (returned && holdsFunctions(lowering, returned)) refuseFunctions(node);
  if (isOfPackage(node)) settleResult(plan, returned, node);
  return { ...finished(lowering, node, name, parameters, plan.result && returned), typeParametersText: "" };
}

/** A function that calls what is differentiated inside of another, with all that it is given. */
export function lowerDifferentiated({ lifted, at }: Differentiation, name: string, unit: UnitContext): IrFunction {
  const owner = [at, ...at.getAncestors()].find((one): one is CallableNode => Node.isFunctionLikeDeclaration(one));
  invariant(owner, "what is differentiated inside of a function has a function around it");
  const inside = newLowering(owner, unit, false);
  const lowering = owner === at ? { ...inside, inlining: [] } : inside;
  const { parameters, fn, args } = restore(lowering, lifted);
  const result = attempt(
    lowering,
    at,
    () => callKnown(lowering, fn, args, at),
    () => null,
  );
  failIfAny(lowering.shared, at);
  return { ...finished(lowering, owner, name, parameters, result), typeParametersText: "", span: spanOf(at) };
}

function settleResult({ result }: Specialisation, returned: Value | null, node: Node): void {
  if (!returned || !result) return;
  unify(result, returned.type);
  if (!sameType(result, returned.type))
    refuse(
      node,
      "recursion",
      "A function that calls itself returns values of several kinds.",
      "Return one kind of value.",
    );
}

function finished(
  lowering: Lowering,
  node: CallableNode,
  name: string,
  parameters: readonly Parameter[],
  result: Value | null,
): IrFunction {
  const body = newBlock(lowering.builder.statements, result ? [result] : []);
  refuseMixedKinds(body, node);
  refuseStray(body, node, lowering.unit);
  refusePrivateReads(body, node);
  return {
    name,
    parameters,
    groups: null,
    typeParametersText: typeParametersOf(node, lowering.unit),
    returnTypeText: null,
    body,
    span: spanOf(node),
    limit: directivesOf(node).limit,
    inlined: [...lowering.shared.inlinedNames],
    documentation: [],
  };
}

function lowerBody(lowering: Lowering, node: CallableNode): Value | null {
  const body = node.getBody();
  if (!body) return null;
  if (!Node.isBlock(body)) return lowerExpression(lowering, body);
  lowerStatements(lowering, body.getStatements());
  return lowering.variables.get(lowering.returnTarget.result) ?? null;
}

function typeParametersOf(node: CallableNode, unit: UnitContext): string {
  if (!isFunctionLike(node)) return "";
  const ofClass = isOfInstance(node)
    ? node.getParentIfKindOrThrow(SyntaxKind.ClassDeclaration).getTypeParameters()
    : [];
  const texts = [...ofClass, ...node.getTypeParameters()].map((parameter) => unit.textWithReferences(parameter));
  return texts.length === 0 ? "" : `<${texts.join(", ")}>`;
}

function lowerParameter(lowering: Lowering, parameter: ParameterDeclaration, position: number): Parameter {
  const nameNode = parameter.getNameNode();
  const name = Node.isIdentifier(nameNode) ? nameNode.getText() : inventedName(parameter, position);
  // As the user writes it: the name that is seen first is the one that generated code has.
  const typeNode = parameter.getTypeNode();
  const written = typeNode && lowering.unit.textWithReferences(typeNode);
  const declared = givenType(lowering.unit.typeOf(parameter.getType(), parameter), parameter.getType());
  const initializer = parameter.getInitializer();
  const isOptional = parameter.isOptional() && !parameter.isRestParameter();
  const type = isOptional ? optionalType(declared, "undefined") : declared;
  const typeText =
    written ?? (initializer ? parameter.getType().getBaseTypeOfLiteralType() : parameter.getType()).getText(parameter);
  if (hasPrivateNames(type)) refusePrivate(parameter, name);
  const value = newValue(type, { name, span: spanOf(parameter) });
  return { value, name, typeText, isOptional, isRest: parameter.isRestParameter() };
}

function inventedName(parameter: ParameterDeclaration, position: number): string {
  const type = parameter.getTypeNode()?.getText() ?? "";
  return /^[A-Z]\w*$/.test(type) ? type[0]!.toLowerCase() + type.slice(1) : `argument${position + 1}`;
}
