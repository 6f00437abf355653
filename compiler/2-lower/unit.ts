/** From a file's annotated functions to a unit of IR. One bad function does not stop the others. */
import { Node, type SourceFile } from "ts-morph";
import { type Diagnostic, DiagnosticError, problemsOf } from "../diagnostics.js";
import type { Binding, IrFunction, Unit, UserRule } from "../ir/ir.js";
import { canCarryDerivative, isEndlessType } from "../ir/types.js";
import type { Request } from "../requests.js";
import { registerBinding, registerLive } from "./bindings.js";
import { kindOf } from "./keyed.js";
import { LessonLearned, type Lessons, newLessons } from "./lessons.js";
import { lowerAsCall, lowerFunction, lowerSpecialised } from "./lowerFunction.js";
import { declaredResult, isRecursive, refuseUnlessAlone } from "./recursion.js";
import { type CallableNode, type FunctionNode, refuse, spanOf } from "./lowering.js";
import type { InlineLimits, UnitContext } from "./unitContext.js";
import { isMarkedConstant } from "./stop.js";
import { referTo, textWithReferences, typeReference } from "./mentions.js";
import { isOfPackage, PackageReader } from "./packageReader.js";
import { ModuleNeeded, ModulesNeeded } from "../packages/packages.js";
import { UserRules } from "./userRules.js";
import type { LoweredCallee } from "./splitCall.js";
import { isFunctionLike } from "./syntax.js";
import { keyOf, type Specialisation } from "./specialised.js";
import { newTypeTable, typeOf } from "./types.js";
import { unknownType } from "./unknownTypes.js";

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
  readonly packages?: PackageReader;
  /** Tell of failures of the compiler itself instead of throwing. */
  readonly tellsFailures?: boolean;
}

const defaultLimits: InlineLimits = { callee: 250, calledOnce: 1000, total: 4000 };

export function lowerFile(
  file: SourceFile,
  found: readonly FunctionToLower[],
  options: LowerOptions = {},
): LoweredFile {
  const lessons = newLessons();
  for (;;) {
    const lowered = lowerKnowing(lessons, file, found, options);
    if (lowered) return lowered;
  }
}

/** Null where something was found out that functions lowered before it should have known. */
function lowerKnowing(
  lessons: Lessons,
  file: SourceFile,
  found: readonly FunctionToLower[],
  options: LowerOptions,
): LoweredFile | null {
  const functions = new Map<string, IrFunction>();
  const bindings = new Map<string, Binding>();
  const diagnostics: Diagnostic[] = [];
  const requests: Request[] = [];
  const table = newTypeTable((declaration) => typeReference(bindings, declaration));
  const packages = options.packages ?? new PackageReader();
  const context: UnitContext = {
    typeOf: (type, at) => (isOfPackage(at) ? { kind: "opaque", text: "any" } : typeOf(type, at, table)),
    requireBinding: (declaration, at) => registerBinding(bindings, declaration, at, at.getText()),
    report: (diagnostic) => diagnostics.push(diagnostic),
    requireFunction: (fn) => callees.require(fn),
    requireSpecialised: (plan) => callees.requireSpecialised(plan),
    lessons,
    classNamed: (brand) => table.classes.get(brand) ?? null,
    ruleOf: (node) => userRules.of(node),
    referTo: (name) => referTo(bindings, name, name),
    requireLive: (object, name) => registerLive(bindings, object, name),
    packages,
    textWithReferences: (node) => textWithReferences(bindings, node, node),
    limits: options.limits ?? defaultLimits,
  };
  const rules = new Map<string, UserRule>();
  const userRules = new UserRules(bindings, rules, context);
  const callees = new Callees(functions, context, new Map(found.map(({ node, key }) => [node, key])));
  const needed: ModuleNeeded[] = [];
  let isStale = false;
  const lower = (node: FunctionNode, key: string): IrFunction => {
    for (;;)
      try {
        return isRecursive(node)
          ? lowerRecursive(node, key, context)
          : lowerFunction(node, key, context, { isAnnotated: true });
      } catch (error) {
        if (!(error instanceof LessonLearned)) throw error;
        isStale ||= error.concernsAll;
      }
  };
  for (const { node, key, requests: asked } of found) {
    try {
      const fn = lower(node, key);
      for (const request of asked) checkRequest(fn, request, node);
      functions.set(key, fn);
      requests.push(...asked);
    } catch (error) {
      if (error instanceof ModuleNeeded) {
        needed.push(error);
        continue;
      }
      if (!(error instanceof DiagnosticError) && !options.tellsFailures) throw error;
      diagnostics.push(...problemsOf(error, asked[0]?.displayName ?? key, spanOf(node)));
    }
  }
  if (needed.length > 0) throw new ModulesNeeded(needed);
  if (isStale) return null;
  return { unit: { file: file.getFilePath(), functions, bindings, rules }, requests, diagnostics };
}

