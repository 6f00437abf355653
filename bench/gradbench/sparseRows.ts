/** A sparse matrix, written row by row. */
export class SparseRows {
  /** Where each row starts among the values, and where the last one ends. */
  readonly #starts: Int32Array;
  readonly #columns: Int32Array;
  readonly #values: Float64Array;
  #rowCount = 0;
  #valueCount = 0;

  constructor(rowCount: number, valueCount: number) {
    this.#starts = new Int32Array(rowCount + 1);
    this.#columns = new Int32Array(valueCount);
    this.#values = new Float64Array(valueCount);
  }

  put(column: number, value: number): void {
    this.#columns[this.#valueCount] = column;
    this.#values[this.#valueCount] = value;
    this.#valueCount++;
  }

  /** Values at neighbouring columns. */
  putAll(firstColumn: number, values: readonly number[]): void {
    for (let i = 0; i < values.length; i++) this.put(firstColumn + i, values[i]!);
  }

  endRow(): void {
    this.#rowCount++;
    this.#starts[this.#rowCount] = this.#valueCount;
  }

  /** The first numbers of each kind, and the last. */
  sample(count: number): { rows: number[]; cols: number[]; vals: number[] } {
    const sampled = (numbers: Int32Array | Float64Array): number[] => [...numbers.subarray(0, count), numbers.at(-1)!];
    return { rows: sampled(this.#starts), cols: sampled(this.#columns), vals: sampled(this.#values) };
  }
}
