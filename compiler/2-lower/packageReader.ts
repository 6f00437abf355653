/**
 * From functions of loaded packages to their syntax. Packages have a project of their own, without types: what their
 * variables hold is known from the values that they are called with.
 */
import { Node, Project, type SourceFile, SyntaxKind, ts } from "ts-morph";
import { Inspection } from "../packages/inspection.js";
import { type Loaded, LoadedPackages, type ModuleNeeded } from "../packages/packages.js";
import { type ClassNode, isClass } from "./classes.js";
import type { CallableNode } from "./lowering.js";

export type LiveFunction = (...args: never[]) => unknown;

export class PackageReader {
  private readonly loaded = new LoadedPackages();
  private readonly places = new WeakMap<SourceFile, ReadonlyMap<number, CallableNode | ClassNode>>();
  private readonly nodes = new Map<LiveFunction, CallableNode | ClassNode | null>();
  private inspection: Inspection | null = null;
  private project: Project | null = null;

  exportsOf(specifier: string, from: string): Loaded {
    return this.loaded.get(specifier, from);
  }

  load(needed: ModuleNeeded): Promise<void> {
    return this.loaded.load(needed);
  }

  /** The function or the class that a loaded function is, in its source; null where that cannot be read. */
  nodeOf(fn: LiveFunction): CallableNode | ClassNode | null {
    let node = this.nodes.get(fn);
    if (node === undefined) this.nodes.set(fn, (node = this.findNode(fn)));
    return node;
  }

  captured(fn: LiveFunction, name: string): { readonly value: unknown } | null {
    return this.inspect().captured(fn, name);
  }

  boundParts(fn: LiveFunction): ReturnType<Inspection["boundParts"]> {
    return this.inspect().boundParts(fn);
  }

  /** The class that a declaration file describes; null where the package exports none of that name. */
  classOf(declaration: ClassNode): LiveFunction | null {
    const file = declaration.getSourceFile().getFilePath();
    const name = /.*node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]?.replace(/^(\w+)__/, "@$1/");
    if (name === undefined) return null;
    const loaded = this.exportsOf(name, file);
    if ("failure" in loaded) return null;
    const found = (loaded.exports as Record<string, unknown>)[declaration.getName() ?? "default"];
    return typeof found === "function" ? (found as LiveFunction) : null;
  }

  textOf(file: string): string | null {
    return this.project?.getSourceFile(file)?.getFullText() ?? null;
  }

  close(): void {
    this.inspection?.close();
    this.inspection = null;
  }

  private inspect(): Inspection {
    return (this.inspection ??= new Inspection());
  }

  private findNode(fn: LiveFunction): CallableNode | ClassNode | null {
    const place = this.inspect().placeOf(fn);
    const file = place && this.sourceFile(place.file);
    if (!file) return null;
    const position = file.compilerNode.getPositionOfLineAndCharacter(place.line, place.column);
    return this.placesIn(file).get(position) ?? null;
  }

  private sourceFile(path: string): SourceFile | null {
    this.project ??= new Project({
      skipFileDependencyResolution: true,
      compilerOptions: { allowJs: true, noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ESNext },
    });
    return this.project.getSourceFile(path) ?? this.project.addSourceFileAtPathIfExists(path) ?? null;
  }

  /** Every function of a file, by where the engine says that it begins. */
  private placesIn(file: SourceFile): ReadonlyMap<number, CallableNode | ClassNode> {
    const known = this.places.get(file);
    if (known) return known;
    const found = new Map<number, CallableNode | ClassNode>();
    file.forEachDescendant((node) => {
      if (isClass(node)) {
        if (node.getConstructors().length === 0) found.set(node.getStart(), node);
      } else if (Node.isArrowFunction(node)) found.set(node.getStart(), node);
      else if (Node.isConstructorDeclaration(node)) found.set(openingOf(node), node.getParentOrThrow() as ClassNode);
      else if (isCallable(node)) found.set(openingOf(node), node);
    });
    this.places.set(file, found);
    return found;
  }
}

function isCallable(node: Node): node is CallableNode {
  return (
    Node.isFunctionDeclaration(node) ||
    Node.isFunctionExpression(node) ||
    Node.isMethodDeclaration(node) ||
    Node.isGetAccessorDeclaration(node) ||
    Node.isSetAccessorDeclaration(node)
  );
}

/** The parenthesis before the parameters. */
function openingOf(node: CallableNode): number {
  return node.getFirstChildByKindOrThrow(SyntaxKind.OpenParenToken).getStart();
}

/** The node is of a package's source, where types say nothing. */
export function isOfPackage(node: Node): boolean {
  return node.getProject().getCompilerOptions().noResolve === true;
}
