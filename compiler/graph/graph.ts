/**
 * The computational graph of a function and its adjoint, as data: what is computed from what, loops and branches as boxes.
 * What is used once and has no name of its own is part of what uses it, as in the source.
 *
 * Needs: an adjoint before anything is kept, in which the reverse sweep recalls what it reads of the forward sweep.
 *
 * before: a = sin x; y = a * k        after: primal { x, k, y = Math.sin(x) * k }, adjoint { xBar = yBar * k * Math.cos(x) }
 */
import type { Block, IrFunction, LoopStatement, Statement, Value } from "../ir/ir.js";
import { describeValue } from "../ir/describe.js";
import { countUses, operandsOf, resultsOf, visitStatements } from "../ir/walk.js";
import { textOf, type Texts } from "../ir/texts.js";

export interface GraphNode {
  readonly kind: "node";
  readonly id: string;
  readonly label: string;
  readonly shape: "input" | "operation" | "result";
}

export interface GraphBox {
  readonly kind: "box";
  readonly id: string;
  readonly label: string;
  readonly parts: readonly GraphPart[];
}

export type GraphPart = GraphNode | GraphBox;

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `recall`: the reverse sweep reads what the forward sweep had; `next`: into the next iteration. */
  readonly kind: "value" | "recall" | "next";
}

export interface Graph {
  readonly name: string;
  readonly primal: GraphBox;
  readonly adjoint: GraphBox;
  readonly edges: readonly GraphEdge[];
}

/** The number that a value had at the sample point; null where none is known. */
export type ValueAt = (value: Value) => number | null;

export function graphOf(name: string, fn: IrFunction, valueAt: ValueAt): Graph {
  return new Drawing(fn, valueAt).draw(name);
}

class Drawing {
  private count = 0;
  private readonly edges: GraphEdge[] = [];
  /** The node that stands for a value. */
  private readonly nodes = new Map<Value, string>();
  /** What is written into the text of what uses it. */
  private readonly folded = new Map<Value, Statement>();
  /** Of values that are others under a second name. */
  private readonly same = new Map<Value, Value>();
  private readonly definitions = new Map<Value, Statement>();
  private readonly names = new Map<Value, string>();
  private readonly taken = new Set<string>();
  private readonly recalled = new Set<Value>();
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly texts: Texts;

  constructor(
    private readonly fn: IrFunction,
    private readonly valueAt: ValueAt,
  ) {
    this.uses = countUses(fn.body);
    this.texts = {
      definitionOf: (value) => this.folded.get(this.resolved(value)) ?? null,
      nameOf: (value) => this.nameOf(value),
    };
    visitStatements(fn.body, (statement) => {
      for (const result of resultsOf(statement)) this.definitions.set(result, statement);
    });
  }

  draw(name: string): Graph {
    const { statements } = this.fn.body;
    const at = statements.findIndex((one) => one.kind === "note" && one.text === "reverse sweep");
    const cut = at < 0 ? statements.length : at;
    const inputs = this.fn.parameters.map(({ value }) => this.node(value, this.labelled(value, null), "input"));
    const forward = this.parts(statements.slice(0, cut));
    const backward = this.parts(statements.slice(cut));
    const results = this.fn.body.yields.flatMap((value) => this.results(value));
    return {
      name,
      primal: { kind: "box", id: "primal", label: "primal", parts: [...inputs, ...forward] },
      adjoint: { kind: "box", id: "adjoint", label: "adjoint", parts: [...backward, ...results] },
      edges: this.edges,
    };
  }

  /** What the function gives back. */
  private results(value: Value): readonly GraphNode[] {
    if (this.nodes.has(this.resolved(value))) return [];
    const id = this.fresh();
    this.connect(id, this.sourcesOf(value));
    return [{ kind: "node", id, label: textOf(value, this.texts), shape: "result" }];
  }

  private parts(statements: readonly Statement[]): readonly GraphPart[] {
    return statements.flatMap((statement) => this.part(statement));
  }

  private part(statement: Statement): readonly GraphPart[] {
    switch (statement.kind) {
      case "note":
        return [];
      case "recall":
        this.recalled.add(statement.result);
        this.same.set(statement.result, statement.value);
        return [];
      case "narrow":
        this.same.set(statement.result, statement.value);
        return [];
      case "if":
        return [this.branches(statement)];
      case "loop":
        return [this.loop(statement)];
      default:
    }
    const [result] = resultsOf(statement);
    if (!result) return [this.effect(statement)];
    this.folded.set(result, statement);
    const isPart = statement.kind === "constant" || (result.name === null && this.uses.get(result) === 1);
    if (isPart && isRepeatable(statement)) return [];
    this.folded.delete(result);
    return [this.node(result, this.labelled(result, statement), "operation", operandsOf(statement))];
  }

