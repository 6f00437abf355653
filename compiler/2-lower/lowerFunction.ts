/**
 * Lowering: the body of one source function becomes an IR function. Functions it calls are lowered in place.
 *
 * Needs: a function that type-checks. Guarantees: verified IR with the program's operations on numbers in the program's
 * order, or a DiagnosticError.
 */
import { Node, type ParameterDeclaration } from "ts-morph";
import { BlockBuilder, newBlock, newValue } from "../ir/build.js";
import type { IrFunction, Parameter, Value } from "../ir/ir.js";
import { bindPattern, withDefault } from "./destructuring.js";
import { lowerExpression } from "./expressions.js";
import { refuseUnlessPlain } from "./inlineCall.js";
import {
  type FunctionNode,
  type Lowering,
  newScope,
  refuse,
  rememberType,
  type SharedState,
  spanOf,
} from "./lowering.js";
import type { UnitContext } from "./unitContext.js";
import { hasPrivateNames, optionalType } from "../ir/types.js";
import { attempt, failIfAny } from "./recovery.js";
import { callByRule } from "./ruleCalls.js";
import { isMarkedConstant, stopped } from "./stop.js";
import { refuseRewritten } from "./keyed.js";
import { callWith } from "./splitCall.js";
import { lowerStatements } from "./statements.js";
import { parametersOf } from "./syntax.js";

const statementBudget = 60_000;

export interface LowerFunctionOptions {
  /** Of a rule: it is not differentiated itself. */
  readonly isRule?: boolean;
  /** Annotated, so that its arguments are what its user passes. */
  readonly isAnnotated?: boolean;
}

export function lowerFunction(
  node: FunctionNode,
  name: string,
  unit: UnitContext,
  { isRule = false, isAnnotated = false }: LowerFunctionOptions = {},
): IrFunction {
  const lowering = newLowering(node, unit, isRule);
  const parameters = parametersOf(node).flatMap((parameter, k) =>
    attempt(
      lowering,
      parameter,
      () => [bindParameter(lowering, parameter, k)],
      () => [],
    ),
  );
  if (isAnnotated) parameters.forEach(({ value }) => lowering.shared.outside.add(value));
  const rule = unit.ruleOf(node);
  const given = parameters.map((parameter) => parameter.value);
  const lower = (): Value | null => (rule ? callByRule(lowering, rule, given, node, null) : lowerBody(lowering, node));
  const result = attempt(lowering, node, lower, () => null);
  refuseRewritten(lowering, given, node);
  failIfAny(lowering.shared, node);
  return finished(lowering, node, name, parameters, result);
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

/** A function that does nothing but call `node`, with the same parameters. */
export function lowerAsCall(node: FunctionNode, name: string, unit: UnitContext): IrFunction {
  const lowering = newLowering(node, unit, false);
  const parameters = parametersOf(node).map((parameter, k) => lowerParameter(lowering, parameter, k));
  const values = parameters.map((parameter) => parameter.value);
  return finished(lowering, node, name, parameters, callWith(lowering, node, values, node));
}

function newLowering(node: FunctionNode, unit: UnitContext, isRule: boolean): Lowering {
  refuseUnlessPlain(node, node);
  const shared: SharedState = {
    functions: new Map(),
    functionFields: new Map(),
    lists: new Map(),
    restArrays: new Set(),
    classScopes: new Map(),
    exactInstances: new Set(),
    integers: new Set(),
    literals: new Map(),
    declaredTypes: new Map(),
    globals: new Set(),
    outside: new Set(),
    keyedReads: [],
    problems: [],
    failures: 0,
    lost: new Set(),
    budget: statementBudget,
    inlined: 0,
    isRule,
  };
  return {
    unit,
    builder: new BlockBuilder(),
    variables: new Map(),
    scope: newScope(null, null),
    decided: new Map(),
    returnTarget: {
      flag: { kind: "flag", name: "returned" },
      result: { kind: "result", name: "result" },
      type: unit.typeOf(node.getReturnType(), node),
    },
    throwTarget: null,
    jumpTargets: [],
    inlining: [{ node, scope: null }],
    shared,
  };
}

function finished(
  lowering: Lowering,
  node: FunctionNode,
  name: string,
  parameters: readonly Parameter[],
  result: Value | null,
): IrFunction {
  return {
    name,
    parameters,
    groups: null,
    typeParametersText: typeParametersOf(node, lowering.unit),
    returnTypeText: null,
    body: newBlock(lowering.builder.statements, result ? [result] : []),
    span: spanOf(node),
    documentation: [],
  };
}

function lowerBody(lowering: Lowering, node: FunctionNode): Value | null {
  const body = node.getBody();
  if (!body) return null;
  if (!Node.isBlock(body)) return lowerExpression(lowering, body);
  lowerStatements(lowering, body.getStatements());
  return lowering.variables.get(lowering.returnTarget.result) ?? null;
}

function typeParametersOf(node: FunctionNode, unit: UnitContext): string {
  const texts = node.getTypeParameters().map((parameter) => unit.textWithReferences(parameter));
  return texts.length === 0 ? "" : `<${texts.join(", ")}>`;
}

function lowerParameter(lowering: Lowering, parameter: ParameterDeclaration, position: number): Parameter {
  const nameNode = parameter.getNameNode();
  const name = Node.isIdentifier(nameNode) ? nameNode.getText() : inventedName(parameter, position);
  // As the user writes it: the name that is seen first is the one that generated code has.
  const typeNode = parameter.getTypeNode();
  const written = typeNode && lowering.unit.textWithReferences(typeNode);
  const declared = lowering.unit.typeOf(parameter.getType(), parameter);
  const initializer = parameter.getInitializer();
  const isOptional = parameter.isOptional() && !parameter.isRestParameter();
  const type = isOptional ? optionalType(declared, "undefined") : declared;
  const typeText =
    written ?? (initializer ? parameter.getType().getBaseTypeOfLiteralType() : parameter.getType()).getText(parameter);
  if (hasPrivateNames(type))
    refuse(
      parameter,
      "privateField",
      `${name} holds an instance with a field like #x, which no other file can read.`,
      "Make the field private in TypeScript's way, or make the instance in the differentiated function.",
    );
  const value = newValue(type, { name, span: spanOf(parameter) });
  return { value, name, typeText, isOptional, isRest: parameter.isRestParameter() };
}

function inventedName(parameter: ParameterDeclaration, position: number): string {
  const type = parameter.getTypeNode()?.getText() ?? "";
  return /^[A-Z]\w*$/.test(type) ? type[0]!.toLowerCase() + type.slice(1) : `argument${position + 1}`;
}
