/** The package entry `adjoint/rollup`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.rollup;
