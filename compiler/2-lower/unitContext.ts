import type { Node, Type as SourceType } from "ts-morph";
import type { Diagnostic } from "../diagnostics.js";
import type { InnerDerivative, IrFunction, RecordType, Type } from "../ir/ir.js";
import type { ClassNode } from "./classes.js";
import type { Environments } from "./environments.js";
import type { Differentiation } from "./innerDerivatives.js";
import type { Lessons } from "./lessons.js";
import type { FunctionNode } from "./lowering.js";
import type { PackageReader } from "./packageReader.js";
import type { Specialisation } from "./specialised.js";
import type { LoweredCallee } from "./splitCall.js";
import type { RuleInUnit } from "./userRules.js";

/** What lowering asks of the file it works for. */
export interface UnitContext {
  typeOf(type: SourceType, at: Node): Type;
  /** The key of a module-level constant, registered for emission. */
  requireBinding(declaration: Node, at: Node): string;
  report(diagnostic: Diagnostic): void;
  /** The class of a record's brand. */
  classNamed(brand: string): ClassNode | null;
  /** What `new` gives of the class; null where instances differ in what they hold. */
  instanceType(declaration: ClassNode): RecordType | null;
  /** What a `new` expression gives. */
  typeOfNew(node: Node): Type;
  /** Arguments of annotated functions may hold instances of the class. */
  comesFromOutside(declaration: ClassNode): boolean;
  /** The function, lowered by itself. */
  requireFunction(fn: FunctionNode): LoweredCallee;
  /** A function of the unit; null where it is not lowered yet. */
  functionOf(key: string): IrFunction | null;
  /** The function, lowered for what it is called with. */
  requireSpecialised(plan: Specialisation): LoweredCallee;
  /** What is differentiated inside of a function, lowered for what it is called with. */
  requireDifferentiated(plan: Differentiation): LoweredCallee;
  /** The key of a derivative, registered to be made. */
  requireDerivative(derivative: InnerDerivative): string;
  /** The rule of the function that a name or a declaration stands for; null where it has none. */
  ruleOf(node: Node): RuleInUnit | null;
  /** The key of what a name stands for, registered for emission; null where it has no place in a module. */
  referTo(name: Node): string | null;
  /** A class as a type mentions it; null where it cannot be mentioned. */
  classReference(declaration: Node): string | null;
  /** The text of a node, with references to what it mentions of modules. */
  textWithReferences(node: Node): string;
  /** The key of an object of a package, registered for emission as a constant of that name. */
  requireLive(object: object, name: string): string;
  readonly environments: Environments;
  readonly packages: PackageReader;
  readonly lessons: Lessons;
  readonly limits: InlineLimits;
}

/** Sizes in nodes of syntax. */
export interface InlineLimits {
  /** A larger function is called, not inlined. */
  readonly callee: number;
  /** The same for a function that is called in one place only. */
  readonly calledOnce: number;
  /** No more than this is inlined into one function. */
  readonly total: number;
}
