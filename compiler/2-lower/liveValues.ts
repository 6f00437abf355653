/**
 * Values of loaded packages: the functions, constants and tables that their modules hold while the program is compiled.
 * Functions are lowered from their source, constants written out.
 */
import { isBuiltin } from "node:module";
import { Node, SyntaxKind, VariableDeclarationKind } from "ts-morph";
import { importedName } from "../1-parse/importedNames.js";
import { newValue } from "../ir/build.js";
import type { Type, Value } from "../ir/ir.js";
import { isTypedArray } from "node:util/types";
import type { TypedArrayName } from "../ir/ir.js";
import { brandOf } from "./liveClasses.js";
import { isClass } from "./classes.js";
import { functionValue } from "./functionValues.js";
import {
  cellIn,
  constant,
  type FunctionValue,
  type Lowering,
  nullish,
  refuse,
  type Scope,
  spanOf,
  symbolOf,
} from "./lowering.js";
import { isOfPackage, type LiveFunction } from "./packageReader.js";
import { scratchOf } from "./scratch.js";
import { unwrap } from "./syntax.js";

export function isLiveFunction(value: unknown): value is LiveFunction {
  return typeof value === "function";
}

/** The function of a package that the code of a scope is part of. */
export function enclosingFunction(scope: Scope | null): LiveFunction | null {
  for (let at = scope; at; at = at.outer) if (at.live) return at.live;
  return null;
}

/** What an expression is among the values of loaded packages; null for what the program computes itself. */
export function liveOf(
  lowering: Lowering,
  expression: Node,
  scope: Scope | null = lowering.scope,
): { readonly value: unknown } | null {
  const node = lastOf(unwrap(expression));
  if (Node.isIdentifier(node)) {
    const cell = cellIn(scope, symbolOf(node));
    const held = cell && lowering.variables.get(cell);
    if (cell)
      return held && lowering.shared.liveObjects.has(held) ? { value: lowering.shared.liveObjects.get(held) } : null;
    if (!isOfPackage(node)) return importedValue(lowering, node) ?? constantPart(lowering, node);
    const owner = enclosingFunction(scope);
    return owner && lowering.unit.packages.captured(owner, node.getText());
  }
  if (Node.isPropertyAccessExpression(node)) {
    const owner = liveOf(lowering, node.getExpression(), scope);
    return owner && propertyOf(owner.value, node.getName());
  }
  if (!Node.isElementAccessExpression(node)) return null;
  const key = node.getArgumentExpression();
  const owner = Node.isStringLiteral(key) ? liveOf(lowering, node.getExpression(), scope) : null;
  return owner && propertyOf(owner.value, (key as import("ts-morph").StringLiteral).getLiteralText());
}

/** `(0, module.f)`, as compilers to older JavaScript write it. */
function lastOf(node: Node): Node {
  const isComma = Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.CommaToken;
  return isComma && Node.isLiteralExpression(node.getLeft()) ? lastOf(unwrap(node.getRight())) : node;
}

/** A property that is there, and whose value does not depend on when it is asked for. */
export function propertyOf(owner: unknown, name: string): { readonly value: unknown } | null {
  const isObject = (typeof owner === "object" && owner !== null) || typeof owner === "function";
  if (!isObject || !(name in owner)) return null;
  return { value: (owner as Record<string, unknown>)[name] };
}

/** What a name stands for that is imported from a package, or from a module of which only the types are known. */
function importedValue(lowering: Lowering, node: Node): { readonly value: unknown } | null {
  const imported = importedName(node);
  if (!imported || imported.module === "adjoint" || isBuiltin(imported.module)) return null;
  const symbol = node.getSymbol();
  const target = symbol?.isAlias() ? symbol.getAliasedSymbol() : symbol;
  const declarations = target?.getDeclarations() ?? [];
  const isRead = declarations.some((one) => !one.getSourceFile().isDeclarationFile() && !Node.isImportSpecifier(one));
  if (isRead && imported.name !== "*") return null;
  if (imported.name === "*" && !isDeclaredOnly(declarations)) return null;
  const loaded = lowering.unit.packages.exportsOf(imported.module, imported.file);
  if ("failure" in loaded)
    refuse(
      node,
      "unreadablePackage",
      `${imported.module} cannot be loaded to read its functions: ${loaded.failure}.`,
      imported.module.startsWith(".")
        ? "Correct the path of the import."
        : "Say with defineRule what the derivative is, or write stopGradient(…) where there is none.",
    );
  return exported(loaded.exports, imported.name);
}

/** `const { sum } = statistics` at the top of a module of the project. */
function constantPart(lowering: Lowering, node: Node): { readonly value: unknown } | null {
  const declaration = node.getSymbol()?.getDeclarations()[0];
  const list = declaration?.getFirstAncestorByKind(SyntaxKind.VariableDeclarationList);
  if (list?.getDeclarationKind() !== VariableDeclarationKind.Const) return null;
  if (!Node.isSourceFile(list.getParent()?.getParent())) return null;
  if (Node.isVariableDeclaration(declaration)) {
    const made = declaration.getInitializer();
    return made && isPath(made) ? liveOf(lowering, made, null) : null;
  }
  const owner = Node.isBindingElement(declaration) ? declaration.getParent().getParent() : undefined;
  const made = Node.isVariableDeclaration(owner) ? owner.getInitializer() : undefined;
  const whole = made && isPath(made) ? liveOf(lowering, made, null) : null;
  const element = declaration as import("ts-morph").BindingElement;
  return whole && propertyOf(whole.value, element.getPropertyNameNode()?.getText() ?? element.getName());
}

