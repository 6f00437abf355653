/** The package entry `adjoint/webpack`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.webpack;
