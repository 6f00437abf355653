/** The package entry `adjoint/register`: `node --import adjoint/register program.ts`. */
import { register } from "node:module";

register("./nodeHooks.js", import.meta.url);
