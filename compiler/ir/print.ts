import { readable } from "./references.js";
import type { Block, IrFunction, Key, Statement, Type, Value } from "./ir.js";
import { resultsOf, unreachable } from "./walk.js";

/** Compact, stable text of a function: values are numbered in order of appearance. */
export function printFunction(fn: IrFunction): string {
  const numbers = new Map<Value, number>();
  const name = (value: Value): string => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    const suffix = { primal: "", tangent: "Dot", adjoint: "Bar", kept: "Kept" }[value.role];
    return `%${numbers.get(value)}${value.name ? ` ${value.name}${suffix}` : suffix && ` ${suffix}`}`;
  };
  const list = (values: readonly Value[]): string => values.map(name).join(", ");
  const key = (of: Key): string => (of.kind === "index" ? `[${name(of.index)}]` : `.${of.name}`);
  const pieces = (all: readonly (string | Value)[]): string =>
    all.map((piece) => (typeof piece === "string" ? piece : `{${name(piece)}}`)).join("");

  const right = (s: Statement): string => {
    switch (s.kind) {
      case "constant":
        return (
          s.text ??
          (Object.is(s.value, -0) ? "-0" : typeof s.value === "string" ? JSON.stringify(s.value) : String(s.value))
        );
      case "placeholder":
        return `placeholder ${printType(s.result.type)}`;
      case "global":
        return `global ${s.binding.split("#").at(-1)}`;
      case "apply":
        return `${s.primitive} ${list(s.arguments)}`;
      case "arrayPrimitive":
        return `${s.primitive}! ${list(s.arguments)}`;
      case "runtimeCall":
        return `runtime ${s.name}(${list(s.arguments)})`;
      case "evaluate":
        return `evaluate${s.isPure ? "" : " once"} ${pieces(s.pieces)}`;
      case "throw":
        return `throw ${pieces(s.pieces)}`;
      case "length":
        return `length ${name(s.object)}`;
      case "load":
        return `load ${name(s.object)}${key(s.key)}`;
      case "store":
        return `store ${name(s.object)}${key(s.key)}, ${name(s.value)}`;
      case "addTo":
        return `addTo ${name(s.object)}${key(s.key)}, ${name(s.value)}`;
      case "allocate":
        return `allocate ${printType(s.result.type)} ${name(s.length)}${s.fill ? ` fill ${name(s.fill)}` : ""}`;
      case "literal":
        return `literal ${s.fields ? `{${s.elements.map((value, k) => `${s.fields![k]}: ${name(value)}`).join(", ")}}` : `[${list(s.elements)}]`}`;
      case "zerosLike":
        return `zerosLike ${name(s.object)}${s.keepsIdentity ? " keeping identity" : ""}`;
      case "view":
        return `view ${name(s.object)}, ${name(s.start)}${s.end ? `, ${name(s.end)}` : ""}`;
      case "slice":
        return `slice ${name(s.object)}${s.start ? `, ${name(s.start)}` : ""}${s.end ? `, ${name(s.end)}` : ""}`;
      case "fill":
        return `fill ${name(s.object)}, ${name(s.value)}${s.start ? `, ${name(s.start)}` : ""}${s.end ? `, ${name(s.end)}` : ""}`;
      case "copy":
        return `copy ${name(s.object)}, ${name(s.source)}, ${name(s.offset)}`;
      case "push":
        return `${s.atStart ? "unshift" : "push"} ${name(s.object)}, ${name(s.value)}`;
      case "pop":
        return `${s.atStart ? "shift" : "pop"} ${name(s.object)}`;
      case "ensure":
        return `ensure ${name(s.object)}, ${name(s.capacity)}`;
      case "narrow":
        return `narrow ${name(s.value)}`;
      case "stop":
        return `stop ${name(s.object)}`;
      case "recall":
        return `recall ${name(s.value)}`;
      case "call":
        return `call ${s.callee}(${list(s.arguments)})`;
      case "externalCall":
        return `external ${s.name}(${list(s.arguments)})`;
      case "closure":
        return `closure ${s.callee}(${list(s.arguments)}, …)`;
      case "receive":
        return "receive";
      case "note":
        return `// ${s.text}`;
      case "if":
        return `if ${name(s.condition)}`;
      case "loop": {
        const bound = s.upper ? ` ${s.comparison} ${name(s.upper)}` : "";
        const carried = s.parameters.map((parameter, k) => `${name(parameter)} = ${name(s.initial[k]!)}`).join(", ");
        return `loop ${name(s.counter)} from ${name(s.lower)}${bound} step ${s.step} (${carried})`;
      }
      default:
        return unreachable(s);
    }
  };
  const lines: string[] = [];
  const block = (of: Block, indent: string, label: string): void => {
    if (label) lines.push(`${indent.slice(2)}${label}${of.mirrors === null ? "" : " (mirror)"}:`);
    for (const statement of of.statements) {
      const text = right(statement);
      const results = resultsOf(statement);
      lines.push(`${indent}${results.length > 0 ? `${list(results)} = ` : ""}${text}`);
      if (statement.kind === "if") {
        block(statement.then, `${indent}  `, "then");
        block(statement.else, `${indent}  `, "else");
      }
      if (statement.kind === "loop") {
        if (statement.test) block(statement.test, `${indent}  `, "while");
        block(statement.body, `${indent}  `, "do");
        if (statement.exit) lines.push(`${indent}exit when ${name(statement.exit)}`);
      }
    }
    if (of.yields.length > 0) lines.push(`${indent}yield ${list(of.yields)}`);
  };
  const parameters = fn.parameters.map((parameter) => `${name(parameter.value)}: ${printType(parameter.value.type)}`);
  lines.push(`function ${fn.name}(${parameters.join(", ")})`);
  block(fn.body, "  ", "");
  return lines.join("\n");
}

export function printType(type: Type): string {
  switch (type.kind) {
    case "optional":
      return `${printType(type.of)}?`;
    case "array":
      return `${printType(type.element)}[]`;
    case "typedArray":
      return type.name;
    case "tuple":
      return `[${type.elements.map(printType).join(", ")}]`;
    case "record":
      return type.name ?? `{${type.fields.map((field) => field.name).join(", ")}}`;
    case "opaque":
      return readable(type.text);
    default:
      return type.kind;
  }
}
