/** The plugin for all bundlers: marker calls become generated code. */
import { createUnplugin, type UnpluginInstance } from "unplugin";
import { ModuleCompiler, moduleFilter, type PluginOptions } from "./compileModule.js";

export type { PluginOptions } from "./compileModule.js";

export const adjoint: UnpluginInstance<PluginOptions | undefined, false> = createUnplugin(
  (options: PluginOptions | undefined) => {
    const compiler = new ModuleCompiler(options);
    const fails = options?.failOnError ?? true;
    let [seen, replaced] = [0, 0];
    return {
      name: "adjoint",
      // Before types are stripped.
      enforce: "pre",
      transform: {
        filter: { id: moduleFilter },
        async handler(code, id) {
          const path = id.replace(/\?.*$/, "");
          const result = await compiler.transform(code, path);
          result.dependencies.forEach((one) => this.addWatchFile(one));
          result.warnings.forEach((message) => this.warn(message));
          if (result.error) {
            const { message, file, line, column } = result.error;
            if (fails) return this.error({ name: "AdjointError", message, id, loc: { file, line, column } });
            this.warn(message);
          } else {
            seen += result.seen;
            replaced += result.replaced;
          }
          return result.code === null ? null : { code: result.code, map: result.map as never };
        },
      },
      buildEnd() {
        const missing = seen - replaced;
        [seen, replaced] = [0, 0];
        if (missing > 0) throw new Error(`adjoint: ${missing} marker calls were not replaced by generated code.`);
      },
    };
  },
);