  private effect(statement: Statement): GraphNode {
    const id = this.fresh();
    this.connect(
      id,
      operandsOf(statement).flatMap((value) => this.sourcesOf(value)),
    );
    return { kind: "node", id, label: textOf(statement, this.texts), shape: "operation" };
  }

  private branches(statement: Statement & { kind: "if" }): GraphBox {
    const box = (label: string, block: Block): GraphBox => ({
      kind: "box",
      id: this.fresh("box"),
      label,
      parts: this.parts(block.statements),
    });
    const parts: GraphPart[] = [box("then", statement.then), box("else", statement.else)].filter(
      (one) => one.parts.length > 0,
    );
    statement.results.forEach((result, k) => {
      const chosen = [statement.then.yields[k]!, statement.else.yields[k]!];
      parts.push(this.node(result, this.labelled(result, null), "operation", chosen));
    });
    return { kind: "box", id: this.fresh("box"), label: `if ${textOf(statement.condition, this.texts)}`, parts };
  }

  private loop(statement: LoopStatement): GraphBox {
    const { counter, lower, upper, comparison, step, parameters, initial, test, body, results } = statement;
    const text = (value: Value): string => textOf(value, this.texts);
    const name = this.nameOf(counter, "i");
    const bound = upper ? `${name} ${comparison} ${text(upper)}` : "";
    const label = upper ? `for ${name} = ${text(lower)}, ${bound}, step ${step}` : "loop";
    const counted = (this.uses.get(counter) ?? 0) > 0 ? [this.node(counter, name, "input")] : [];
    const carried = parameters.map((parameter, k) =>
      this.node(parameter, this.labelled(parameter, null), "input", [initial[k]!]),
    );
    const tested = test ? this.parts(test.statements) : [];
    const inside = this.parts(body.statements);
    parameters.forEach((parameter, k) => {
      for (const from of this.sourcesOf(body.yields[k]!))
        this.edges.push({ from: from.id, to: this.nodes.get(parameter)!, kind: "next" });
      this.same.set(results[k]!, parameter);
    });
    return { kind: "box", id: this.fresh("box"), label, parts: [...counted, ...carried, ...tested, ...inside] };
  }

  private node(value: Value, label: string, shape: GraphNode["shape"], from: readonly Value[] = []): GraphNode {
    const id = this.fresh();
    this.nodes.set(value, id);
    this.connect(
      id,
      from.flatMap((one) => this.sourcesOf(one)),
    );
    const at = this.valueAt(value);
    return { kind: "node", id, label: at === null ? label : `${label}\n${Number(at.toPrecision(6))}`, shape };
  }

  private labelled(value: Value, statement: Statement | null): string {
    const name = this.nameOf(value);
    return statement ? `${name} = ${textOf(statement, this.texts)}` : name;
  }

  /** As generated code would call it. */
  private nameOf(value: Value, otherwise?: string): string {
    const of = this.resolved(value);
    const known = this.names.get(of);
    if (known !== undefined) return known;
    const described = describeValue(of, {
      definitionOf: (one) => this.definitions.get(this.resolved(one)),
      nameOf: (one) => this.resolved(one).name,
    });
    const stem = of.name ?? (this.definitions.has(of) || otherwise === undefined ? described : otherwise);
    const base = `${stem}${{ primal: "", adjoint: "Bar", tangent: "Dot", kept: "" }[of.role]}`;
    let name = base;
    for (let k = 2; this.taken.has(name); k++) name = `${base}${k}`;
    this.taken.add(name);
    this.names.set(of, name);
    return name;
  }

  private resolved(value: Value): Value {
    const other = this.same.get(value);
    return other ? this.resolved(other) : value;
  }

  /** The nodes that a value comes from: its own, or those of what is folded into it. */
  private sourcesOf(
    value: Value,
    isRecalled = false,
  ): readonly { readonly id: string; readonly isRecalled: boolean }[] {
    const recalled = isRecalled || this.recalled.has(value);
    const other = this.same.get(value);
    if (other) return this.sourcesOf(other, recalled);
    const id = this.nodes.get(value);
    if (id !== undefined) return [{ id, isRecalled: recalled }];
    const statement = this.folded.get(value);
    return statement ? operandsOf(statement).flatMap((one) => this.sourcesOf(one, recalled)) : [];
  }

  private connect(to: string, sources: readonly { readonly id: string; readonly isRecalled: boolean }[]): void {
    const known = new Set<string>();
    for (const { id: from, isRecalled } of sources) {
      if (known.has(from)) continue;
      known.add(from);
      this.edges.push({ from, to, kind: isRecalled ? "recall" : "value" });
    }
  }

  private fresh(stem = "v"): string {
    return `${stem}${++this.count}`;
  }
}

/** It says the same wherever it is written. */
function isRepeatable(statement: Statement): boolean {
  return statement.kind !== "call" && statement.kind !== "evaluate" && statement.kind !== "pop";
}