/** A function that calls itself is differentiated as a call of it: one pair serves all of its calls. */
function lowerRecursive(node: FunctionNode, key: string, context: UnitContext): IrFunction {
  refuseUnlessAlone(node, node);
  return lowerAsCall(node, key, context);
}

/** Functions of the unit that others call, each lowered once. */
class Callees {
  private known = new Map<FunctionNode, LoweredCallee>();
  private readonly specialised = new Map<string, LoweredCallee>();
  private readonly taken: Set<string>;
  constructor(
    private readonly functions: Map<string, IrFunction>,
    private readonly context: UnitContext,
    private readonly requested: ReadonlyMap<FunctionNode, string>,
  ) {
    this.taken = new Set(requested.values());
  }

  require(fn: FunctionNode): LoweredCallee {
    return this.known.get(fn) ?? this.lower(fn);
  }

  requireSpecialised(plan: Specialisation): LoweredCallee {
    const kind = keyOf(plan);
    const known = this.specialised.get(kind);
    if (known) return known;
    const key = this.keyFor(nameOfCallable(plan.fn.node));
    const callee: LoweredCallee = { key, result: plan.returns ? unknownType() : null };
    this.specialised.set(kind, callee);
    try {
      this.functions.set(key, lowerSpecialised(plan, key, this.context, callee.result));
    } catch (error) {
      this.specialised.delete(kind);
      throw error;
    }
    return callee;
  }

  private lower(fn: FunctionNode): LoweredCallee {
    const before = new Map(this.known);
    const key = this.keyFor(nameOfFunction(fn));
    try {
      if (isRecursive(fn)) this.known.set(fn, { key, result: declaredResult(fn, this.context) });
      const lowered = lowerFunction(fn, this.requested.get(fn) ?? key, this.context);
      const returned = lowered.body.yields[0];
      if (!isRecursive(fn)) this.known.set(fn, { key, result: returned?.type ?? null });
      else if (this.known.get(fn)!.result && !returned)
        refuse(
          fn,
          "recursion",
          "A function that calls itself never returns.",
          "Let it return where it does not throw.",
        );
      this.functions.set(key, lowered);
    } catch (error) {
      // Functions that were lowered meanwhile may call the one that was not.
      for (const [other, callee] of this.known) if (!before.has(other)) this.functions.delete(callee.key);
      this.known = before;
      throw error;
    }
    return this.known.get(fn)!;
  }

  private keyFor(name: string): string {
    let key = name;
    for (let k = 2; this.taken.has(key); k++) key = `${name}${k}`;
    this.taken.add(key);
    return key;
  }
}

function nameOfCallable(fn: CallableNode): string {
  if (isFunctionLike(fn)) return nameOfFunction(fn);
  return Node.isConstructorDeclaration(fn) ? "construct" : fn.getName();
}

function nameOfFunction(fn: FunctionNode): string {
  const hasOwnName = Node.isArrowFunction(fn) ? false : fn.getName() !== undefined;
  const named = hasOwnName ? fn : fn.getParent();
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
    if (isEndlessType(parameter.value.type))
      refuse(
        node,
        "recursiveType",
        `The type of ${parameter.name} contains itself, but not as a field of a record.`,
        "Give each level a record of its own, with the levels below in one of its fields.",
      );
    const kind = kindOf(parameter.value.type);
    if (kind)
      refuse(
        node.getParameters()[position]!,
        "keyedData",
        `Which numbers ${parameter.name} holds is known only at run time, so that it has no gradient.`,
        "Pass the numbers as an array or as a record of known keys.",
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
