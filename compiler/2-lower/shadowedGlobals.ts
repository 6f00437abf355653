/** Names of the language's own objects that a module gives to something else: the compiler knows them only as the language's. */
import { Node, type SourceFile, type ts } from "ts-morph";
import { refuse } from "./lowering.js";

const names =
  "Array Boolean Date Error Infinity JSON Map Math NaN Number Object RangeError Reflect Set String Symbol TypeError isFinite isNaN parseFloat parseInt structuredClone undefined Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array".split(
    " ",
  );

const shadowedIn = new WeakMap<ts.SourceFile, readonly string[]>();

/** Those that a module declares or imports at its top. */
export function shadowedGlobals(file: SourceFile): readonly string[] {
  let found = shadowedIn.get(file.compilerNode);
  if (!found) {
    const text = file.getFullText();
    // Of types nothing is left when the program runs.
    found = names.filter(
      (name) =>
        mentions(text, name) &&
        file
          .getLocal(name)
          ?.getDeclarations()
          .some((one) => !isType(one)),
    );
    shadowedIn.set(file.compilerNode, found);
  }
  return found;
}

function isType(declaration: Node): boolean {
  return Node.isInterfaceDeclaration(declaration) || Node.isTypeAliasDeclaration(declaration);
}

/** The function names one of them. */
export function refuseShadowed(fn: Node, at: Node): void {
  const shadowed = shadowedGlobals(fn.getSourceFile());
  const name = shadowed.find((one) => mentions(fn.getText(), one));
  if (name !== undefined) refuse(at, "shadowedGlobal", messageFor(name), adviceFor(name));
}

export function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}

export function messageFor(name: string): string {
  return `${name} is something else in this module than the language's own, as which generated code and the compiler know it.`;
}

export function adviceFor(name: string): string {
  return `Give it another name; import it under one: import { ${name} as other }.`;
}
