/** From a file's annotated functions to a unit of IR. One bad function does not stop the others. */
import { Node, type SourceFile } from "ts-morph";
import { type Diagnostic, DiagnosticError, internalProblem } from "../diagnostics.js";
import type { Binding, IrFunction, Unit, UserRule } from "../ir/ir.js";
import { canCarryDerivative, isRecursive } from "../ir/types.js";
import type { Request } from "../requests.js";
import { registerBinding } from "./bindings.js";
import { lowerFunction } from "./lowerFunction.js";
import { refuseRecursion } from "./inlineCall.js";
import { type FunctionNode, type InlineLimits, refuse, spanOf, type UnitContext } from "./lowering.js";
import { isMarkedConstant } from "./stop.js";
import { referTo } from "./mentions.js";
import { UserRules } from "./userRules.js";
import type { LoweredCallee } from "./splitCall.js";
import { newTypeTable, typeOf } from "./types.js";
import { registerSignatureTypes } from "./signatureTypes.js";

/** What parsing found; structural, so that this room does not depend on the one before it. */
export interface FunctionToLower {
  readonly node: FunctionNode;
  readonly key: string;
  readonly requests: readonly Request[];
}

export interface LoweredFile {
  readonly unit: Unit;
  readonly requests: readonly Request[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface LowerOptions {
  readonly limits?: InlineLimits;
  /** Tell of failures of the compiler itself instead of throwing. */
  readonly tellsFailures?: boolean;
}

const defaultLimits: InlineLimits = { callee: 250, calledOnce: 1000, total: 4000 };

export function lowerFile(
  file: SourceFile,
  found: readonly FunctionToLower[],
  options: LowerOptions = {},
): LoweredFile {
  const functions = new Map<string, IrFunction>();
  const bindings = new Map<string, Binding>();
  const diagnostics: Diagnostic[] = [];
  const requests: Request[] = [];
  const table = newTypeTable();
  const context: UnitContext = {
    typeOf: (type, at) => typeOf(type, at, table),
    requireBinding: (declaration) => registerBinding(bindings, declaration, declaration),
    report: (diagnostic) => diagnostics.push(diagnostic),
    requireFunction: (fn, at) => callees.require(fn, at),
    classNamed: (brand) => table.classes.get(brand) ?? null,
    ruleOf: (node) => userRules.of(node),
    referTo: (name) => referTo(bindings, name, name),
    limits: options.limits ?? defaultLimits,
  };
  const rules = new Map<string, UserRule>();
  const userRules = new UserRules(bindings, rules, context);
  const callees = new Callees(functions, bindings, context, new Set(found.map(({ key }) => key)));
  for (const { node, key, requests: asked } of found) {
    try {
      registerSignatureTypes(bindings, node);
      const fn = lowerFunction(node, key, context);
      for (const request of asked) checkRequest(fn, request, node);
      functions.set(key, fn);
      requests.push(...asked);
    } catch (error) {
      if (!(error instanceof DiagnosticError) && !options.tellsFailures) throw error;
      diagnostics.push(internalProblem(error, asked[0]?.displayName ?? key, spanOf(node)));
    }
  }
  return { unit: { file: file.getFilePath(), functions, bindings, rules }, requests, diagnostics };
}

/** Functions of the unit that others call, each lowered once. */
class Callees {
  private readonly known = new Map<FunctionNode, LoweredCallee>();
  private readonly open = new Set<FunctionNode>();
  constructor(
    private readonly functions: Map<string, IrFunction>,
    private readonly bindings: Map<string, Binding>,
    private readonly context: UnitContext,
    private readonly taken: Set<string>,
  ) {}

  require(fn: FunctionNode, at: Node): LoweredCallee {
    const known = this.known.get(fn);
    if (known) return known;
    if (this.open.has(fn)) refuseRecursion(at);
    this.open.add(fn);
    const key = this.keyFor(nameOfFunction(fn));
    registerSignatureTypes(this.bindings, fn);
    const lowered = lowerFunction(fn, key, this.context);
    this.open.delete(fn);
    const callee: LoweredCallee = { key, fn: lowered };
    this.functions.set(key, lowered);
    this.known.set(fn, callee);
    return callee;
  }

  private keyFor(name: string): string {
    let key = name;
    for (let k = 2; this.taken.has(key); k++) key = `${name}${k}`;
    this.taken.add(key);
    return key;
  }
}

function nameOfFunction(fn: FunctionNode): string {
  const named = Node.isFunctionDeclaration(fn) ? fn : fn.getParent();
  return named && Node.hasName(named) ? named.getName() : "helper";
}

function checkRequest(fn: IrFunction, request: Request, node: FunctionNode): void {
  const result = fn.body.yields[0];
  const wantsNumber = request.verbs.some((verb) => verb === "grad" || verb === "valueAndGrad");
  if (!result || (wantsNumber && result.type.kind !== "number"))
    refuse(
      node,
      "resultNotANumber",
      `${request.displayName} does not return one number.`,
      "Return a number, or ask for jvp.",
    );
  for (const position of request.wrt) {
    const parameter = fn.parameters[position]!;
    if (isMarkedConstant(node.getParameters()[position]!))
      refuse(
        node.getParameters()[position]!,
        "constantParameter",
        `The parameter ${parameter.name} is marked @constant, and the tag asks for a derivative with respect to it.`,
        "Take the mark away, or leave the parameter out of wrt.",
      );
    if (isRecursive(parameter.value.type))
      refuse(
        node,
        "recursiveType",
        `The type of ${parameter.name} contains itself, and derivatives of such data are not available yet.`,
        "Put the data into arrays.",
      );
    if (!canCarryDerivative(parameter.value.type))
      refuse(
        node,
        "parameterNotDifferentiable",
        `The parameter ${parameter.name} holds no real numbers.`,
        "Differentiate with respect to numbers, float arrays or records of them.",
      );
  }
}
