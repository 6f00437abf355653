/** Each peer's time on each problem, on a logarithmic axis, as SVG. */
import { writeFileSync } from "node:fs";
import { parse, type Spec, View } from "vega";
import type { Comparison } from "./compare.js";

export async function drawTimes(comparisons: readonly Comparison[], path: URL): Promise<void> {
  const points = comparisons.flatMap(({ name, outcomes }) =>
    outcomes.flatMap(({ peer, time }) => (time === null ? [] : [{ problem: name, peer: peer.name, time }])),
  );
  const peers = comparisons[0]!.outcomes.map(({ peer }) => peer.name);
  const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "wedge"];
  const spec: Spec = {
    width: 620,
    height: 30 * comparisons.length,
    padding: 8,
    // Pages are light or dark: the chart brings its own paper.
    background: "white",
    title: "Time of a gradient, as a multiple of the generated adjoint's",
    data: [{ name: "points", values: points }],
    scales: [
      { name: "x", type: "log", domain: { data: "points", field: "time" }, range: "width", nice: true },
      { name: "y", type: "point", domain: comparisons.map(({ name }) => name), range: "height", padding: 0.6 },
      { name: "colour", type: "ordinal", domain: peers, range: "category" },
      { name: "shape", type: "ordinal", domain: peers, range: shapes },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: "times the generated adjoint", grid: true, format: "~g", tickCount: 6 },
      { orient: "left", scale: "y", grid: true, labelFontSize: 12 },
    ],
    legends: [{ fill: "colour", shape: "shape", symbolSize: 90, labelFontSize: 12, labelLimit: 0 }],
    marks: [
      {
        type: "rule",
        encode: {
          enter: {
            x: { scale: "x", value: 1 },
            y: { value: 0 },
            y2: { signal: "height" },
            stroke: { value: "#222" },
            strokeWidth: { value: 1.5 },
          },
        },
      },
      {
        type: "symbol",
        from: { data: "points" },
        encode: {
          enter: {
            x: { scale: "x", field: "time" },
            y: { scale: "y", field: "problem" },
            fill: { scale: "colour", field: "peer" },
            shape: { scale: "shape", field: "peer" },
            size: { value: 90 },
            fillOpacity: { value: 0.85 },
          },
        },
      },
    ],
  };
  writeFileSync(path, `${await new View(parse(spec), { renderer: "none" }).toSVG()}\n`);
}
