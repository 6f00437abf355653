/** From a file's annotated functions to a unit of IR. One bad function does not stop the others. */
import { Node, type SourceFile } from "ts-morph";
import { type Diagnostic, DiagnosticError, problemsOf } from "../diagnostics.js";
import type { InnerDerivative, IrFunction, RecordType, Unit, UserRule } from "../ir/ir.js";
import { derivativeKey } from "../ir/innerDerivatives.js";
import { sameType } from "../ir/types.js";
import type { Request } from "../requests.js";
import { checkRequest } from "./checkRequest.js";
import { capturedOf, outsideBrands } from "./comingFromOutside.js";
import { declareFields, registerBinding, registerLive } from "./bindings.js";
import { Environments } from "./environments.js";
import type { Lifted, Passed } from "./given.js";
import type { Differentiation } from "./innerDerivatives.js";
import { LessonLearned, type Lessons, newLessons } from "./lessons.js";
import { lowerAsCall, lowerDifferentiated, lowerFunction, lowerSpecialised } from "./lowerFunction.js";
import { isRecursive, resultType } from "./recursion.js";
import { type CallableNode, type FunctionNode, refuse, spanOf } from "./lowering.js";
import type { InlineLimits, UnitContext } from "./unitContext.js";
import { Bindings, referTo, textWithReferences, typeReference } from "./mentions.js";
import { isOfPackage, PackageReader } from "./packageReader.js";
import { ModuleNeeded, ModulesNeeded } from "../packages/packages.js";
import { UserRules } from "./userRules.js";
import type { LoweredCallee } from "./splitCall.js";
import { isFunctionLike } from "./syntax.js";
import { keyOf, type Specialisation } from "./specialised.js";
import { brandOfClass, instanceType } from "./recordTypes.js";
import { newTypeTable, typeOf } from "./types.js";

/** What parsing found; structural, so that this room does not depend on the one before it. */
export interface FunctionToLower {
  readonly node: FunctionNode;
  readonly key: string;
  readonly requests: readonly Request[];
  /** The markers that name it, which pass what it has captured. */
  readonly calls?: readonly Node[];
  /** `grad(f)`, where a derivative of the function is what is differentiated. */
  readonly through?: Node | null;
}

