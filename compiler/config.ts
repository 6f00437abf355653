/** The package entry `adjoint/config`: what a project says once instead of with every command. */

/** Settings of `adjoint.config.ts` (or `.mts`, `.js`, `.mjs`, `.json`). Paths are relative to its folder; flags win over it. */
export interface AdjointConfig {
  /** Globs of the files with annotated functions; the files of the tsconfig when absent. */
  readonly files?: readonly string[];
  /** Folder for generated files; beside their sources when absent. */
  readonly outDir?: string;
  /** The tsconfig.json to use. */
  readonly project?: string;
  /** The runtime's functions are written into generated files, which import nothing of adjoint's. */
  readonly selfContained?: boolean;
  /** Warnings count as errors. */
  readonly strict?: boolean;
}

/** The config itself: for its type. */
export function defineConfig(config: AdjointConfig): AdjointConfig {
  return config;
}
