/** From the text of a module to the text that takes its place, for every tool alike: through the cache, or compiled. */
import { dirname } from "node:path";
import type { Diagnostic } from "../diagnostics.js";
import { findConfig } from "../findConfig.js";
import { placeOf, reportDiagnostic } from "../report.js";
import { mayHaveMarkers } from "./markerText.js";
import { cacheFolder, ModuleCache } from "./moduleCache.js";
import type { Session } from "./session.js";

export interface PluginOptions {
  /** Path of the tsconfig.json; the nearest one above each module when absent. */
  readonly tsconfig?: string;
  /** Warnings fail the build, too. Default false. */
  readonly strict?: boolean;
  /**
   * False: where a function cannot be differentiated the build goes on with a warning, and the marker throws when it is
   * called. Default true.
   */
  readonly failOnError?: boolean;
  /** False: nothing is kept between builds. Or the folder for what is kept. Default: `node_modules/.cache/adjoint`. */
  readonly cache?: boolean | string;
}

/** Modules of a program: JavaScript and TypeScript, but for installed packages and declarations. */
export const moduleFilter = {
  include: /\.[cm]?[jt]sx?(?:$|\?)/,
  exclude: [/[\\/]node_modules[\\/]/, /\.d\.[cm]?ts(?:$|\?)/, /\?(?:.*&)?(?:raw|url)\b/],
};

export interface Transformed {
  /** Null where the module stays as it is. */
  readonly code: string | null;
  readonly map: object | null;
  readonly dependencies: readonly string[];
  readonly warnings: readonly string[];
  readonly error: TransformError | null;
  readonly seen: number;
  readonly replaced: number;
}

export interface TransformError {
  /** All of them, with code frames. */
  readonly message: string;
  /** Of the first. */
  readonly file: string;
  readonly line: number;
  /** From 0, as tools count. */
  readonly column: number;
}

const untouched: Transformed = {
  code: null,
  map: null,
  dependencies: [],
  warnings: [],
  error: null,
  seen: 0,
  replaced: 0,
};

export class ModuleCompiler {
  private readonly cache: ModuleCache;
  private session: Promise<Session> | null = null;

  constructor(
    private readonly options: PluginOptions = {},
    private readonly root: string = process.cwd(),
  ) {
    const { cache = true, tsconfig = null, strict = false } = options;
    const folder = cache === true ? cacheFolder(root) : cache === false ? null : cache;
    this.cache = new ModuleCache(folder, { tsconfig, strict });
  }

  async transform(code: string, path: string): Promise<Transformed> {
    if (!mayHaveMarkers(code)) return untouched;
    const cached = this.cache.read(path, code);
    if (cached) return { ...cached, error: null, seen: cached.markers, replaced: cached.markers };
    const session = await this.openSession();
    const compiled = await session.compile(path, code);
    const { rewritten, diagnostics, markers } = compiled;
    const report = (one: Diagnostic): string =>
      reportDiagnostic(one, { colour: false, folder: this.root, readSource: compiled.readSource });
    const isError = ({ severity }: Diagnostic): boolean => severity === "error" || this.options.strict === true;
    const config = this.options.tsconfig ?? findConfig(dirname(path));
    const dependencies = [...compiled.dependencies, ...(config ? [config] : [])];
    const warnings = diagnostics.filter((one) => !isError(one)).map(report);
    const errors = diagnostics.filter(isError);
    if (errors.length > 0)
      return {
        ...untouched,
        dependencies,
        warnings,
        error: errorOf(errors, report, compiled.readSource),
        seen: markers,
      };
    if (!rewritten) return { ...untouched, dependencies, seen: markers };
    const result = {
      code: rewritten.code,
      map: { ...rewritten.map },
      markers,
      dependencies,
      folders: compiled.folders,
      warnings,
    };
    this.cache.write(path, code, result);
    return { ...result, error: null, seen: markers, replaced: markers };
  }

  /** The compiler is loaded when the first module needs it. */
  private openSession(): Promise<Session> {
    const { tsconfig: project, strict } = this.options;
    return (this.session ??= import("./session.js").then(({ Session }) => new Session({ project, strict })));
  }
}

function errorOf(
  errors: readonly Diagnostic[],
  report: (one: Diagnostic) => string,
  readSource: (file: string) => string,
): TransformError {
  const { file, start } = errors[0]!.span;
  const { line, column } = placeOf(readSource(file), start);
  return { message: errors.map(report).join("\n\n"), file, line, column: column - 1 };
}
