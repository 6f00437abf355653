/** The package entry `adjoint/farm`. */
import { adjoint } from "../unplugin.js";

export type { PluginOptions } from "../unplugin.js";
export default adjoint.farm;
