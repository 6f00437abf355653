/**
 * Text as prettier writes it. In long texts, lines that it would leave as they are do not pass through it: in long
 * functions nearly all are such.
 */
import { format, type Options } from "prettier";

/** Below that many lines all of the text is formatted. */
const manyLines = 1000;

export async function formatted(text: string, options: Options, most: number = manyLines): Promise<string> {
  const lines = text.split("\n");
  if (lines.length < most || !isPlain(options) || text.includes("__lines")) return format(text, options);
  const { shortened, runs } = withoutFinished(lines, options);
  const short = await format(shortened.join("\n"), options);
  let isFine = true;
  const whole = short.replace(/^( *)__lines(\d+)__;$/gm, (_, indentation: string, k: string) =>
    runs[Number(k)]!.map((line) => {
      isFine &&= indentation.length + widthOf(line) <= options.printWidth!;
      return indentation + line;
    }).join("\n"),
  );
  return isFine ? whole : format(text, options);
}

/** Nothing is asked for that changes lines like these. */
function isPlain({ semi, useTabs, experimentalOperatorPosition, endOfLine, printWidth, plugins }: Options): boolean {
  const isUsual = semi !== false && useTabs !== true && experimentalOperatorPosition !== "start";
  return isUsual && (endOfLine ?? "lf") === "lf" && printWidth !== undefined && !plugins?.length;
}

/** Runs of lines that are as they should be, each with a statement in its place. */
function withoutFinished(lines: readonly string[], options: Options): { shortened: string[]; runs: string[][] } {
  const shortened: string[] = [];
  const runs: string[][] = [];
  let depth = 0;
  let isInRun = false;
  for (const line of lines) {
    const indentation = depth * (options.tabWidth ?? 2);
    const isFinished = depth > 0 && finished.test(line) && indentation + widthOf(line) <= options.printWidth!;
    if (isFinished && isInRun) runs.at(-1)!.push(line);
    else if (isFinished) shortened.push(`__lines${runs.push([line]) - 1}__;`);
    else {
      shortened.push(line);
      depth += Number(/[{[(]$/.test(line)) - Number(/^[}\])]/.test(line));
    }
    isInRun = isFinished;
  }
  return { shortened, runs };
}

/** Behind a statement a comment takes no room. */
function widthOf(line: string): number {
  const comment = line.indexOf(" // ");
  return comment < 0 ? line.length : comment;
}

const place = String.raw`[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[(?:[A-Za-z_$][\w$]*|\d+)\]!?)*`;
const operand = String.raw`(?:${place}(?:\(${place}\))?|\d+(?:\.\d*[1-9])?)`;
/** Products of which none is divided: in others prettier sets parentheses. */
const sum = String.raw`-?${operand}(?: [-+*] ${operand})*`;

/** An assignment of a sum of products. */
const finished = new RegExp(String.raw`^(?:const |let )?${place} (?:[-+*]?=) ${sum};(?: // .*\S)?$`);
