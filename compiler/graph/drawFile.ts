/** `adjoint graph`: one function of a file, compiled as far as its adjoint and drawn, with numbers where a point is given. */
import { keep } from "../4-differentiate/keep.js";
import { type CompileResult, compileFiles } from "../index.js";
import { interpret } from "../ir/interpret.js";
import type { IrFunction, Value } from "../ir/ir.js";
import { dotOf, type GraphFormat, mermaidOf, svgOf } from "./formats.js";
import { type Graph, graphOf, type ValueAt } from "./graph.js";

export interface GraphRequest {
  readonly file: string;
  readonly function: string;
  readonly project?: string;
  readonly format: GraphFormat;
  /** The arguments of the sample point. */
  readonly at: readonly unknown[] | null;
}

export interface DrawnGraph {
  /** Null where there is no such function, or it is refused. */
  readonly text: string | null;
  /** The same as data. */
  readonly graph: Graph | null;
  readonly result: CompileResult;
  /** Why there are no numbers, though they were asked for. */
  readonly problem: string | null;
}

/** The pass after which the sweeps are simplified, and still apart. */
const drawnAfter = "dead-code-adjoint";

export async function drawFile({ file, function: name, project, format, at }: GraphRequest): Promise<DrawnGraph> {
  const drawn = new Map<string, IrFunction>();
  const result = await compileFiles({
    files: [file],
    project,
    verbs: ["valueAndGrad"],
    stopAfter: drawnAfter,
    onFunction: (pass, fn) => {
      if (pass === drawnAfter) drawn.set(fn.name, fn);
    },
  });
  const explained = result.files.flatMap(({ explanations }) => explanations).find((one) => one.function === name);
  const fn = explained && drawn.get(explained.generated);
  if (!fn) return { text: null, graph: null, result, problem: null };
  const { values, problem } = at ? await valuesAt(fn, at) : { values: new Map<Value, unknown>(), problem: null };
  const valueAt: ValueAt = (value) => {
    const found = values.get(value);
    return typeof found === "number" ? found : null;
  };
  const graph = graphOf(name, fn, valueAt);
  const text = format === "mermaid" ? mermaidOf(graph) : format === "dot" ? dotOf(graph) : await svgOf(graph);
  return { text, graph, result, problem };
}

interface Sampled {
  readonly values: ReadonlyMap<Value, unknown>;
  readonly problem: string | null;
}

/** What values are when the function ends; of those in loops, in the last iteration. */
async function valuesAt(fn: IrFunction, args: readonly unknown[]): Promise<Sampled> {
  const values = new Map<Value, unknown>();
  try {
    // Found where the compiler is installed; the compiler itself does without.
    const runtime = (await import("adjoint/runtime")) as unknown as Record<string, (...given: never[]) => unknown>;
    interpret(keep(fn, { keepEverything: true }).fn, args, { runtime: (name) => runtime[name]!, values });
    return { values, problem: null };
  } catch (error) {
    return { values: new Map(), problem: error instanceof Error ? error.message : String(error) };
  }
}
