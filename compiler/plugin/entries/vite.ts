/** The package entry `adjoint/vite`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.vite;
