/** The package entry `adjoint/rolldown`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.rolldown;