export interface LoweredFile {
  readonly unit: Unit;
  readonly requests: readonly Request[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface LowerOptions {
  readonly limits?: InlineLimits;
  readonly packages?: PackageReader;
  /** Generated code will stand in the file itself. */
  readonly isInside?: boolean;
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
  const bindings = new Bindings(options.isInside ? file.getFilePath() : null);
  const diagnostics: Diagnostic[] = [];
  const requests: Request[] = [];
  let outside: ReadonlySet<string> | null = null;
  const isOutside = (brand: string): boolean => (outside ??= outsideBrands(found, file)).has(brand);
  const table = newTypeTable({
    referenceTo: (declaration) => typeReference(bindings, declaration),
    declare: (name, type) => declareFields(bindings, name, type),
    isTagged: (declaration) =>
      lessons.taggedClasses.has(declaration) &&
      (lessons.madeClasses.has(declaration) || !isOutside(brandOfClass(declaration))),
    isOutside,
  });
  const packages = options.packages ?? new PackageReader();
  const context: UnitContext = {
    typeOf: (type, at) => (isOfPackage(at) ? { kind: "opaque", text: "any" } : typeOf(type, at, table)),
    requireBinding: (declaration, at) => registerBinding(bindings, declaration, at, at.getText()),
    report: (diagnostic) => diagnostics.push(diagnostic),
    requireFunction: (fn) => callees.require(fn),
    functionOf: (key) => functions.get(key) ?? null,
    requireSpecialised: (plan) => callees.requireSpecialised(plan),
    requireDifferentiated: (plan) => callees.requireDifferentiated(plan),
    requireDerivative: (derivative) => {
      const key = derivativeKey(derivative);
      derivatives.set(key, derivatives.get(key) ?? derivative);
      return key;
    },
    lessons,
    classNamed: (brand) => table.classes.get(brand) ?? null,
    instanceType: (declaration) => {
      const types = [...table.known.values(), ...table.instances.values()];
      const brand = brandOfClass(declaration);
      const [first, ...others] = types.filter(
        (type): type is RecordType => type.kind === "record" && !type.isUnion && type.brands?.[0] === brand,
      );
      return first && others.every((type) => sameType(type, first)) ? first : null;
    },
    typeOfNew: (node) => instanceType(node.getType(), node, table),
    comesFromOutside: (declaration) => isOutside(brandOfClass(declaration)),
    ruleOf: (node) => userRules.of(node),
    referTo: (name) => referTo(bindings, name, name),
    classReference: (declaration) => typeReference(bindings, declaration),
    requireLive: (object, name) => registerLive(bindings, object, name),
    environments: new Environments(lessons),
    packages,
    textWithReferences: (node) => textWithReferences(bindings, node, node),
    limits: options.limits ?? defaultLimits,
  };
  const rules = new Map<string, UserRule>();
  const derivatives = new Map<string, InnerDerivative>();
  const userRules = new UserRules(bindings, rules, context);
  const callees = new Callees(
    functions,
    context,
    new Map(found.filter(({ through }) => !through).map(({ node, key }) => [node, key])),
  );
  const needed: ModuleNeeded[] = [];
  let isStale = false;
  const lower = (one: FunctionToLower): IrFunction => {
    const { node, key, through = null } = one;
    const captured = capturedOf(one, file);
    for (;;)
      try {
        // A function that calls itself is differentiated as a call of it: one pair serves all of its calls.
        return through || isRecursive(node)
          ? lowerAsCall(node, key, context, { captured, through })
          : lowerFunction(node, key, context, { isAnnotated: true, captured });
      } catch (error) {
        if (!(error instanceof LessonLearned)) throw error;
        isStale ||= error.concernsAll;
        context.environments.beginAgain();
      }
  };
  for (const one of found) {
    const { node, key } = one;
    let asked = one.requests;
    try {
      const fn = lower(one);
      asked = asked.map((request) => behindCaptured(request, fn));
      for (const request of asked) checkRequest(fn, request, node, { isMarker: one.calls !== undefined });
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
  return { unit: { file: file.getFilePath(), functions, bindings, rules, derivatives }, requests, diagnostics };
}

/** What is captured comes before the function's own parameters. */
function behindCaptured(request: Request, { parameters }: IrFunction): Request {
  const count = parameters.filter((one) => one.capturedAs !== undefined).length;
  return { ...request, wrt: request.wrt.map((position) => position + count) };
}

/** A function of the unit that was lowered for some kind of call. */
interface SpecialisedCallee extends LoweredCallee {
  readonly passed: readonly Passed[];
}

function passesTheSame(callee: SpecialisedCallee, { passed }: Lifted): boolean {
  return callee.passed.every(({ type }, k) => sameType(type, passed[k]!.type));
}

/** A function that is specialised within itself this often will be for ever. */
const deepestReentry = 12;

/** Functions of the unit that others call, each lowered once. */
class Callees {
  private known = new Map<FunctionNode, LoweredCallee>();
  private specialised = new Map<string, readonly SpecialisedCallee[]>();
  /** Functions that are being specialised. */
  private readonly open: CallableNode[] = [];
  /** Kinds of what is being lowered to be differentiated. */
  private readonly openKinds = new Set<string>();
  private readonly taken: Set<string>;
  constructor(
    private readonly functions: Map<string, IrFunction>,
    private readonly context: UnitContext,
    private readonly requested: ReadonlyMap<FunctionNode, string>,
  ) {
    this.taken = new Set(requested.values());
  }

  require(fn: FunctionNode): LoweredCallee {
    return this.known.get(fn) ?? this.atomically(() => this.lower(fn));
  }

  requireSpecialised(plan: Specialisation): LoweredCallee {
    const kind = keyOf(plan.lifted);
    const { fn } = plan;
    const before = this.specialised.get(kind) ?? [];
    const known = before.find((callee) => passesTheSame(callee, plan.lifted));
    if (known) return known;
    if (this.open.filter((one) => one === fn).length > deepestReentry)
      refuse(
        fn,
        "recursion",
        "The functions that this function hands to itself are others in every call.",
        "Hand on a function that stays the same, or write the recursion as a loop.",
      );
    const key = this.keyFor(nameOfCallable(fn));
    const callee: SpecialisedCallee = { key, result: plan.result, passed: plan.lifted.passed };
    return this.atomically(() => {
      this.specialised.set(kind, [...before, callee]);
      this.open.push(fn);
      this.add(callee, lowerSpecialised(plan, key, this.context), fn);
      this.open.pop();
      return callee;
    });
  }

  requireDifferentiated(plan: Differentiation): LoweredCallee {
    const kind = `differentiated ${keyOf(plan.lifted)}`;
    const before = this.specialised.get(kind) ?? [];
    const known = before.find((callee) => passesTheSame(callee, plan.lifted));
    if (known) return known;
    if (this.openKinds.has(kind))
      refuse(
        plan.at,
        "recursion",
        "A function differentiates itself while it runs: how often is known only at run time.",
        "Write one function for each order of derivative.",
      );
    const key = this.keyFor(plan.name);
    return this.atomically(() => {
      this.openKinds.add(kind);
      const lowered = lowerDifferentiated(plan, key, this.context);
      this.openKinds.delete(kind);
      this.functions.set(key, lowered);
      const result = lowered.body.yields[0]?.type ?? null;
      const callee: SpecialisedCallee = { key, result, passed: plan.lifted.passed };
      this.specialised.set(kind, [...before, callee]);
      return callee;
    });
  }

  private lower(fn: FunctionNode): LoweredCallee {
    const key = this.keyFor(nameOfFunction(fn));
    const declared = isRecursive(fn) ? { key, result: resultType(this.context, fn.getReturnType(), fn) } : null;
    if (declared) this.known.set(fn, declared);
    const lowered = lowerFunction(fn, this.requested.get(fn) ?? key, this.context);
    const callee = declared ?? { key, result: lowered.body.yields[0]?.type ?? null };
    this.known.set(fn, callee);
    this.add(callee, lowered, fn);
    return callee;
  }

  private add(callee: LoweredCallee, lowered: IrFunction, node: CallableNode): void {
    if (callee.result && !lowered.body.yields[0])
      refuse(
        node,
        "recursion",
        "A function that calls itself never returns.",
        "Let it return where it does not throw.",
      );
    this.functions.set(callee.key, lowered);
  }

  /** Where it fails, functions that were lowered meanwhile may call the one that was not. */
  private atomically<T>(run: () => T): T {
    const [known, specialised] = [new Map(this.known), new Map(this.specialised)];
    const functions = new Set(this.functions.keys());
    const { length } = this.open;
    const kinds = [...this.openKinds];
    try {
      return run();
    } catch (error) {
      for (const key of this.functions.keys()) if (!functions.has(key)) this.functions.delete(key);
      this.open.length = length;
      this.openKinds.clear();
      kinds.forEach((kind) => this.openKinds.add(kind));
      this.known = known;
      this.specialised = specialised;
      throw error;
    }
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
