import type { IrFunction, Unit } from "./ir/ir.js";
import type { Request, Verb } from "./requests.js";

/** A file when it is lowered. */
export interface LoweredUnit {
  readonly unit: Unit;
  readonly requests: readonly Request[];
}

/** What the API and the CLI are asked. */
export interface CompileOptions {
  /** Files to compile, absolute; all files of the tsconfig when absent. */
  readonly files?: readonly string[];
  /** Files that belong to the project and are not compiled. */
  readonly beside?: readonly string[] | undefined;
  /** Called when a file with tags is done. */
  readonly onFile?: () => void;
  /** Path of a tsconfig.json; found upwards from each file when absent. */
  readonly project?: string;
  /** Folder for the generated files instead of beside their sources. */
  readonly outDir?: string;
  /** The runtime's functions are written into generated files, which import nothing of adjoint's. */
  readonly selfContained?: boolean;
  /** Warnings count as errors. */
  readonly strict?: boolean;
  /** Print the IR after these passes (all when empty). */
  readonly printPasses?: readonly string[];
  readonly stopAfter?: string;
  readonly onPass?: (pass: string, text: string) => void;
  /** The same as data. */
  readonly onFunction?: (pass: string, fn: IrFunction) => void;
  /** These instead of the verbs that tags ask for. */
  readonly verbs?: readonly Verb[];
  /** Only the function of this name. */
  readonly only?: string;
  /** False leaves out what only improves the code. */
  readonly optimise?: boolean;
  /** All that the reverse sweep reads of the forward sweep is kept, and nothing computed again; else as little as pays. */
  readonly keep?: "all" | "minimal";
  /** What goes on in place of what was lowered. */
  readonly onLowered?: (lowered: LoweredUnit) => LoweredUnit;
}
