/** The parts that the language has, for docs/language.md to show: kinds of syntax, operators, members of its own objects. */
import { join } from "node:path";
import { Project, ts } from "ts-morph";
import { fixturesFolder } from "./fixtures.js";

/** What no function of the user's can hold, or what is nothing that runs. */
const leftOut: Readonly<Record<string, string>> = {
  JsxElement: "makes elements of a page",
  JsxSelfClosingElement: "makes elements of a page",
  JsxFragment: "makes elements of a page",
  LessThanSlashToken: "ends elements of a page",
  AtToken: "comes with a decorator, which is no expression",
  WithStatement: "is not part of strict code",
  MissingDeclaration: "is what the parser makes of an error",
  NotEmittedStatement: "is made by TypeScript's own transformations",
  PartiallyEmittedExpression: "is made by TypeScript's own transformations",
  CommaListExpression: "is made by TypeScript's own transformations",
  NamespaceExportDeclaration: "stands in declaration files only",
};

const library = new Project({
  tsConfigFilePath: join(fixturesFolder, "tsconfig.json"),
  skipAddingFilesFromTsConfig: true,
});

const nameOfKind = new Map<ts.SyntaxKind, string>();
for (const [name, kind] of Object.entries(ts.SyntaxKind))
  if (typeof kind === "number" && !nameOfKind.has(kind) && !/^(First|Last)[A-Z]/.test(name)) nameOfKind.set(kind, name);

function isOperator(kind: ts.SyntaxKind): boolean {
  const isAssignment = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  return isAssignment || (kind >= ts.SyntaxKind.LessThanToken && kind <= ts.SyntaxKind.QuestionQuestionToken);
}

/** Every kind of expression, statement and operator that TypeScript knows. */
export function kindsOfLanguage(): readonly string[] {
  return [...nameOfKind]
    .filter(([kind, name]) => {
      const node = { kind } as ts.Node;
      return !(name in leftOut) && (isOperator(kind) || ts.isExpression(node) || ts.isStatement(node));
    })
    .map(([, name]) => name);
}

export function kindsIn(text: string): readonly string[] {
  const kinds: string[] = [];
  const visit = (node: ts.Node): void => {
    kinds.push(nameOfKind.get(node.kind)!);
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
      kinds.push(nameOfKind.get(node.operator)!);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", text, ts.ScriptTarget.Latest, true));
  return kinds;
}

const members = new Map<string, readonly string[]>();

/** The members that TypeScript's library gives to something. */
export function membersOf(expression: string): readonly string[] {
  let found = members.get(expression);
  if (!found) {
    const text = `const value = ${expression};`;
    const file = library.createSourceFile(join(fixturesFolder, "members.ts"), text, { overwrite: true });
    const type = file.getVariableDeclarationOrThrow("value").getType();
    found = type
      .getApparentProperties()
      .map((property) => property.getName())
      .filter((name) => /^[a-zA-Z]\w*$/.test(name) && name !== "prototype" && name !== "constructor");
    members.set(expression, found);
  }
  return found;
}
