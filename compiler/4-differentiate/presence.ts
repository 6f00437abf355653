/** Tests of whether something is there. */
import type { ApplyStatement } from "../ir/ir.js";

export function testsPresence({ primitive, arguments: args }: ApplyStatement): boolean {
  if (primitive === "isNullish" || primitive === "isUndefined" || primitive === "not") return true;
  return primitive.toLowerCase().endsWith("equal") && args.some((argument) => argument.type.kind === "nullish");
}
