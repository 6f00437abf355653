/**
 * Alias classes: which references may point to the same memory.
 *
 * Needs: any verified function. Guarantees: two references that can reach one object are in one class; classes flow
 * through branches, loops, views, stored references and recalls. A class knows its contents by key (a field's name,
 * or "[]" for all elements of an array). One pass of unification (Steensgaard), then parameters of one memory type are
 * merged when any of them is written, since a caller may pass one array twice.
 *
 * before: b = view a, 1, 3; store m, i, b        after: class(a) = class(b) = contents of class(m)
 */
import type { Block, CallStatement, IrFunction, Statement, Type, Value } from "../ir/ir.js";
import { elementType, fieldType, isReference, storesReference, typeReaches } from "../ir/types.js";
import { visitStatements } from "../ir/walk.js";
import { contentsKey } from "./aliasKeys.js";
import { type EntryObject, entryObjects } from "./pointsTo.js";

/** Where the objects of a class come from; a class without `parameter` and `global` is local memory. */
export interface MemoryClass {
  readonly id: number;
  /** Reachable from a parameter at entry. */
  readonly isParameter: boolean;
  /** Reachable from a module-level constant. */
  readonly isGlobal: boolean;
  /** Reachable from the result, or from an argument of a call that is not inlined. */
  readonly escapes: boolean;
  /** Some statement writes a number or a reference into it, changes its length, or passes it to a writer. */
  readonly isWritten: boolean;
  /** Some write may reach an object that the function was given. */
  readonly isWrittenThrough: boolean;
  /** Some statement stores a reference into it after its allocation (or pushes, pops, copies one). */
  readonly referencesAreWritten: boolean;
  /** The same, through a reference that is not just made. */
  readonly referencesAreWrittenThrough: boolean;
  /** Its length can change after allocation. */
  readonly isResized: boolean;
  /** Elements come or go, or numbers that may be missing. */
  readonly isReshaped: boolean;
  /** Some reference to it is carried by a loop, chosen by a branch or stored in another object. */
  readonly moves: boolean;
}

export interface AliasFacts {
  /** The class of the object a reference points to; null for values that are not references. */
  classOf(value: Value): MemoryClass | null;
  /** The class of the references inside a class, or null when nothing of that key was ever reached. */
  contentsOf(memory: MemoryClass, key: string): MemoryClass | null;
  /** Every key with contents that are references. */
  keysOf(memory: MemoryClass): readonly string[];
}

interface Node {
  parent: Node | null;
  readonly id: number;
  contents: Map<string, Node>;
  /** Types of the references seen, for merging parameters. */
  types: Set<string>;
  isParameter: boolean;
  isGlobal: boolean;
  escapes: boolean;
  isWritten: boolean;
  isWrittenThrough: boolean;
  referencesAreWritten: boolean;
  referencesAreWrittenThrough: boolean;
  isResized: boolean;
  isReshaped: boolean;
  moves: boolean;
}

type Flag = keyof typeof noFlags;
const noFlags = {
  isParameter: false,
  isGlobal: false,
  escapes: false,
  isWritten: false,
  isWrittenThrough: false,
  referencesAreWritten: false,
  referencesAreWrittenThrough: false,
  isResized: false,
  isReshaped: false,
  moves: false,
};
const flags = Object.keys(noFlags) as readonly Flag[];

const calleeFlags = ["isWritten", "referencesAreWritten", "isResized", "isReshaped", "moves"] as const;

/** The names of the memory a value lives in: two parameters of one memory type may be one object. Shadows never are. */
function memoriesOf(value: Value): readonly string[] {
  const of = value.type.kind === "optional" ? value.type.of : value.type;
  const isAny = of.kind === "typedArray" && of.name === "ArrayLike";
  const types = isAny ? ["buffer", "array of number"] : [memoryType(value.type)];
  return types.map((type) => `${value.role === "primal" ? "" : "derivative "}${type}`);
}

export function memoryType(type: Type, depth = 0): string {
  const of = type.kind === "optional" ? type.of : type;
  if (of.kind === "typedArray") return "buffer";
  if (of.kind === "array") return `array of ${memoryType(of.element, depth)}`;
  // A tuple may be passed where an array is asked for.
  if (of.kind === "tuple") return `array of ${of.elements[0] ? memoryType(of.elements[0], depth) : "nothing"}`;
  if (of.kind !== "record") return of.kind;
  // What is deeper may be a type within itself.
  if (depth === 3) return "record";
  return `record {${of.fields.map((field) => `${field.name}: ${memoryType(field.type, depth + 1)}`).join()}}`;
}

/** A field for a number that may be missing. */
function mayBeMissing(object: Type, name: string): boolean {
  const field = fieldType(object, name);
  return field?.kind === "optional" && field.of.kind === "number";
}

