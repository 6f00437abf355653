/** What has been computed before, block in block: looked up by the text of the computation, forgotten by what is written. */
import type { MemoryClass } from "../3-analyse/aliases.js";
import type { Value } from "../ir/ir.js";

export interface Known {
  /** One, but for statements with several results. */
  readonly values: readonly Value[];
  /** The memory they were read from. */
  readonly memories: readonly MemoryClass[];
}

export class KnownValues {
  private readonly own = new Map<string, Known>();
  /** Own keys, by the memory they were read from. */
  private readonly reads = new Map<MemoryClass, Set<string>>();
  /** What was written since this block began: of blocks around it nothing is known of that any more. */
  private readonly written = new Set<MemoryClass>();
  private isAllWritten = false;

  constructor(private readonly outer: KnownValues | null) {}

  get(key: string): Known | undefined {
    const own = this.own.get(key);
    if (own) return own;
    const found = this.outer?.get(key);
    if (!found || found.memories.length === 0) return found;
    return this.isAllWritten || found.memories.some((memory) => this.written.has(memory)) ? undefined : found;
  }

  set(key: string, known: Known): void {
    this.own.set(key, known);
    for (const memory of known.memories) {
      const keys = this.reads.get(memory);
      if (keys) keys.add(key);
      else this.reads.set(memory, new Set([key]));
    }
  }

  /** Memory of this class, or any where it is null, has been written. */
  forget(memory: MemoryClass | null): void {
    if (memory) this.written.add(memory);
    else this.isAllWritten = true;
    for (const [of, keys] of memory ? [[memory, this.reads.get(memory)] as const] : this.reads) {
      keys?.forEach((key) => this.own.delete(key));
      this.reads.delete(of);
    }
  }
}
