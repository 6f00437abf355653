/** Lines that do not pass through prettier are as it would write them. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatted } from "../compiler/6-emit/formatted.js";

const options = { printWidth: 120, parser: "babel-ts" };
const unindented = (text: string): string => text.replace(/^ +(?!\*)/gm, "");

describe("with hardly a line passing through prettier", () => {
  const goldens = ["arrays", "loops", "models", "records", "scalars", "verbs"].flatMap((topic) =>
    readdirSync(`fixtures/${topic}`).flatMap((file) => (file.endsWith(".adjoint.ts") ? [`${topic}/${file}`] : [])),
  );
  test.each(goldens)("%s is as it was", async (golden) => {
    const text = readFileSync(`fixtures/${golden}`, "utf8");
    expect(await formatted(unindented(text), options, 0)).toBe(text);
  });

  test("a line that is too long where it stands does", async () => {
    const names = Array.from({ length: 12 }, (_, k) => `value${k}`).join(" + ");
    const text = `function f() {\nfor (;;) {\nconst sum = ${names};\nconst other = ${names} + a + b;\n}\n}`;
    const lines = (await formatted(text, options, 0)).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(lines.join("\n")).toBe(await formatted(text, options, Infinity));
  });

  test("what is asked for otherwise is written so", async () => {
    const asked = { ...options, semi: false, useTabs: true };
    expect(await formatted("function f() {\nconst a = b + c;\n}", asked, 0)).toBe(
      "function f() {\n\tconst a = b + c\n}\n",
    );
  });
});