function isPath(node: Node): boolean {
  return Node.isIdentifier(node) || (Node.isPropertyAccessExpression(node) && isPath(node.getExpression()));
}

function isDeclaredOnly(declarations: readonly Node[]): boolean {
  return declarations.every((one) => one.getSourceFile().isDeclarationFile());
}

/** An export by name, also where a CommonJS module is seen through its default. */
function exported(namespace: unknown, name: string): { readonly value: unknown } | null {
  if (name === "*") return { value: namespace };
  const whole = propertyOf(namespace, "default");
  if (name !== "default") return propertyOf(namespace, name) ?? (whole && propertyOf(whole.value, name));
  const isTranspiled = whole && typeof whole.value === "object" && propertyOf(whole.value, "__esModule");
  return (isTranspiled && propertyOf(whole.value, "default")) || whole || { value: namespace };
}

/** Longer arrays of words or functions are not taken apart. */
const longestList = 32;

// ------------------------------------------------------------------------------------------------------ functions

const mathNames = new Map<unknown, string>(
  Object.getOwnPropertyNames(Math).map((name) => [(Math as unknown as Record<string, unknown>)[name], name]),
);

/** A function of a package, as it can be called. */
export function liveFunction(lowering: Lowering, fn: LiveFunction): FunctionValue {
  const math = mathNames.get(fn);
  if (math !== undefined && math !== "random") return { kind: "math", name: math };
  const { packages } = lowering.unit;
  const bound = packages.boundParts(fn);
  if (bound) {
    const target = liveFunction(lowering, bound.target);
    const first = (bound.args as readonly unknown[]).map((value) => lowerLive(lowering, value, null, null));
    return first.length === 0 ? target : { kind: "partial", fn: target, first };
  }
  const node = packages.nodeOf(fn);
  if (!node || isClass(node)) return { kind: "native", fn };
  return { kind: "closure", node, scope: liveScope(lowering, fn), self: null };
}

/** The scope in which a function of a package stands. */
export function liveScope(lowering: Lowering, fn: LiveFunction): Scope {
  const { liveScopes } = lowering.shared;
  let scope = liveScopes.get(fn);
  if (!scope)
    liveScopes.set(
      fn,
      (scope = {
        cells: new Map(),
        outer: lowering.shared.packageScope,
        self: undefined,
        isCaptured: true,
        live: fn,
      }),
    );
  return scope;
}

// -------------------------------------------------------------------------------------------------------- values

/** A value of a package as a value of the program. */
export function lowerLive(lowering: Lowering, value: unknown, name: string | null, node: Node | null): Value {
  if (value === undefined || value === null) return nullish(lowering, value);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
    const isNamed = typeof value === "number" && Object.is(value, Math.PI);
    return constant(lowering, value, isNamed ? "Math.PI" : null);
  }
  if (isLiveFunction(value)) return functionValue(lowering, liveFunction(lowering, value));
  const scratch = typeof value === "object" ? scratchOf(lowering, value, name ?? "scratch") : null;
  if (scratch) return scratch;
  const type = typeof value === "object" ? typeOfLive(value) : null;
  const result = newValue(type ?? { kind: "opaque", text: "object" }, { span: node && spanOf(node) });
  if (type) {
    const binding = lowering.unit.requireLive(value as object, name ?? "table");
    lowering.builder.add({ kind: "global", result, binding, span: node && spanOf(node) });
    lowering.shared.globals.add(result);
  } else lowering.builder.add({ kind: "placeholder", result, span: null });
  if (typeof value === "object") lowering.shared.liveObjects.set(result, value);
  if (Array.isArray(value) && !value.every((item) => typeof item === "number") && value.length <= longestList)
    lowering.shared.lists.set(
      result,
      value.map((item) => lowerLive(lowering, item, null, node)),
    );
  return result;
}

/** What of an object is data; null where it is more than that. */
function typeOfLive(value: unknown, depth = 0): Type | null {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    return { kind: typeof value as "number" };
  if (typeof value !== "object" || value === null || depth > 6) return null;
  if (isTypedArray(value)) {
    const name = value.constructor.name;
    return /^Big/.test(name) ? null : { kind: "typedArray", name: name as TypedArrayName };
  }
  if (Array.isArray(value)) {
    const types = value.map((item) => typeOfLive(item, depth + 1));
    const [first] = types;
    if (types.length > 0 && !types.every((type) => type && first && JSON.stringify(type) === JSON.stringify(first)))
      return null;
    return { kind: "array", element: first ?? { kind: "number" }, isReadonly: true };
  }
  const brand = brandOf(value);
  if (brand === null && Object.getPrototypeOf(value) !== Object.prototype) return null;
  const fields = Object.entries(value).flatMap(([name, held]) => {
    const type = typeOfLive(held, depth + 1);
    return type ? [{ name, type, isOptional: false }] : [];
  });
  if (fields.length === 0) return null;
  return { kind: "record", name: null, fields, ...(brand !== null && { brands: [brand] }) };
}

/** The source text of the data in an object. */
export function literalOf(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (isTypedArray(value))
    return `new ${value.constructor.name}([${[...(value as unknown as number[])].map(literalOf).join(", ")}])`;
  if (Array.isArray(value)) return `[${value.map(literalOf).join(", ")}]`;
  const fields = Object.entries(value as object).filter(([, held]) => typeOfLive(held) !== null);
  return `{ ${fields.map(([name, held]) => `${JSON.stringify(name)}: ${literalOf(held)}`).join(", ")} }`;
}