export interface AliasOptions {
  /** Whether a caller may pass one object for two parameters; true when nothing is said. */
  readonly mergeParameters?: boolean;
}

export function aliasClasses(fn: IrFunction, options: AliasOptions = {}): AliasFacts {
  const nodes = new Map<Value, Node>();
  let nextNode = 0;

  const find = (node: Node): Node => {
    let root = node;
    while (root.parent) root = root.parent;
    for (let step = node; step.parent;) {
      const next: Node = step.parent;
      step.parent = root;
      step = next;
    }
    return root;
  };
  const fresh = (): Node => ({
    parent: null,
    id: nextNode++,
    contents: new Map(),
    types: new Set(),
    ...noFlags,
  });
  const unify = (a: Node, b: Node): void => {
    const first = find(a);
    const second = find(b);
    if (first === second) return;
    const [root, gone] = first.id < second.id ? [first, second] : [second, first];
    gone.parent = root;
    for (const flag of flags) root[flag] ||= gone[flag];
    for (const type of gone.types) root.types.add(type);
    for (const [key, contents] of gone.contents) {
      const own = root.contents.get(key);
      if (own) unify(own, contents);
      else root.contents.set(key, contents);
    }
  };
  const nodeOf = (value: Value): Node => {
    let node = nodes.get(value);
    if (!node) {
      node = fresh();
      for (const memory of memoriesOf(value)) node.types.add(memory);
      nodes.set(value, node);
    }
    return find(node);
  };
  const contents = (node: Node, key: string): Node => {
    const root = find(node);
    let inside = root.contents.get(key);
    if (!inside) {
      inside = fresh();
      root.contents.set(key, inside);
    }
    return find(inside);
  };
  const mark = (value: Value, flag: Flag): void => {
    if (isReference(value.type)) nodeOf(value)[flag] = true;
  };
  /** References straight from what makes an object: nothing older is reached through them. */
  const justMade = new Set<Value>();
  const markReferencesWritten = (object: Value): void => {
    mark(object, "referencesAreWritten");
    if (!justMade.has(object)) mark(object, "referencesAreWrittenThrough");
  };
  const link = (a: Value, b: Value): void => {
    if (isReference(a.type) && isReference(b.type)) unify(nodeOf(a), nodeOf(b));
  };
  const move = (from: Value, to: Value): void => {
    if (!isReference(to.type)) return;
    link(from, to);
    mark(to, "moves");
  };
  /** `value` is what `object` holds at `key`. Objects of one recursive type are one class, so that classes are finite. */
  const put = (object: Value, key: string, value: Value): void => {
    if (!isReference(value.type)) return;
    unify(contents(nodeOf(object), key), nodeOf(value));
    if (typeReaches(value.type, object.type)) unify(nodeOf(object), nodeOf(value));
  };
  const holdsReferences = (type: Type): boolean => {
    const element = elementType(type);
    return element !== null && isReference(element);
  };

  /** Lays the callee's classes over those of the arguments and the result. */
  const overlay = ({ effects, arguments: args, result }: CallStatement): void => {
    const placed = new Map<number, Node>();
    const place = (position: number, node: Node): void => {
      const known = placed.get(position);
      if (known) return unify(known, node);
      placed.set(position, node);
      const callee = effects.classes[position]!;
      for (const flag of calleeFlags) if (callee[flag]) find(node)[flag] = true;
      if (callee.referencesAreWritten) find(node).referencesAreWrittenThrough = true;
      for (const { key, memory } of callee.contents) place(memory, contents(node, key));
    };
    effects.parameters.forEach((position, k) => {
      if (position !== null && isReference(args[k]!.type)) place(position, nodeOf(args[k]!));
    });
    if (effects.result === null || !result) return;
    place(effects.result, nodeOf(result));
    mark(result, "moves");
  };
  /** Mirror images: structures that hold one object in two places where the originals do; in groups made together. */
  const mirrored: (readonly [original: Value, image: Value])[][] = [];
  const stopped: [original: Value, image: Value][] = [];
  const visit = (statement: Statement): void => {
    if (makesObject(statement, justMade)) justMade.add(statement.result);
    switch (statement.kind) {
      case "load":
        return put(statement.object, contentsKey(statement.key), statement.result);
      case "store":
      case "addTo":
        mark(statement.object, "isWritten");
        if (storesReference(statement.object.type, statement.key, statement.value.type)) {
          markReferencesWritten(statement.object);
          put(statement.object, contentsKey(statement.key), statement.value);
          mark(statement.value, "moves");
        }
        if (statement.object.type.kind === "array") mark(statement.object, "isResized");
        if (statement.key.kind === "field" && mayBeMissing(statement.object.type, statement.key.name))
          mark(statement.object, "isReshaped");
        return;
      case "push":
        mark(statement.object, "isWritten");
        mark(statement.object, "isResized");
        mark(statement.object, "isReshaped");
        if (storesReference(statement.object.type, null, statement.value.type)) {
          markReferencesWritten(statement.object);
          put(statement.object, "[]", statement.value);
          mark(statement.value, "moves");
        }
        return;
      case "pop":
        mark(statement.object, "isWritten");
        mark(statement.object, "isResized");
        mark(statement.object, "isReshaped");
        if (isReference(statement.result.type)) {
          markReferencesWritten(statement.object);
          put(statement.object, "[]", statement.result);
          mark(statement.result, "moves");
        }
        return;
      case "fill":
        mark(statement.object, "isWritten");
        if (storesReference(statement.object.type, null, statement.value.type)) {
          markReferencesWritten(statement.object);
          put(statement.object, "[]", statement.value);
          mark(statement.value, "moves");
        }
        return;
      case "copy":
        mark(statement.object, "isWritten");
        if (holdsReferences(statement.object.type)) {
          markReferencesWritten(statement.object);
          unify(contents(nodeOf(statement.object), "[]"), contents(nodeOf(statement.source), "[]"));
        }
        return;
      case "allocate":
        if (statement.fill && isReference(statement.fill.type)) {
          put(statement.result, "[]", statement.fill);
          mark(statement.fill, "moves");
        }
        return;
      case "literal":
        statement.elements.forEach((element, k) =>
          put(
            statement.result,
            statement.fields?.[k] ?? (statement.result.type.kind === "tuple" ? String(k) : "[]"),
            element,
          ),
        );
        return;
      case "slice":
        // The shadow of a copy of rows is a copy of the rows' shadows: it moves with them.
        if (holdsReferences(statement.result.type)) {
          unify(contents(nodeOf(statement.result), "[]"), contents(nodeOf(statement.object), "[]"));
          contents(nodeOf(statement.result), "[]").moves = true;
          markReferencesWritten(statement.object);
          mark(statement.result, "referencesAreWritten");
        }
        return;
      case "zerosLike":
        if (statement.keepsIdentity) mirrored.push([[statement.object, statement.result]]);
        return;
      case "view":
        link(statement.object, statement.result);
        return;
      case "ensure":
        link(statement.object, statement.result);
        mark(statement.object, "isResized");
        mark(statement.result, "moves");
        return;
      case "stop":
        stopped.push([statement.object, statement.result]);
        return;
      case "narrow":
      case "recall":
        link(statement.value, statement.result);
        return;
      case "global":
        mark(statement.result, "isGlobal");
        return;
      case "runtimeCall":
        for (const position of statement.writes) mark(statement.arguments[position]!, "isWritten");
        if (statement.identitiesOf !== undefined && statement.result)
          mirrored.push([[statement.arguments[statement.identitiesOf]!, statement.result]]);
        // What keeps references out of sight may hand them to anyone.
        if (statement.result?.type.kind === "opaque")
          for (const argument of statement.arguments) mark(argument, "escapes");
        return;
      case "closure":
        for (const argument of statement.arguments) mark(argument, "escapes");
        return;
      case "evaluate":
      case "throw":
        for (const piece of statement.pieces) if (typeof piece !== "string") mark(piece, "escapes");
        return;
      case "call":
        return overlay(statement);
      case "receive":
        mirrored.push(
          statement.shadowed.map((parameter, k) => [parameter, statement.results.at(k - statement.shadowed.length)!]),
        );
        return statement.results.forEach((result) => mark(result, "isParameter"));
      case "if":
        statement.results.forEach((result, k) => {
          for (const block of [statement.then, statement.else]) {
            const value = block.yields[k];
            if (value) move(value, result);
          }
        });
        return;
      case "loop":
        statement.parameters.forEach((parameter, k) => {
          move(statement.initial[k]!, parameter);
          if (statement.body.yields[k]) move(statement.body.yields[k], parameter);
          move(parameter, statement.results[k]!);
        });
        return;
      default:
        return;
    }
  };

  /** Where the contents of two keys are one class in the original, they are one class in its mirror image. */
  const mirrorStructure = (original: Node, image: Node, images: Map<Node, Node>): void => {
    const root = find(original);
    const known = images.get(root);
    if (known) return unify(known, image);
    images.set(root, image);
    for (const [key, inside] of root.contents) mirrorStructure(inside, contents(image, key), images);
  };

  /** Where what a parameter holds at entry is found in the classes, for every way to it. */
  const visitTogether = (object: EntryObject, node: Node, seen: Map<EntryObject, Set<Node>>): void => {
    const root = find(node);
    const met = seen.get(object) ?? new Set();
    if (met.has(root)) return;
    seen.set(object, met.add(root));
    for (const [key, inside] of object.inside) {
      const held = root.contents.get(key);
      if (held) visitTogether(inside, held, seen);
    }
  };

  /**
   * What a `stop` gives is a class of its own, so that it is inactive, though it is the same memory: what others may do
   * to one they may do to the other. (The function itself writes neither any more.)
   */
  const shareFlags = (original: Node, image: Node, seen: Set<Node>): void => {
    const [first, second] = [find(original), find(image)];
    if (first === second || seen.has(second)) return;
    seen.add(second);
    for (const flag of ["isParameter", "isGlobal", "escapes", "moves"] as const)
      first[flag] = second[flag] = first[flag] || second[flag];
    for (const [key, inside] of second.contents) shareFlags(contents(first, key), inside, seen);
  };

  for (const parameter of fn.parameters) mark(parameter.value, "isParameter");
  visitStatements(fn.body, visit);
  for (const value of fn.body.yields) mark(value, "escapes");
  spread(nodes, find, ["isParameter", "isGlobal", "escapes"]);
  // Against the order of the program too: one may be stopped again.
  for (const [original, image] of [...stopped, ...stopped.toReversed()])
    shareFlags(nodeOf(original), nodeOf(image), new Set());
  if (stopped.length > 0) spread(nodes, find, ["isParameter", "isGlobal", "escapes"]);
  if (options.mergeParameters ?? true) {
    const classesOf = new Map<EntryObject, Set<Node>>();
    for (const [parameter, entry] of entryObjects(fn)) visitTogether(entry, nodeOf(parameter), classesOf);
    const written = new Set([...classesOf].flatMap(([object, classes]) => (object.isWritten ? [...classes] : [])));
    for (const node of written) node.isWrittenThrough = true;
    mergeWrittenParameters(nodes, find, unify, written);
  }
  for (const group of mirrored) {
    const images = new Map<Node, Node>();
    for (const [original, image] of group) mirrorStructure(nodeOf(original), nodeOf(image), images);
  }
  spread(nodes, find, ["isParameter", "isGlobal", "escapes"]);

  const known = (node: Node | undefined): MemoryClass | null => (node ? find(node) : null);
  return {
    classOf: (value) => (isReference(value.type) ? nodeOf(value) : null),
    contentsOf: (memory, key) => known((memory as Node).contents.get(key)),
    keysOf: (memory) => [...(memory as Node).contents.keys()],
  };
}

