/** `adjoint graph`: what is drawn of straight lines, loops and branches, in every format, with numbers at a point. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeWorkFolder, type Run, type WorkFolder } from "./support/workFolder.js";

let folder: WorkFolder;

beforeAll(() => {
  folder = makeWorkFolder("adjoint-graph-");
  folder.write(
    "models.ts",
    `/** @differentiable */
export function spring(x: number, k: number): number {
  const stretch = Math.sin(x) - 1;
  return 0.5 * k * stretch * stretch;
}

/** @differentiable jvp wrt w */
export function fit(w: number[], xs: number[]): number {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    const rest = w[0]! * xs[i]! - w[1]!;
    if (rest > 0) sum += rest * rest;
    else sum -= rest;
  }
  return sum;
}
`,
  );
  folder.write(
    "refused.ts",
    `/** @differentiable */
export function refused(x: number): number { return Number(new Intl.NumberFormat().format(x)); }
`,
  );
});

afterAll(() => folder.remove());

const draw = (...args: string[]): Promise<Run> => folder.run("graph", "models.ts", ...args);

describe("graphs", () => {
  test("a straight line, with numbers", async () => {
    const { status, out } = await draw("spring", "--at", "[0.3, 2]");
    expect(status).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "flowchart TB
        subgraph primal["primal"]
          v1(["x<br/>0.3"])
          v2(["k<br/>2"])
          v3["stretch = Math.sin(x) - 1<br/>-0.70448"]
          v4["product = 0.5 * k<br/>1"]
          v5["product2 = product * stretch<br/>-0.70448"]
        end
        subgraph adjoint["adjoint"]
          v6["stretchBar = stretch * product<br/>-0.70448"]
          v7["stretchBar2 = product2 + stretchBar<br/>-1.40896"]
          v8["xBar = stretchBar2 * Math.cos(x)<br/>-1.34603"]
          v9[["{ value: product2 * stretch, grad: xBar }"]]
        end
        v1 --> v3
        v2 --> v4
        v4 --> v5
        v3 --> v5
        v3 --> v6
        v4 --> v6
        v5 --> v7
        v6 --> v7
        v7 --> v8
        v1 --> v8
        v5 --> v9
        v3 --> v9
        v8 --> v9"
    `);
  });

  test("loops and branches are boxes", async () => {
    const { out } = await draw("fit", "--at", "[[1, 2], [3, 0.5]]");
    expect(out).toMatchInlineSnapshot(`
      "flowchart TB
        subgraph primal["primal"]
          v1(["w"])
          v2(["xs"])
          v3["n = xs.length<br/>2"]
          subgraph box15["for i = 0, i &lt; n, step 1"]
            v4(["i<br/>1"])
            v5(["sum<br/>1"])
            v6["xsi = xs[i]<br/>0.5"]
            v7["rest = (w[0] * xsi) - w[1]<br/>-1.5"]
            v8["isGreater = rest &gt; 0"]
            subgraph box14["if isGreater"]
              subgraph box9["then"]
                v10["sum2 = sum + (rest * rest)<br/>1"]
              end
              subgraph box11["else"]
                v12["sum3 = sum - rest<br/>2.5"]
              end
              v13["sum4<br/>2.5"]
            end
          end
        end
        subgraph adjoint["adjoint"]
          v16["wBar = zeros like w"]
          subgraph box24["for i2 = n - 1, i2 &gt;= 0, step -1"]
            subgraph box21["if isGreater"]
              subgraph box17["then"]
                v18["restBar = 2 * rest<br/>2"]
              end
              v20["restBar2<br/>2"]
            end
            v22["wBar[1] += -restBar2"]
            v23["wBar[0] += restBar2 * xsi"]
          end
          v25[["{ value: sum, grad: wBar }"]]
        end
        v2 --> v3
        v2 --> v6
        v4 --> v6
        v1 --> v7
        v6 --> v7
        v7 --> v8
        v5 --> v10
        v7 --> v10
        v5 --> v12
        v7 --> v12
        v10 --> v13
        v12 --> v13
        v13 ==> v5
        v1 --> v16
        v7 -.-> v18
        v18 --> v20
        v16 --> v22
        v20 --> v22
        v16 --> v23
        v20 --> v23
        v6 -.-> v23
        v5 --> v25
        v16 --> v25"
    `);
  });

  test("for Graphviz, and drawn by it", async () => {
    const { out } = await draw("spring", "--format", "dot");
    expect(out).toContain("subgraph cluster_adjoint {");
    expect(out).toContain('[label="stretch = Math.sin(x) - 1", shape=box];');
    await draw("spring", "--format", "svg", "--out", "spring.svg");
    expect(folder.read("spring.svg")).toMatch(/<svg[\s\S]*stretch = Math\.sin\(x\)[\s\S]*<\/svg>/);
  });

  test("as data", async () => {
    const { status, out } = await draw("spring", "--json");
    expect(status).toBe(0);
    const { graph, problem, diagnostics } = JSON.parse(out) as Record<string, { primal: { parts: unknown[] } }>;
    expect(graph).toMatchObject({
      name: "spring",
      edges: expect.arrayContaining([{ from: "v1", to: "v3", kind: "value" }]),
    });
    expect(graph!.primal.parts[0]).toEqual({ kind: "node", id: "v1", label: "x", shape: "input" });
    expect([problem, diagnostics]).toEqual([null, []]);
    expect(JSON.parse((await folder.run("graph", "refused.ts", "refused", "--json")).out)).toMatchObject({
      graph: null,
      diagnostics: [{ severity: "error" }],
    });
  });

  test("what cannot be drawn is said", async () => {
    expect(await folder.run("graph", "refused.ts", "refused")).toMatchObject({ status: 1, out: "" });
    expect(await folder.run("graph", "none.ts", "spring")).toMatchObject({ status: 2 });
    expect(await draw("spring", "--at", "0.3")).toMatchObject({ status: 2 });
    expect(await draw("spring", "--format", "png")).toMatchObject({ status: 2 });
    const { status, error } = await draw("fit", "--at", "[null, [1]]");
    expect(status).toBe(1);
    expect(error).toContain("there are no numbers at this point");
  });
});
