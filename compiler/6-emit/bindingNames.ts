/** What generated code names of the user's modules: which of it a file uses, and under which names. */
import type { Binding, IrFunction, Unit } from "../ir/ir.js";
import { type Reference, referencesIn, replaceReferences, textsOf } from "../ir/references.js";
import { visitStatements } from "../ir/walk.js";

export interface UsedBinding {
  readonly key: string;
  readonly binding: Binding;
  /** Only its type is asked for. */
  readonly isType: boolean;
}

/**
 * A name for every binding that the functions may mention: the source's own, or with a number behind it where another
 * thing has that name, or where a text to be copied has it for something of its own. `others` are the names that a file
 * has already in which generated code is to stand.
 */
export function nameBindings(
  unit: Unit,
  functions: readonly IrFunction[],
  others: Iterable<string> = [],
): ReadonlyMap<string, string> {
  const texts = textsIn(functions);
  const types = [...unit.bindings].filter(([, { inTypes }]) => inTypes !== "never").map(([key]) => key);
  const keys = reachable(unit, [...types, ...statementKeys(functions), ...texts.flatMap(keysIn)]);
  const all = [...texts, ...keys.map((key) => copyOf(unit, key))].map((text) => new MentioningText(text));
  const taken = new Set([...functions.map((fn) => fn.name), ...others]);
  const names = new Map<string, string>();
  for (const key of keys) {
    const { name: wanted, isOwn } = unit.bindings.get(key)!;
    if (isOwn) {
      names.set(key, wanted);
      continue;
    }
    let name = wanted;
    for (let k = 2; taken.has(name) || all.some((text) => text.hides(key, name)); k++) name = `${wanted}${k}`;
    taken.add(name);
    names.set(key, name);
  }
  return names;
}

/** What a text refers to, directly or through what has to be copied; what a copy mentions comes before it. */
export function usedBindings(unit: Unit, functions: readonly IrFunction[], text: string): readonly UsedBinding[] {
  const inStatements = statementKeys(functions).map((key) => ({ key, name: "", isType: false }));
  const references: Reference[] = [...referencesIn(text), ...inStatements];
  const keys = reachable(
    unit,
    references.map(({ key }) => key),
  );
  for (const key of keys) references.push(...referencesIn(copyOf(unit, key)));
  const values = new Set(references.filter(({ isType }) => !isType).map(({ key }) => key));
  const used = keys.map((key) => {
    const binding = unit.bindings.get(key)!;
    return { key, binding, isType: binding.inTypes === "only" || !values.has(key) };
  });
  return [...used.filter(({ isType }) => isType), ...used.filter(({ isType }) => !isType)];
}

/** Copied declarations mention others; imported ones do not. */
function copyOf(unit: Unit, key: string): string {
  const binding = unit.bindings.get(key)!;
  return binding.exportedAs === null ? binding.declarationText : "";
}

function reachable(unit: Unit, roots: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const entered = new Set<string>();
  const enter = (key: string): void => {
    if (entered.has(key)) return;
    entered.add(key);
    keysIn(copyOf(unit, key)).forEach(enter);
    found.add(key);
  };
  roots.forEach(enter);
  return [...found];
}

function keysIn(text: string): readonly string[] {
  return referencesIn(text).map(({ key }) => key);
}

function statementKeys(functions: readonly IrFunction[]): readonly string[] {
  const keys: string[] = [];
  for (const fn of functions)
    visitStatements(fn.body, (statement) => {
      if (statement.kind === "global") keys.push(statement.binding);
      if (statement.kind === "externalCall" && statement.callee.kind === "binding") keys.push(statement.callee.key);
    });
  return keys;
}

/** The user's own text in functions. */
function textsIn(functions: readonly IrFunction[]): readonly string[] {
  const texts: string[] = [];
  for (const fn of functions) {
    texts.push(fn.typeParametersText, ...fn.parameters.map(({ typeText }) => typeText ?? ""));
    visitStatements(fn.body, (statement) => {
      const own = textsOf(statement);
      if (own.length > 0) texts.push(own.join(" "));
    });
  }
  return texts;
}

class MentioningText {
  private readonly references: readonly Reference[];
  /** What the text names without a reference: what it declares itself, and what every module knows. */
  private readonly names: ReadonlySet<string>;

  constructor(text: string) {
    this.references = referencesIn(text);
    this.names = new Set(replaceReferences(text, () => " ").match(/[A-Za-z_$][\w$]*/g) ?? []);
  }

  /** Under this name the binding would be taken for something else. */
  hides(key: string, name: string): boolean {
    return this.names.has(name) && this.references.some((one) => one.key === key && one.name !== name);
  }
}
