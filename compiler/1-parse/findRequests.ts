/**
 * Parsing: which functions of a file are annotated, and what is asked of them.
 *
 * Needs: a source file in a ts-morph project. Guarantees: every request names a known verb and existing parameters, no
 * two generated names collide; everything else is a diagnostic.
 */
import { type JSDocTag, Node, type SourceFile } from "ts-morph";
import { type Diagnostic, DiagnosticError } from "../diagnostics.js";
import type { Span } from "../ir/ir.js";
import type { OutputPlace, Request, Verb } from "../requests.js";
import { knownVerbs, readTag, type TagText } from "./tags.js";

export type AnnotatedNode =
  | import("ts-morph").FunctionDeclaration
  | import("ts-morph").FunctionExpression
  | import("ts-morph").ArrowFunction
  | import("ts-morph").MethodDeclaration;

export interface AnnotatedFunction {
  readonly node: AnnotatedNode;
  /** Unique in the file. */
  readonly key: string;
  readonly requests: readonly Request[];
}

export interface ParseResult {
  readonly functions: readonly AnnotatedFunction[];
  readonly diagnostics: readonly Diagnostic[];
}

export function findRequests(file: SourceFile): ParseResult {
  const diagnostics: Diagnostic[] = [];
  const functions: AnnotatedFunction[] = [];
  const taken = new Map<string, Span>();
  const marks = [...file.getFullText().matchAll(/@differentiable/g)].map((match) => match.index);
  file.forEachDescendant((node, traversal) => {
    // A node begins with the comments before it.
    const isMarked = marks.some((mark) => node.getPos() <= mark && mark < node.getEnd());
    if (!isMarked) traversal.skip();
    if (!isMarked || !Node.isJSDocable(node)) return;
    const tags = node
      .getJsDocs()
      .flatMap((doc) => doc.getTags().filter((tag) => tag.getTagName() === "differentiable"));
    if (tags.length === 0) return;
    try {
      const found = functionOf(node, tags[0]!);
      const requests = tags.map((tag) => requestOf(tag, found.node, found.name));
      for (const request of requests) claimNames(request, taken);
      functions.push({ node: found.node, key: found.name, requests });
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  });
  return { functions, diagnostics };
}

function fail(node: Node, code: string, message: string, suggestion: string): never {
  throw new DiagnosticError({ code, severity: "error", span: spanOf(node), message, suggestion });
}

function spanOf(node: Node): Span {
  return { file: node.getSourceFile().getFilePath(), start: node.getStart(), end: node.getEnd() };
}

/** The function a tag stands on, and its name. */
function functionOf(node: Node, tag: JSDocTag): { node: AnnotatedNode; name: string } {
  if (Node.isFunctionDeclaration(node)) {
    const implementation = node.isOverload() ? (node.getImplementation() ?? node) : node;
    return { node: implementation, name: node.getName() ?? nameOfFile(node.getSourceFile()) };
  }
  if (Node.isMethodDeclaration(node)) {
    const owner = node.getParent();
    if (!Node.isClassDeclaration(owner) || (!node.isStatic() && !owner.getName()))
      fail(
        tag,
        "annotatedMethod",
        "The tag stands on a method of an object or of a class without a name.",
        "Make it a function that takes the object, or a method of a class with a name.",
      );
    return { node, name: `${owner.getName() ?? "Class"}.${node.getName()}` };
  }
  if (Node.isExportAssignment(node)) {
    const made = node.getExpression();
    if (Node.isArrowFunction(made) || Node.isFunctionExpression(made))
      return { node: made, name: nameOfFile(node.getSourceFile()) };
  }
  if (Node.isVariableStatement(node)) {
    const declaration = node.getDeclarations()[0]!;
    const initializer = declaration.getInitializer();
    if (initializer && (Node.isArrowFunction(initializer) || Node.isFunctionExpression(initializer)))
      return { node: initializer, name: declaration.getName() };
  }
  return fail(
    tag,
    "notAFunction",
    "@differentiable stands on something that is not a function.",
    "Put it on a function declaration or a const arrow function.",
  );
}

function nameOfFile(file: SourceFile): string {
  return file.getBaseNameWithoutExtension().replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function requestOf(tag: JSDocTag, node: AnnotatedNode, name: string): Request {
  const text = readTag(tag.getCommentText() ?? "");
  if (!text)
    fail(
      tag,
      "malformedTag",
      "The tag does not follow `@differentiable [verb, …] [wrt name, …] [of name, …] [as Name]`.",
      "Write, for example, `@differentiable valueAndGrad wrt x`.",
    );
  const verbs = verbsOf(tag, text);
  const wrt = parametersOf(tag, node, text);
  const stem =
    text.as ??
    name
      .split(".")
      .map((part) => part[0]!.toUpperCase() + part.slice(1))
      .join("");
  return {
    function: name,
    displayName: name,
    stem: stem[0]!.toUpperCase() + stem.slice(1),
    verbs,
    wrt: wrt.map(({ position }) => position),
    wrtPaths: wrt.map(({ path }) => path),
    isBare: wrt.length === 1,
    of: text.of && text.of.map((name) => outputOf(node, name)),
    span: spanOf(tag),
  };
}

function verbsOf(tag: JSDocTag, text: TagText): readonly Verb[] {
  for (const verb of text.verbs)
    if (!knownVerbs.has(verb))
      fail(tag, "unknownVerb", `${verb} is not a verb.`, `Use one of ${[...knownVerbs].join(", ")}.`);
  if (new Set(text.verbs).size < text.verbs.length)
    fail(tag, "duplicateVerb", "A verb is named twice.", "Name it once.");
  const verbs = text.verbs as readonly Verb[];
  // `into` alone is of what is written without a verb.
  return verbs.some((verb) => verb !== "into") ? verbs : ["grad", "valueAndGrad", ...verbs];
}

function isOfInstance(node: AnnotatedNode): boolean {
  return Node.isMethodDeclaration(node) && !node.isStatic();
}

interface ParameterPart {
  readonly position: number;
  readonly path: readonly string[];
}

function parametersOf(tag: JSDocTag, node: AnnotatedNode, text: TagText): readonly ParameterPart[] {
  const own = node.getParameters().map((parameter) => parameter.getName());
  // The instance is the first parameter of what is made of a method.
  const isMethod = isOfInstance(node);
  const names = isMethod ? ["this", ...own] : own;
  if (names.length === 0)
    fail(
      tag,
      "noParameters",
      "The function has no parameters to differentiate with respect to.",
      "Pass the variables as parameters.",
    );
  const parts = (text.wrt ?? [own.length > 0 ? "0" : "this"]).map((written): ParameterPart => {
    const [name, ...path] = written.split(".");
    const position = /^\d+$/.test(name!) ? Number(name) + (isMethod ? 1 : 0) : names.indexOf(name!);
    if (position < 0 || position >= names.length)
      fail(tag, "unknownParameter", `There is no parameter ${name}.`, `The parameters are ${names.join(", ")}.`);
    return { position, path };
  });
  const isInside = (a: ParameterPart, b: ParameterPart): boolean =>
    a.position === b.position && b.path.every((field, k) => a.path[k] === field);
  if (parts.some((part, k) => parts.some((other, j) => j !== k && isInside(part, other))))
    fail(tag, "duplicateParameter", "A parameter, or a part of one, is named twice after wrt.", "Name it once.");
  return parts;
}

/** A name after `of`: a parameter, or else a field of the result; lowering knows whether that is there. */
function outputOf(node: AnnotatedNode, written: string): OutputPlace {
  const path = written.split(".");
  const own = node.getParameters().map((parameter) => parameter.getName());
  const position = (isOfInstance(node) ? ["this", ...own] : own).indexOf(path[0]!);
  return position < 0
    ? { parameter: null, path, written: path }
    : { parameter: position, path: path.slice(1), written: path };
}

function claimNames(request: Request, taken: Map<string, Span>): void {
  const endings = request.verbs.includes("into") ? ["", "Into"] : [""];
  const names = request.verbs.flatMap((verb) => endings.map((ending) => `${verb}${request.stem}${ending}`));
  for (const name of names) {
    if (taken.has(name))
      throw new DiagnosticError({
        code: "nameCollision",
        severity: "error",
        span: request.span,
        message: `Two requests generate ${name}.`,
        suggestion: "Give one of them another name with `as Name`.",
      });
    taken.set(name, request.span);
  }
}
