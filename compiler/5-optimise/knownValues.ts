/** What has been computed before, block in block: looked up by the text of the computation, forgotten by what is written. */
import type { MemoryClass } from "../3-analyse/aliases.js";
import type { Value } from "../ir/ir.js";

export interface Known {
  readonly value: Value;
  /** The memory it was read from, or null for what reads none. */
  readonly memory: MemoryClass | null;
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
    if (!found?.memory) return found;
    return this.isAllWritten || this.written.has(found.memory) ? undefined : found;
  }

  set(key: string, known: Known): void {
    this.own.set(key, known);
    if (!known.memory) return;
    const keys = this.reads.get(known.memory);
    if (keys) keys.add(key);
    else this.reads.set(known.memory, new Set([key]));
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
