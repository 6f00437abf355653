/**
 * What the engine knows of functions that are loaded: where they are written, and what they have captured. It is right
 * for every way to make modules, prototypes and closures, which reading their text is not.
 */
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";

type AnyFunction = (...args: never[]) => unknown;

/** A place in a source file; line and column count from 0, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface RemoteValue {
  readonly objectId?: string;
  readonly value?: unknown;
  /** Numbers that JSON cannot write. */
  readonly unserializableValue?: string;
}

interface Property {
  readonly name: string;
  readonly value?: RemoteValue;
}

/** By this name objects pass between the program and the engine's answers. */
const exchange = "__adjointInspection";

/** One conversation with the engine; `close` it when the program has been read. */
export class Inspection {
  private readonly session = new Session();
  private readonly scripts = new Map<string, string>();
  private readonly properties = new Map<AnyFunction, readonly Property[]>();
  private readonly scopes = new Map<AnyFunction, readonly ReadonlyMap<string, RemoteValue | undefined>[]>();

  constructor() {
    this.session.connect();
    this.session.on("Debugger.scriptParsed", ({ params }) => this.scripts.set(params.scriptId, params.url));
    this.ask("Debugger.enable", {});
  }

  close(): void {
    this.session.disconnect();
    Reflect.deleteProperty(globalThis, exchange);
  }

  /** Where a function is written; null for one of the engine itself. */
  placeOf(fn: AnyFunction): Place | null {
    const location = this.internal(fn, "[[FunctionLocation]]")?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    const url = location && this.scripts.get(location.scriptId);
    if (!location || !url) return null;
    const file = url.startsWith("file:") ? fileURLToPath(url) : url;
    return { file, line: location.lineNumber, column: location.columnNumber };
  }

  /** The value of a variable outside of a function that it names; null where it has captured none of that name. */
  captured(fn: AnyFunction, name: string): { readonly value: unknown } | null {
    for (const scope of this.scopesOf(fn)) if (scope.has(name)) return { value: this.valueOf(scope.get(name)) };
    return null;
  }

  /** What `bind` has made a function of; null for any other function. */
  boundParts(fn: AnyFunction): { readonly target: AnyFunction; readonly self: unknown; readonly args: unknown } | null {
    const target = this.internal(fn, "[[TargetFunction]]");
    if (!target?.objectId) return null;
    return {
      target: this.valueOf(target) as AnyFunction,
      self: this.valueOf(this.internal(fn, "[[BoundThis]]")),
      args: this.valueOf(this.internal(fn, "[[BoundArgs]]")),
    };
  }

  private valueOf(remote: RemoteValue | undefined): unknown {
    if (remote?.unserializableValue !== undefined) return Number(remote.unserializableValue);
    if (remote?.objectId === undefined) return remote?.value;
    this.ask("Runtime.callFunctionOn", {
      objectId: remote.objectId,
      functionDeclaration: `function () { globalThis.${exchange} = this; }`,
    });
    return (globalThis as Record<string, unknown>)[exchange];
  }

  private internal(fn: AnyFunction, name: string): RemoteValue | undefined {
    let all = this.properties.get(fn);
    if (!all) {
      (globalThis as Record<string, unknown>)[exchange] = fn;
      const { result } = this.ask<{ result: RemoteValue }>("Runtime.evaluate", {
        expression: `globalThis.${exchange}`,
      });
      all = this.ask<{ internalProperties?: Property[] }>("Runtime.getProperties", {
        objectId: result.objectId,
        ownProperties: true,
      }).internalProperties;
      this.properties.set(fn, (all ??= []));
    }
    return all.find((property) => property.name === name)?.value;
  }

  /** What the scopes around a function hold, the innermost first. */
  private scopesOf(fn: AnyFunction): readonly ReadonlyMap<string, RemoteValue | undefined>[] {
    const known = this.scopes.get(fn);
    if (known) return known;
    const list = this.internal(fn, "[[Scopes]]")?.objectId;
    const scopes = list === undefined ? [] : this.ownProperties(list);
    const found = scopes.flatMap(({ value }) => {
      const isGlobal = (value as { description?: string } | undefined)?.description === "Global";
      if (isGlobal || value?.objectId === undefined) return [];
      return [new Map(this.ownProperties(value.objectId).map((one) => [one.name, one.value] as const))];
    });
    this.scopes.set(fn, found);
    return found;
  }

  private ownProperties(objectId: string): readonly Property[] {
    return this.ask<{ result: Property[] }>("Runtime.getProperties", { objectId, ownProperties: true }).result;
  }

  private ask<T>(method: string, parameters: object): T {
    let answer: unknown;
    let failure: Error | null = null;
    this.session.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure) throw failure;
    return answer as T;
  }
}
