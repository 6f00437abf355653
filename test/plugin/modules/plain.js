// A module of plain JavaScript.
import { grad } from "adjoint";
import { weigh } from "./models.js";

/** @type {(x: number) => number} */
const wave = (x) => Math.sin(x) * weigh(x * x);

export const slope = grad(wave);
export { wave };
