/** The rules that a unit uses: read from their source, what they name bound for emission, partials lowered. */
import { Node, type Signature, SyntaxKind } from "ts-morph";
import type { IrFunction, Type, UserRule } from "../ir/ir.js";
import { referenceText } from "../ir/references.js";
import { canCarryDerivative } from "../ir/types.js";
import { declarationOf, type FoundRule, rulesOf } from "./findRules.js";
import { declaredFunction } from "./recursion.js";
import { lowerFunction } from "./lowerFunction.js";
import { type FunctionNode, refuse } from "./lowering.js";
import type { UnitContext } from "./unitContext.js";
import { addImport, type Bindings, referTo, textWithReferences } from "./mentions.js";
import { isPureFunction, refuseImproper } from "./ruledFunctions.js";
import { isFunctionLike, unwrap } from "./syntax.js";

/** A rule, as calls of its function see it. */
export interface RuleInUnit {
  /** Of the rule in the unit's table, and of the function in that of the bindings. */
  readonly key: string;
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** For each parameter, whether the rule has a derivative for it. */
  readonly isSmooth: readonly boolean[];
  readonly isPure: boolean;
}

export class UserRules {
  private readonly known = new Map<Node, RuleInUnit>();
  constructor(
    private readonly bindings: Bindings,
    private readonly rules: Map<string, UserRule>,
    private readonly context: UnitContext,
  ) {}

  /** The rule of the function that a name or a declaration stands for; null where it has none. */
  of(node: Node): RuleInUnit | null {
    const declaration = isFunctionLike(node) ? declarationOfFunction(node) : declarationOf(node);
    if (!declaration) return null;
    const known = this.known.get(declaration);
    if (known) return known;
    const [found, second] = rulesOf(node.getProject()).of(declaration);
    if (!found) return null;
    if (second) refuse(second.call, "duplicateRule", `${found.target.getText()} has two rules.`, "Keep one of them.");
    return this.read(declaration, found);
  }

  private read(declaration: Node, found: FoundRule): RuleInUnit {
    const name = nameOf(found.target);
    const key = referTo(this.bindings, found.target, found.call);
    if (key === null) unusable(found.target, `${name} cannot be imported, so that the generated file cannot name it.`);
    const signature = signatureOf(found, name);
    const typeOf = (type: import("ts-morph").Type): Type => this.context.typeOf(type, found.target);
    const parameters = signature.getParameters().map((one) => typeOf(one.getTypeAtLocation(found.target)));
    const result = typeOf(signature.getReturnType());
    const parts = partsOf(found.rule, result);
    const fn = declaredFunction(found.target);
    if (fn) refuseImproper(fn, name, found.call);
    const isSmooth =
      parts.kind === "partials"
        ? parts.partials.map((one) => one !== null)
        : parameters.map((type) => canCarryDerivative(type) || type.kind === "opaque");
    if (isSmooth.length !== parameters.length)
      unusable(found.rule, `${name} has ${parameters.length} parameters, and the rule ${isSmooth.length} partials.`);
    const rule: RuleInUnit = {
      key,
      name,
      parameters,
      result,
      isSmooth,
      isPure: fn !== null && isPureFunction(fn),
    };
    // Known before its parts are read: they may call the function.
    this.known.set(declaration, rule);
    try {
      this.rules.set(key, this.unitRule(parts, name, key));
    } catch (error) {
      this.known.delete(declaration);
      throw error;
    }
    return rule;
  }

  private unitRule(parts: RuleParts, name: string, key: string): UserRule {
    if (parts.kind === "partials") {
      return { kind: "partials", partials: parts.partials.map((partial) => partial && this.partial(partial, name)) };
    }
    const pullback = this.bind(parts.pullback, name, key, "Pullback");
    const pushforward = parts.pushforward && this.bind(parts.pushforward, name, key, "Pushforward");
    return { kind: "pullback", pullback, pushforward };
  }

  private partial(partial: FunctionNode, name: string): IrFunction {
    const fn = lowerFunction(partial, `${name}Partial`, this.context, { isRule: true });
    if (fn.body.yields[0]?.type.kind !== "number") unusable(partial, "A partial gives a number.");
    return fn;
  }

  /** A part by its name; what is written in place becomes a declaration of the generated file. */
  private bind(part: Node, name: string, fn: string, type: "Pullback" | "Pushforward"): string {
    if (!isFunctionLike(part)) {
      const key = referTo(this.bindings, part, part);
      if (key === null) unusable(part, `${part.getText()} is not declared or imported at the top of a module.`);
      return key;
    }
    const file = part.getSourceFile();
    const key = `${file.getFilePath()}#${part.getStart()}`;
    // As the user would import it, so that both are one import.
    const typeKey = addImport(this.bindings, {
      name: type,
      file: "adjoint",
      exportedAs: type,
      inTypes: "only",
      module: "adjoint",
    });
    const label = `${name}${type}`;
    const typeText = referenceText({ key: typeKey, name: type, isType: true });
    const fnText = referenceText({ key: fn, name, isType: false });
    const text = expressionText(part, textWithReferences(this.bindings, part, part));
    this.bindings.set(key, {
      name: label,
      file: file.getFilePath(),
      exportedAs: null,
      declarationText: `const ${referenceText({ key, name: label, isType: false })}: ${typeText}<typeof ${fnText}> = ${text};`,
      inTypes: "never",
    });
    return key;
  }
}

