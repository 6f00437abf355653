/** Graphs as text for other programs: Mermaid, and DOT, from which Graphviz draws SVG. */
import type { Graph, GraphBox, GraphEdge, GraphNode, GraphPart } from "./graph.js";

export const graphFormats = ["mermaid", "dot", "svg"] as const;
export type GraphFormat = (typeof graphFormats)[number];

export function mermaidOf({ primal, adjoint, edges }: Graph): string {
  const quoted = (label: string): string =>
    `"${label.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br/>")}"`;
  const shaped = ({ shape, label }: GraphNode): string =>
    shape === "input" ? `([${quoted(label)}])` : shape === "result" ? `[[${quoted(label)}]]` : `[${quoted(label)}]`;
  const arrows: Readonly<Record<GraphEdge["kind"], string>> = { value: "-->", recall: "-.->", next: "==>" };
  const lines = (part: GraphPart, indent: string): readonly string[] =>
    part.kind === "node"
      ? [`${indent}${part.id}${shaped(part)}`]
      : [
          `${indent}subgraph ${part.id}[${quoted(part.label)}]`,
          ...part.parts.flatMap((one) => lines(one, `${indent}  `)),
          `${indent}end`,
        ];
  return [
    "flowchart TB",
    ...lines(primal, "  "),
    ...lines(adjoint, "  "),
    ...edges.map(({ from, to, kind }) => `  ${from} ${arrows[kind]} ${to}`),
    "",
  ].join("\n");
}

export function dotOf({ name, primal, adjoint, edges }: Graph): string {
  const quoted = (label: string): string =>
    `"${label.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
  const shapes: Readonly<Record<GraphNode["shape"], string>> = { input: "oval", operation: "box", result: "note" };
  const styles: Readonly<Record<GraphEdge["kind"], string>> = {
    value: "",
    recall: " [style=dashed, constraint=false]",
    next: " [style=bold, constraint=false]",
  };
  const box = ({ id, label, parts }: GraphBox, indent: string): readonly string[] => [
    `${indent}subgraph cluster_${id} {`,
    `${indent}  label=${quoted(label)};`,
    ...parts.flatMap((one) =>
      one.kind === "box"
        ? box(one, `${indent}  `)
        : [`${indent}  ${one.id} [label=${quoted(one.label)}, shape=${shapes[one.shape]}];`],
    ),
    `${indent}}`,
  ];
  return [
    `digraph ${quoted(name)} {`,
    '  node [fontname="Helvetica", fontsize=11];',
    '  graph [fontname="Helvetica", fontsize=11];',
    ...box(primal, "  "),
    ...box(adjoint, "  "),
    ...edges.map(({ from, to, kind }) => `  ${from} -> ${to}${styles[kind]};`),
    "}",
    "",
  ].join("\n");
}

/** Drawn by Graphviz, compiled to WebAssembly. */
export async function svgOf(graph: Graph): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  return (await instance()).renderString(dotOf(graph), { format: "svg" });
}
