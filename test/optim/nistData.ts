/** Reads NIST's files (test/optim/nist, as published at https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml). */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Dataset {
  readonly starts: readonly (readonly number[])[];
  /** Certified to eleven digits. */
  readonly certified: readonly number[];
  readonly sumOfSquares: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const folder = join(dirname(fileURLToPath(import.meta.url)), "nist");

export function readDataset(name: string): Dataset {
  const lines = readFileSync(join(folder, `${name}.dat`), "utf8").split(/\r?\n/);
  const parameters = lines
    .map((line) => /^\s*b\d+ =\s*(.*)$/.exec(line)?.[1]?.trim().split(/\s+/).map(Number))
    .filter((row) => row !== undefined);
  const rest = lines.find((line) => line.startsWith("Residual Sum of Squares"))!;
  const begin = lines.findLastIndex((line) => line.startsWith("Data:"));
  const rows = lines.slice(begin + 1).flatMap((line) => (line.trim() ? [line.trim().split(/\s+/).map(Number)] : []));
  return {
    starts: [0, 1].map((k) => parameters.map((row) => row[k]!)),
    certified: parameters.map((row) => row[2]!),
    sumOfSquares: Number(rest.split(":")[1]),
    y: Float64Array.from(rows, (row) => row[0]!),
    x: Float64Array.from(rows, (row) => row[1]!),
  };
}