/** `pullback(x) {…}` of an object as an expression. */
function expressionText(part: FunctionNode, text: string): string {
  return Node.isMethodDeclaration(part) ? text.replace(/^\w+\s*/, "function ") : text;
}

function nameOf(target: Node): string {
  return Node.isPropertyAccessExpression(target) ? target.getName() : target.getText();
}

function declarationOfFunction(fn: FunctionNode): Node | undefined {
  if (Node.isFunctionDeclaration(fn)) return fn.getSymbol()?.getDeclarations()[0];
  const owner = fn.getParentWhile((parent, child) => unwrap(parent) === unwrap(child))?.getParent() ?? fn.getParent();
  return Node.isVariableDeclaration(owner) ? owner : undefined;
}

const whatToWrite =
  "Write defineRule(f, { partials: […] }) or defineRule(f, { pullback: …, pushforward: … }), with functions in place or by name.";

export function unusable(node: Node, message: string, suggestion = whatToWrite): never {
  return refuse(node, "unusableRule", message, suggestion);
}

function signatureOf({ target }: FoundRule, name: string): Signature {
  const [signature, ...others] = target.getType().getCallSignatures();
  if (!signature || others.length > 0)
    unusable(
      target,
      `${name} has several signatures, and a rule is for one.`,
      "Wrap the one that is meant in a function of its own, and give that the rule.",
    );
  if (signature.getParameters().some((parameter) => parameter.getDeclarations().some(isRest)))
    unusable(
      target,
      `${name} takes any number of arguments, and a rule is for a fixed number.`,
      "Wrap it in a function with an array, and give that the rule.",
    );
  return signature;
}

function isRest(declaration: Node): boolean {
  return Node.isParameterDeclaration(declaration) && declaration.isRestParameter();
}

// ---------------------------------------------------------------------------------------------------------- its parts

type RuleParts =
  | { readonly kind: "partials"; readonly partials: readonly (FunctionNode | null)[] }
  | { readonly kind: "pullback"; readonly pullback: Node; readonly pushforward: Node | null };

function partsOf(rule: Node, result: Type): RuleParts {
  const literal = literalOf(rule);
  const parts = new Map<string, Node>();
  for (const property of literal.getProperties()) {
    if (
      !Node.isPropertyAssignment(property) &&
      !Node.isShorthandPropertyAssignment(property) &&
      !Node.isMethodDeclaration(property)
    )
      unusable(property, "A rule is written out: partials, or a pullback and perhaps a pushforward.");
    const value = Node.isPropertyAssignment(property)
      ? unwrap(property.getInitializerOrThrow())
      : Node.isMethodDeclaration(property)
        ? property
        : property.getNameNode();
    parts.set(property.getName(), value);
  }
  const [partials, pullback] = [parts.get("partials"), parts.get("pullback")];
  const unknown = [...parts.keys()].find((name) => !["partials", "pullback", "pushforward"].includes(name));
  if (unknown !== undefined || (partials ? parts.size > 1 : !pullback))
    unusable(literal, "A rule has either partials, or a pullback and perhaps a pushforward.");
  const isNumber = result.kind === "number";
  if (partials && !isNumber) unusable(partials, "Partials are for functions that give one number.", "Give a pullback.");
  if (!isNumber && (!canCarryDerivative(result) || result.kind === "optional"))
    unusable(literal, "A rule is for a function that gives numbers: one, an array, a tuple or a record of them.");
  if (partials) return { kind: "partials", partials: partialsOf(partials) };
  const pushforward = parts.get("pushforward");
  return { kind: "pullback", pullback: partOf(pullback!), pushforward: pushforward ? partOf(pushforward) : null };
}

/** The object, written in place or as a constant of a module. */
function literalOf(rule: Node): import("ts-morph").ObjectLiteralExpression {
  const node = unwrap(rule);
  if (Node.isObjectLiteralExpression(node)) return node;
  const declaration = Node.isIdentifier(node) ? declarationOf(node) : undefined;
  const initializer = Node.isVariableDeclaration(declaration) ? declaration.getInitializer() : undefined;
  const literal = initializer && unwrap(initializer);
  if (Node.isObjectLiteralExpression(literal)) return literal;
  return unusable(rule, "The rule is not written out as an object.");
}

function partialsOf(node: Node): readonly (FunctionNode | null)[] {
  if (!Node.isArrayLiteralExpression(node)) return unusable(node, "Partials are written out as an array.");
  return node.getElements().map((element) => {
    const partial = unwrap(element);
    if (Node.isNullLiteral(partial)) return null;
    const fn = declaredFunction(partial);
    return fn ?? unusable(element, "A partial is an arrow function, a function whose body is known, or null.");
  });
}

/** A pullback or a pushforward: a function written in place, or a name. */
function partOf(node: Node): Node {
  const isAsync = isFunctionLike(node) && node.isAsync();
  const isName = Node.isIdentifier(node) || Node.isPropertyAccessExpression(node);
  if (isAsync || node.getKind() === SyntaxKind.NullKeyword || !(isFunctionLike(node) || isName))
    unusable(node, "A pullback or a pushforward is a function, or the name of one.");
  return node;
}
