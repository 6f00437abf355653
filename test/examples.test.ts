/** The derivatives committed beside the examples are what the compiler writes today. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compileFiles } from "../compiler/index.js";
import { checkSibling, isSibling } from "../compiler/siblings.js";

const folder = fileURLToPath(new URL("../examples/models/", import.meta.url));

test("derivatives of the examples are current", async () => {
  const sources = readdirSync(folder).filter((name) => !isSibling(name));
  const { files, diagnostics } = await compileFiles({ files: sources.map((name) => folder + name) });
  expect(diagnostics).toEqual([]);
  expect(files).toHaveLength(sources.length);
  for (const file of files)
    expect([file.source, checkSibling(file.sibling, file.text!)]).toEqual([file.source, "current"]);
});
