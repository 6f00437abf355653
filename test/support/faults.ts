/** Programs that are right but for one place: somewhere a value passes through a function that is not known. */
import { readFileSync } from "node:fs";
import { Node, Project } from "ts-morph";
import { findRequests } from "../../compiler/1-parse/findRequests.js";
import { lowerFile } from "../../compiler/2-lower/unit.js";
import type { Diagnostic } from "../../compiler/diagnostics.js";
import { join } from "node:path";
import { findFixtures, fixturesFolder } from "./fixtures.js";

export interface Fault {
  readonly fixture: string;
  /** Where the unknown function is called. */
  readonly start: number;
  readonly path: string;
  readonly text: string;
}

function isFunction(node: Node): boolean {
  return Node.isFunctionLikeDeclaration(node) || Node.isArrowFunction(node) || Node.isFunctionExpression(node);
}

/** Expressions whose value statements declare, assign, return, walk over and hand on. */
function placesOf(node: Node): readonly (Node | undefined)[] {
  if (Node.isVariableDeclaration(node) || Node.isPropertyAssignment(node)) return [node.getInitializer()];
  if (Node.isReturnStatement(node) || Node.isForOfStatement(node)) return [node.getExpression()];
  if (Node.isCallExpression(node)) return node.getArguments().filter((argument) => !Node.isSpreadElement(argument));
  const isAssignment = Node.isBinaryExpression(node) && /^[^=!<>]*=$/.test(node.getOperatorToken().getText());
  return isAssignment ? [node.getRight()] : [];
}

/** Of every fixture up to `count` programs, each with one fault. */
export function faultsOf(count: number): readonly Fault[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  return findFixtures().flatMap(({ name, source }) => {
    const text = readFileSync(source, "utf8");
    // What a second copy of a rule is, is another matter.
    if (text.includes("defineRule(")) return [];
    const places: Node[] = [];
    project.createSourceFile(source, text, { overwrite: true }).forEachDescendant((node) => {
      if (node.getFirstAncestor(isFunction)) for (const place of placesOf(node)) if (place) places.push(place);
    });
    const step = Math.max(1, Math.ceil(places.length / count));
    return places
      .filter((_, k) => k % step === 0)
      .map((place, k) => {
        const [start, end] = [place.getStart(), place.getEnd()];
        const changed = `${text.slice(0, start)}lost(${text.slice(start, end)})${text.slice(end)}`;
        return {
          fixture: name,
          start,
          path: source.replace(/\.ts$/, `.fault${k}.ts`),
          text: `${changed}\ndeclare function lost<T>(value: T): T;\n`,
        };
      });
  });
}

/** What is told of each. */
export function diagnosticsOf(faults: readonly Fault[]): readonly (readonly Diagnostic[])[] {
  const project = new Project({
    tsConfigFilePath: join(fixturesFolder, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
  });
  const files = faults.map(({ path, text }) => project.createSourceFile(path, text, { overwrite: true }));
  project.resolveSourceFileDependencies();
  return files.map((file) => lowerFile(file, findRequests(file).functions).diagnostics);
}
