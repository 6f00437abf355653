/** The plugin for all bundlers: marker calls become generated code. */
import { readFile } from "node:fs/promises";
import { createUnplugin, type UnpluginBuildContext, type UnpluginContext, type UnpluginInstance } from "unplugin";
import { ModuleCompiler, moduleFilter, type PluginOptions, type Transformed } from "./compileModule.js";
import { mayHaveMarkers } from "./markerText.js";

export type { PluginOptions } from "./compileModule.js";

type Context = UnpluginBuildContext & UnpluginContext;

interface Replaced {
  readonly code: string;
  readonly map: object | null;
}

export const adjoint: UnpluginInstance<PluginOptions | undefined, false> = createUnplugin(
  (options: PluginOptions | undefined, { framework }) => {
    const compiler = new ModuleCompiler(options);
    const fails = options?.failOnError ?? true;
    let [seen, replaced] = [0, 0];

    const tell = (context: Context, id: string, result: Transformed): void => {
      result.dependencies.forEach((one) => context.addWatchFile(one));
      result.warnings.forEach((message) => context.warn(message));
      if (result.error) {
        const { message, file, line, column } = result.error;
        if (fails) return context.error({ name: "AdjointError", message, id, loc: { file, line, column } });
        return context.warn(message);
      }
      seen += result.seen;
      replaced += result.replaced;
    };

    const replace = async (context: Context, code: string, id: string): Promise<Replaced | null> => {
      const result = await compiler.transform(code, fileOf(id));
      tell(context, id, result);
      if (result.code === null) return null;
      const isLikeWebpack = framework === "webpack" || framework === "rspack";
      return { code: isLikeWebpack ? withInlineMap(result.code, result.map) : result.code, map: result.map };
    };

    return {
      name: "adjoint",
      // Before types are stripped.
      enforce: "pre",
      // Rollup follows the map of what is loaded into several sources, that of what is transformed only into one.
      ...(framework === "rollup"
        ? {
            load: {
              filter: { id: moduleFilter },
              async handler(this: Context, id: string) {
                const code = await readFile(fileOf(id), "utf8").catch(() => "");
                const result = mayHaveMarkers(code) ? await replace(this, code, id) : null;
                return result && asResult(await withoutTypes(fileOf(id), result));
              },
            },
          }
        : {
            transform: {
              filter: { id: moduleFilter },
              async handler(this: Context, code: string, id: string) {
                const result = await replace(this, code, id);
                return result && asResult(result);
              },
            },
          }),
      buildEnd() {
        const missing = seen - replaced;
        [seen, replaced] = [0, 0];
        if (missing > 0) throw new Error(`adjoint: ${missing} marker calls were not replaced by generated code.`);
      },
    };
  },
);

function fileOf(id: string): string {
  return id.replace(/\?.*$/, "");
}

function asResult({ code, map }: Replaced): { code: string; map: never } {
  return { code, map: map as never };
}

/** Plugins for TypeScript may load files themselves: one that is loaded here never gets to them. */
async function withoutTypes(path: string, { code, map }: Replaced): Promise<Replaced> {
  if (!/\.[cm]?tsx?$/.test(path)) return { code, map };
  const { stripTypes } = await import("./stripTypes.js");
  const stripped = stripTypes(path, code, map, { keepsJsx: true });
  return { code: stripped.code, map: JSON.parse(stripped.map) as object };
}

/** Loaders that come later look for maps in the text, not in what is passed along. */
function withInlineMap(code: string, map: object | null): string {
  const encoded = Buffer.from(JSON.stringify(map)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
}
