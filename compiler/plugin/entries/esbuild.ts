/** The package entry `adjoint/esbuild`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.esbuild;