type Making = Extract<
  Statement,
  { kind: "allocate" | "literal" | "slice" | "zerosLike" | "arrayPrimitive" | "externalCall" | "view" }
>;

/** The statement's result is an object just made, or a view of one. */
export function makesObject(statement: Statement, justMade: ReadonlySet<Value> = new Set()): statement is Making {
  switch (statement.kind) {
    case "allocate":
    case "literal":
    case "slice":
    case "zerosLike":
    case "arrayPrimitive":
    case "externalCall":
      return true;
    case "view":
      return justMade.has(statement.object);
    default:
      return false;
  }
}

/** What is reachable from a marked class is marked. */
function spread(nodes: ReadonlyMap<Value, Node>, find: (node: Node) => Node, which: readonly Flag[]): void {
  for (const flag of which) {
    const seen = new Set<Node>();
    const enter = (node: Node): void => {
      const root = find(node);
      if (seen.has(root)) return;
      seen.add(root);
      root[flag] = true;
      for (const inside of root.contents.values()) enter(inside);
    };
    for (const node of nodes.values()) if (find(node)[flag]) enter(node);
  }
}

/** A caller may pass one object twice: when any parameter of a memory type is written, all of that type are one class. */
function mergeWrittenParameters(
  nodes: ReadonlyMap<Value, Node>,
  find: (node: Node) => Node,
  unify: (a: Node, b: Node) => void,
  written: ReadonlySet<Node>,
): void {
  for (let changed = true; changed;) {
    changed = false;
    const reachable = [...new Set([...nodes.values()].map(find))].filter((node) => node.isParameter);
    for (const writer of written) {
      for (const other of reachable) {
        if (find(other) === find(writer)) continue;
        if (![...find(other).types].some((type) => find(writer).types.has(type))) continue;
        unify(writer, other);
        changed = true;
      }
    }
  }
}

/** Objects that each run of a block makes for itself; views are of other objects. */
export function madeIn(block: Block): ReadonlySet<Value> {
  const made = new Set<Value>();
  visitStatements(block, (statement) => {
    if (makesObject(statement) && statement.kind !== "view") made.add(statement.result);
  });
  return made;
}
