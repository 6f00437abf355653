/** Cost against the number of inputs, both on logarithmic axes, as SVG. */
import { writeFileSync } from "node:fs";
import { parse, type Spec, View } from "vega";

export interface Point {
  readonly method: string;
  readonly inputs: number;
  /** Times the cost of the function. */
  readonly cost: number;
}

export async function drawCosts(points: readonly Point[], path: string): Promise<void> {
  const colour = { scale: "colour", field: "method" };
  const place = { x: { scale: "x", field: "inputs" }, y: { scale: "y", field: "cost" } };
  const spec: Spec = {
    width: 560,
    height: 380,
    padding: 8,
    background: "white",
    title: "Cost of a gradient, as a multiple of the function's",
    data: [{ name: "points", values: [...points] }],
    scales: [
      { name: "x", type: "log", base: 2, domain: { data: "points", field: "inputs" }, range: "width", nice: false },
      { name: "y", type: "log", domain: { data: "points", field: "cost" }, range: "height", nice: true },
      { name: "colour", type: "ordinal", domain: { data: "points", field: "method" }, range: "category" },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: "inputs", grid: true },
      { orient: "left", scale: "y", title: "cost / cost of the function", grid: true, format: "~s" },
    ],
    legends: [{ stroke: "colour", symbolType: "stroke" }],
    marks: [
      {
        type: "group",
        from: { facet: { name: "series", data: "points", groupby: "method" } },
        marks: [
          {
            type: "line",
            from: { data: "series" },
            encode: { enter: { ...place, stroke: colour, strokeWidth: { value: 2 } } },
          },
          {
            type: "symbol",
            from: { data: "series" },
            encode: { enter: { ...place, fill: colour, size: { value: 30 } } },
          },
        ],
      },
    ],
  };
  writeFileSync(path, `${await new View(parse(spec), { renderer: "none" }).toSVG()}\n`);
}
