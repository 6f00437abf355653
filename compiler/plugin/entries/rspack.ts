/** The package entry `adjoint/rspack`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.rspack;
