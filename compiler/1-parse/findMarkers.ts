/**
 * Parsing for the plugin: which calls of a file are markers, `grad(f, { wrt: 0 })`, and what each asks for.
 *
 * Needs: a source file in a ts-morph project. Guarantees: every marker names a function with a body and parameters that
 * it has, no two generated names collide with one another or with a name of the file; everything else is a diagnostic.
 */
import {
  type CallExpression,
  type Identifier,
  Node,
  type SourceFile,
  type Symbol as SourceSymbol,
  SyntaxKind,
} from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import type { Request } from "../requests.js";
import type { AnnotatedFunction, AnnotatedNode } from "./findRequests.js";
import { derivativeOf, functionNamed, type MarkerVerb, nameThrough, unwrap, verbs } from "./markedFunction.js";

/** A call to be replaced. */
export interface Marker {
  readonly call: CallExpression;
  /** Of the function in the file's table. */
  readonly function: string;
  /** Of the derivative. */
  readonly generated: string;
}

export interface MarkedFunction extends AnnotatedFunction {
  /** The markers that name it. */
  readonly calls: readonly Node[];
  /** `grad(f)`, where a derivative of the function is what is differentiated. */
  readonly through: CallExpression | null;
}

export interface MarkedFile {
  readonly functions: readonly MarkedFunction[];
  readonly markers: readonly Marker[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The module that markers are imported from. */
const markerModule = "adjoint";

export function findMarkers(file: SourceFile): MarkedFile {
  const diagnostics: Diagnostic[] = [];
  const markers: Marker[] = [];
  const functions: MarkedFunction[] = [];
  const taken = new Set(file.getFullText().match(/[A-Za-z_$][\w$]*/g));
  let end = 0;
  for (const { verb, use } of usesOfMarkers(file)) {
    // What stands in a marker goes with it.
    if (use.getStart() < end) continue;
    try {
      const call = callOf(use);
      end = call.getEnd();
      const asked = read(call, verb);
      const position = functions.findIndex(
        (one) => one.node === asked.node && isSameDerivative(one.through, asked.through),
      );
      const before = functions[position];
      const known = before?.requests.find((one) => isSame(one, asked));
      const name = before?.key ?? unused(asked.name, (one) => functions.some(({ key }) => key === one));
      const request = known ?? requestOf(asked, name, taken);
      const requests = known ? before!.requests : [...(before?.requests ?? []), request];
      const calls = [...(before?.calls ?? []), call];
      const marked = { node: asked.node, key: name, requests, calls, through: asked.through };
      if (before) functions[position] = marked;
      else functions.push(marked);
      markers.push({ call, function: name, generated: `${verb}${request.stem}` });
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  }
  return { functions, markers, diagnostics };
}

interface Asked {
  readonly verb: MarkerVerb;
  readonly node: AnnotatedNode;
  readonly through: CallExpression | null;
  readonly name: string;
  readonly wrt: readonly number[];
  readonly isBare: boolean;
  readonly call: CallExpression;
}

/** Two derivatives of one function that are written alike. */
function isSameDerivative(one: CallExpression | null, other: CallExpression | null): boolean {
  return one === other || (one !== null && other !== null && one.getText() === other.getText());
}

function isSame(request: Request, { verb, wrt, isBare }: Asked): boolean {
  return request.verbs[0] === verb && request.isBare === isBare && request.wrt.join() === wrt.join();
}

function requestOf({ verb, wrt, isBare, call }: Asked, name: string, taken: Set<string>): Request {
  const upper = name.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const stem = unused(upper, (one) => taken.has(`${verb}${one}`));
  taken.add(`${verb}${stem}`);
  const wrtPaths = wrt.map(() => []);
  return {
    function: name,
    displayName: name,
    stem,
    verbs: [verb],
    wrt,
    wrtPaths,
    isBare,
    of: null,
    span: { file: call.getSourceFile().getFilePath(), start: call.getStart(), end: call.getEnd() },
  };
}

function unused(name: string, isTaken: (name: string) => boolean): string {
  let free = name;
  for (let k = 2; isTaken(free); k++) free = `${name}${k}`;
  return free;
}

function fail(node: Node, code: string, message: string, suggestion: string): never {
  const span = { file: node.getSourceFile().getFilePath(), start: node.getStart(), end: node.getEnd() };
  throw new DiagnosticError({ code, severity: "error", span, message, suggestion });
}

interface Use {
  readonly verb: MarkerVerb;
  /** `grad`, or `adjoint.grad`. */
  readonly use: Node;
}

/** Where the file mentions markers, under whatever names it imports them, in the order of the text. */
function usesOfMarkers(file: SourceFile): readonly Use[] {
  const named = new Map<string, { verb: MarkerVerb; at: Identifier }>();
  const namespaces = new Map<string, Identifier>();
  const uses: Use[] = [];
  for (const declaration of file.getExportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== markerModule || declaration.isTypeOnly()) continue;
    // Handed on to modules in which nobody looks for them.
    for (const one of declaration.getNamedExports()) {
      const verb = verbs.find((known) => known === one.getName());
      if (verb) uses.push({ verb, use: one.getNameNode() });
    }
  }
  for (const declaration of file.getImportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== markerModule || declaration.isTypeOnly()) continue;
    const namespace = declaration.getNamespaceImport();
    if (namespace) namespaces.set(namespace.getText(), namespace);
    for (const one of declaration.getNamedImports()) {
      const verb = verbs.find((known) => known === one.getName());
      const at = one.getAliasNode() ?? one.getNameNode();
      if (verb && Node.isIdentifier(at) && !one.isTypeOnly()) named.set(at.getText(), { verb, at });
    }
  }
  if (named.size + namespaces.size === 0) return uses;
  for (const node of file.getDescendantsOfKind(SyntaxKind.Identifier)) {
    const [marker, namespace] = [named.get(node.getText()), namespaces.get(node.getText())];
    const at = marker?.at ?? namespace;
    if (!at || node === at || isName(node) || valueOf(node) !== at.getSymbol()) continue;
    if (marker) uses.push({ verb: marker.verb, use: node });
    if (!namespace) continue;
    const access = node.getParent();
    // Taken apart, or handed on: markers get out of sight.
    if (!Node.isPropertyAccessExpression(access)) uses.push({ verb: "grad", use: node });
    const verb = Node.isPropertyAccessExpression(access) && verbs.find((known) => known === access.getName());
    if (verb) uses.push({ verb, use: access });
  }
  return uses;
}

/** What a name means as a value. */
function valueOf(node: Identifier): SourceSymbol | undefined {
  const parent = node.getParent();
  return Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : node.getSymbol();
}

/** It names a member, or declares something, or stands in a type. */
function isName(node: Identifier): boolean {
  const parent = node.getParent();
  if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() === node;
  return (
    Node.isImportSpecifier(parent) ||
    Node.isTypeQuery(parent) ||
    Node.isQualifiedName(parent) ||
    (Node.isPropertyAssignment(parent) && parent.getNameNode() === node)
  );
}

function callOf(use: Node): CallExpression {
  let callee = use;
  for (let parent = callee.getParent(); Node.isParenthesizedExpression(parent); parent = parent.getParent())
    callee = parent;
  const call = callee.getParent();
  if (Node.isCallExpression(call) && call.getExpression() === callee) return call;
  return fail(
    use,
    "markerAsValue",
    `${use.getText()} is not called here, and only its calls are replaced by generated code.`,
    `Call it with the function: ${use.getText()}(f).`,
  );
}

function read(call: CallExpression, verb: MarkerVerb): Asked {
  const [what, options, ...more] = call.getArguments();
  if (!what) return fail(call, "unknownFunction", `${verb} is called without a function.`, `Write ${verb}((x) => …).`);
  const found = functionNamed(what);
  if (!found)
    fail(
      what,
      "unknownFunction",
      `Which function ${verb} differentiates is not known when the program is built.`,
      isParameter(what)
        ? "Ask for the derivative where the function is written, and pass it on beside the function."
        : `Name a function with a body, or write it in place: (x) => ${Node.isPropertyAccessExpression(what) ? what.getText() : "f"}(x).`,
    );
  const { node, through } = found;
  if (through && ["jvp", "hvp", "vjp"].includes(derivativeOf(through)!))
    fail(
      what,
      "unknownFunction",
      `${derivativeOf(through)} gives a function of other arguments, which is not differentiated as it is.`,
      "Write a function that calls it in place: (x) => jvp(f)([x], v).",
    );
  const { wrt, isBare } = wrtOf(options ?? more[0]);
  const parameters = node.getParameters().filter((one) => one.getName() !== "this");
  if (parameters.length === 0)
    fail(
      what,
      "noParameters",
      "The function has no parameters to differentiate with respect to.",
      "Pass the variables as parameters.",
    );
  const unknown = wrt.find((position) => position >= parameters.length);
  if (unknown !== undefined)
    fail(
      options!,
      "unknownParameter",
      `There is no parameter ${unknown}.`,
      `The parameters are ${parameters.map((one, k) => `${k} (${one.getName()})`).join(", ")}.`,
    );
  const own = found.name ?? nameAround(call);
  return { verb, node, through, name: nameThrough(through, own), wrt, isBare, call };
}

function isParameter(node: Node): boolean {
  return (node.getSymbol()?.getDeclarations() ?? []).some(Node.isParameterDeclaration);
}

function wrtOf(options: Node | undefined): Pick<Asked, "wrt" | "isBare"> {
  if (!options) return { wrt: [0], isBare: true };
  const advice = "Write { wrt: 0 } or { wrt: [0, 1] }.";
  const refuse = (at: Node): never =>
    fail(at, "markerOptions", "These options are not known when the program is built.", advice);
  const literal = unwrap(options);
  if (!Node.isObjectLiteralExpression(literal)) return refuse(options);
  const [property, ...others] = literal.getProperties();
  if (!property) return { wrt: [0], isBare: true };
  const other = [property, ...others].find((one) => Node.isPropertyAssignment(one) && one.getName() !== "wrt");
  if (other) fail(other, "markerOptions", "The only option is wrt, positions of parameters.", advice);
  if (others[0] || !Node.isPropertyAssignment(property)) return refuse(others[0] ?? property);
  const position = (node: Node): number => {
    const number = Number(unwrap(node).getText());
    if (Number.isNaN(number)) return refuse(node);
    if (Number.isInteger(number) && number >= 0) return number;
    return fail(node, "markerOptions", "Parameters are numbered 0, 1, 2.", advice);
  };
  const value = unwrap(property.getInitializerOrThrow());
  if (!Node.isArrayLiteralExpression(value)) return { wrt: [position(value)], isBare: true };
  const wrt = value.getElements().map(position);
  if (new Set(wrt).size < wrt.length)
    fail(value, "duplicateParameter", "A parameter is named twice after wrt.", "Name it once.");
  if (wrt.length === 0) fail(value, "markerOptions", "wrt names no parameter.", advice);
  return { wrt, isBare: false };
}

/** A name for a function without one: that of what the derivative is called. */
function nameAround(call: CallExpression): string {
  const owner = call.getFirstAncestor((one) => !Node.isExpression(one));
  const name = Node.isVariableDeclaration(owner) || Node.isPropertyAssignment(owner) ? owner.getName() : "";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : "function";
}
