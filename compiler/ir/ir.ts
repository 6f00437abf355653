/**
 * The language between the phases: structured SSA. Statements nest (blocks, `if`, one kind of loop), values are
 * immutable and are defined once; there are no jumps. A value is visible in the block that defines it, after its
 * definition, and in every block nested below. Arrays, tuples and records are references to memory; reads and writes
 * are statements with effects, in order. Nothing here knows TypeScript syntax.
 */

// ---------------------------------------------------------------------------------------------------------- types

/**
 * Names of the typed arrays. Only the two float kinds can carry a derivative. `ArrayLike` is whatever list of numbers the
 * caller passes, an array or a typed array of any kind: it is only read.
 */
export type TypedArrayName =
  | "ArrayLike"
  | "Float64Array"
  | "Float32Array"
  | "Int8Array"
  | "Uint8Array"
  | "Uint8ClampedArray"
  | "Int16Array"
  | "Uint16Array"
  | "Int32Array"
  | "Uint32Array";

/** Types are interned by whoever makes them from source; compare with `sameType`, never by identity. */
export type Type =
  | { readonly kind: "number" }
  | { readonly kind: "boolean" }
  | { readonly kind: "string" }
  /** `undefined` or `null` alone; undefined when nothing is said. */
  | { readonly kind: "nullish"; readonly missing?: Missing }
  /** `T | undefined`, `T | null`: a `T` may stand wherever this is expected. */
  | { readonly kind: "optional"; readonly of: Type; readonly missing?: Missing }
  | ArrayType
  | TypedArrayType
  | TupleType
  | RecordType
  /**
   * A value that is only passed along (a function, a mixed union, a Date): never active, never looked into. `isRecursive`
   * is a type that contains itself, but not by way of a record; `keyed` holds data under keys that only run time knows.
   */
  | {
      readonly kind: "opaque";
      readonly text: string;
      readonly isRecursive?: boolean;
      readonly keyed?: "map" | "set" | "record";
      /** Behind the text, for a type of the runtime: the tuple of these. */
      readonly typeArguments?: readonly Type[];
      /** Of a function that generated code hands out. */
      readonly signature?: FunctionSignature;
    };

export interface FunctionSignature {
  readonly parameters: readonly { readonly name: string; readonly type: Type }[];
  readonly result: Type;
}

/** What stands for nothing. */
export type Missing = "undefined" | "null" | "null | undefined";

export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly isReadonly?: boolean;
}

export interface TypedArrayType {
  readonly kind: "typedArray";
  readonly name: TypedArrayName;
}

export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly Type[];
  /** Labels as written, or null where the tuple has none. */
  readonly labels: readonly string[] | null;
  readonly isReadonly?: boolean;
}

/** An object with named fields: interface, type alias, literal or class instance. */
export interface RecordType {
  readonly kind: "record";
  /** The name in the source (`Point`), or null for an anonymous type. */
  readonly name: string | null;
  readonly fields: readonly RecordField[];
  /** The source's type is a union of records: one of its shapes at a time. */
  readonly isUnion?: boolean;
  /** The classes it is an instance of one of, under keys of lowering. */
  readonly brands?: readonly string[];
  /** It holds what a function has captured; which function that is, lowering knows by this key. */
  readonly environment?: number;
  /** Generated code declares it as an interface of that name. */
  readonly isDeclared?: boolean;
  /** How generated code writes a type of the user's that contains itself, or what is derived from one. */
  readonly text?: string;
}

export interface RecordField {
  readonly name: string;
  readonly type: Type;
  readonly isOptional: boolean;
  /** Only the class itself may name it (`private`, `protected`). */
  readonly isHidden?: boolean;
  /** Marked `@constant`: what is read from it carries no derivative. */
  readonly isConstant?: boolean;
}

// --------------------------------------------------------------------------------------------------------- values

/** Where something stands in a source file: half-open range of character offsets. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** What a value is to the derivative program; it decides the suffix of its emitted name (none, Dot, Bar, Kept). */
export type Role = "primal" | "tangent" | "adjoint" | "kept";

export interface Value {
  /** Unique in the process; ascending in order of creation. */
  readonly id: number;
  readonly type: Type;
  /** The user's name for it (`x` for an adjoint of `x` too); null for a temporary. */
  readonly name: string | null;
  readonly role: Role;
  readonly span: Span | null;
}

// ----------------------------------------------------------------------------------------------- blocks, functions

export interface Block {
  readonly id: number;
  readonly statements: readonly Statement[];
  /** What the block hands to the statement that owns it (results of an `if`, next carried values of a loop, …). */
  readonly yields: readonly Value[];
  /** The id of the primal block that this block runs in reverse, or null. Only mirror blocks hold `recall`s. */
  readonly mirrors: number | null;
}

/** A parameter as the user wrote it; what emission needs to write the signature again. */
export interface Parameter {
  readonly value: Value;
  /** Name to print; for a destructured parameter an invented one. */
  readonly name: string;
  /** As the user wrote it; null prints the value's type. */
  readonly typeText: string | null;
  readonly isOptional: boolean;
  readonly isRest: boolean;
  /** What stands for it where the derivative is asked for: a variable that the function has captured, or `this`. */
  readonly capturedAs?: string;
}

/** How some parameters are passed, in order: each alone, or several as one tuple. */
export interface ParameterGroup {
  readonly kind: "alone" | "tuple";
  readonly count: number;
}

export interface IrFunction {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Null: each alone. */
  readonly groups: readonly ParameterGroup[] | null;
  /** `<T extends number[]>` or the empty string. */
  readonly typeParametersText: string;
  /** Return type as printed, or null when emission should derive it from the yielded value's type. */
  readonly returnTypeText: string | null;
  /** Yields one value, or none for a procedure. */
  readonly body: Block;
  readonly span: Span | null;
  /** What its adjoint may keep in storage, as the user says. */
  readonly limit?: KeptLimit | null;
  /** The functions that were lowered in place of calls, by name; for people only. */
  readonly inlined?: readonly string[];
  /** Lines of the doc comment to print above the function, without the comment signs. */
  readonly documentation: readonly string[];
}

// ----------------------------------------------------------------------------------------------------- statements

/** The place inside an object: a run-time index of an array, or a fixed field (record: name; tuple: "0", "1", …). */
export type Key = { readonly kind: "index"; readonly index: Value } | { readonly kind: "field"; readonly name: string };

interface Located {
  /** The source expression or statement it comes from. */
  readonly span: Span | null;
}

export interface ConstantStatement extends Located {
  readonly kind: "constant";
  readonly result: Value;
  /** `undefined` and `null` only with a nullish or optional type. */
  readonly value: number | boolean | string | null | undefined;
  /** How to print it: `Math.PI`, `1e-3`, `Number.EPSILON`; null prints the value. */
  readonly text: string | null;
}

/** A zero of the type (0, false, empty array, record of zeros), standing for a value that is never used. */
export interface PlaceholderStatement extends Located {
  readonly kind: "placeholder";
  readonly result: Value;
  /** What an earlier call has left in scratch of this name: to be overwritten before it is read. */
  readonly stale?: string;
}

/** A module-level constant of the user's program, by reference; never written by the function. */
export interface GlobalStatement extends Located {
  readonly kind: "global";
  readonly result: Value;
  /** Key into the unit's table of bindings. */
  readonly binding: string;
  /** The number that it is, as its source says today. */
  readonly literal?: number | undefined;
}

/** A pure scalar primitive: arithmetic, comparison, Math functions. The names are the rows of `rules/`. */
export interface ApplyStatement extends Located {
  readonly kind: "apply";
  readonly result: Value;
  readonly primitive: string;
  readonly arguments: readonly Value[];
}

/** A runtime array primitive (`dot`, `matvec`, …): reads its operands' memory, writes none, result is fresh. */
export interface ArrayPrimitiveStatement extends Located {
  readonly kind: "arrayPrimitive";
  readonly result: Value;
  /** The rule row; derivative calls use the row's pullback and pushforward names. */
  readonly primitive: string;
  readonly arguments: readonly Value[];
}

/**
 * A call of a runtime function made by the compiler (`dotPullback`, …). `writes` are positions of the arguments whose
 * memory it adds to; nothing else is written. Numbers in, at most one result.
 */
export interface RuntimeCallStatement extends Located {
  readonly kind: "runtimeCall";
  readonly result: Value | null;
  readonly name: string;
  readonly arguments: readonly Value[];
  readonly writes: readonly number[];
  /** The argument whose identities the result repeats: where it has one object in two places, so has the result. */
  readonly identitiesOf?: number;
}

/**
 * An expression that the compiler prints and does not look into: text with holes for values. Never active.
 * `isPure` false: evaluated exactly once, in order (`Math.random()`, `console.log(x)`).
 */
export interface EvaluateStatement extends Located {
  readonly kind: "evaluate";
  readonly result: Value | null;
  readonly pieces: readonly (string | Value)[];
  readonly isPure: boolean;
}

/** Leaves the function by an exception; always the last statement of its block, whose yields are placeholders. */
export interface ThrowStatement extends Located {
  readonly kind: "throw";
  readonly pieces: readonly (string | Value)[];
}

export interface LengthStatement extends Located {
  readonly kind: "length";
  readonly result: Value;
  readonly object: Value;
}

export interface LoadStatement extends Located {
  readonly kind: "load";
  readonly result: Value;
  readonly object: Value;
  readonly key: Key;
}

export interface StoreStatement extends Located {
  readonly kind: "store";
  readonly object: Value;
  readonly key: Key;
  readonly value: Value;
}

/** `object[key] += value`, numbers only. */
export interface AddToStatement extends Located {
  readonly kind: "addTo";
  readonly object: Value;
  readonly key: Key;
  readonly value: Value;
}

/** `new Float64Array(n)`, `new Array(n).fill(v)`; `fill` null leaves an array's elements undefined (typed arrays: 0). */
export interface AllocateStatement extends Located {
  readonly kind: "allocate";
  readonly result: Value;
  readonly length: Value;
  readonly fill: Value | null;
}

/** An array or tuple literal, or a record literal (`elements` in the order of the record type's fields present). */
export interface LiteralStatement extends Located {
  readonly kind: "literal";
  readonly result: Value;
  readonly elements: readonly Value[];
  /** Field names, one for each element, for a record; null for arrays and tuples. */
  readonly fields: readonly string[] | null;
}

/** A zero object of the same structure as `object` (nested arrays, records); a float array for a typed float array. */
export interface ZerosLikeStatement extends Located {
  readonly kind: "zerosLike";
  readonly result: Value;
  readonly object: Value;
  /** An object reached twice has one zero object, views of one buffer have views of one; else every place has its own. */
  readonly keepsIdentity: boolean;
}

/** `object.subarray(start, end)`: a view of the same memory; `end` null is the length. */
export interface ViewStatement extends Located {
  readonly kind: "view";
  readonly result: Value;
  readonly object: Value;
  readonly start: Value;
  readonly end: Value | null;
}

/** `object.slice(start, end)`, `[...object]`, `Float64Array.from(object)`: a fresh shallow copy, of the result's type. */
export interface SliceStatement extends Located {
  readonly kind: "slice";
  readonly result: Value;
  readonly object: Value;
  readonly start: Value | null;
  readonly end: Value | null;
}

/** `object.fill(value, start, end)`. */
export interface FillStatement extends Located {
  readonly kind: "fill";
  readonly object: Value;
  readonly value: Value;
  readonly start: Value | null;
  readonly end: Value | null;
}

/** `object.set(source, offset)`: correct for overlapping views, throws RangeError when it does not fit. */
export interface CopyStatement extends Located {
  readonly kind: "copy";
  readonly object: Value;
  readonly source: Value;
  readonly offset: Value;
}

/** `object.push(value)`, or `object.unshift(value)` at the start. */
export interface PushStatement extends Located {
  readonly kind: "push";
  readonly object: Value;
  readonly value: Value;
  readonly atStart?: boolean;
}

/** `object.pop()`, or `object.shift()` at the start; the array is not empty. */
export interface PopStatement extends Located {
  readonly kind: "pop";
  readonly result: Value;
  readonly object: Value;
  readonly atStart?: boolean;
}

/** Growable storage: `object` itself when it holds at least `capacity` elements, else a larger copy of it. */
export interface EnsureStatement extends Located {
  readonly kind: "ensure";
  readonly result: Value;
  readonly object: Value;
  readonly capacity: Value;
}

/** Narrows an optional value after a test (`x!`, or a branch that proved it present): no code at run time. */
export interface NarrowStatement extends Located {
  readonly kind: "narrow";
  readonly result: Value;
  readonly value: Value;
}

/** `stopGradient(object)`: the object itself, through which no derivative flows. Nothing writes it afterwards. */
export interface StopStatement extends Located {
  readonly kind: "stop";
  readonly result: Value;
  readonly object: Value;
}

/** In a mirror block: the value that `value` had in the matching execution of the mirrored block. */
export interface RecallStatement extends Located {
  readonly kind: "recall";
  readonly result: Value;
  readonly value: Value;
}

/** A call of another function of the unit (by its key in the unit's table). */
export interface CallStatement extends Located {
  readonly kind: "call";
  readonly result: Value | null;
  readonly callee: string;
  readonly arguments: readonly Value[];
  readonly effects: CallEffects;
}

/** What a call does to memory, as the callee's body says: a summary to be read at every call. */
export interface CallEffects {
  /** The callee's classes of memory (see aliases). */
  readonly classes: readonly CalleeMemory[];
  /** For each parameter the position of its class, or null when it is no reference. */
  readonly parameters: readonly (number | null)[];
  readonly result: number | null;
  /** It neither throws nor evaluates anything impure. */
  readonly isPure: boolean;
}

export interface CalleeMemory {
  readonly contents: readonly { readonly key: string; readonly memory: number }[];
  readonly isWritten: boolean;
  readonly referencesAreWritten: boolean;
  readonly isResized: boolean;
  readonly isReshaped: boolean;
  readonly moves: boolean;
}

/** What is called but not looked into. */
export type ExternalCallee =
  /** A function outside of the IR, by its key in the unit's table of bindings, or a derivative, by its key in its table. */
  | { readonly kind: "binding" | "derivative"; readonly key: string }
  /**
   * `hookCotangent`: what the source makes of a value ("hooked": the value itself, or a copy), and what the reverse sweep
   * makes of its cotangent ("hook"). The text is that of the user's function; the arguments behind the first are its holes.
   */
  | {
      readonly kind: "hooked" | "hook";
      readonly pieces: readonly string[];
      /** The text was written for more types than the cotangent's: it is not checked against that one. */
      readonly isGeneric: boolean;
    };

/**
 * A call that is not looked into: of a function, the user's or a library's, of which a rule says what its derivative is,
 * of a derivative, whose own derivative is made when it is asked for, or of a hook. It reads what it can reach from its arguments
 * and writes none of it; its result is fresh.
 */
export interface ExternalCallStatement extends Located {
  readonly kind: "externalCall";
  readonly result: Value;
  readonly callee: ExternalCallee;
  /** What it is called in the source. */
  readonly name: string;
  readonly arguments: readonly Value[];
  /** The key of its rule in the unit's table; null for what rules themselves call, and for derivatives. */
  readonly rule: string | null;
  /** For each argument the type that the rule's cotangent is of, or null where no derivative flows. */
  readonly flows: readonly (Type | null)[];
  /** False where it may throw, or do something else that is seen: it is called wherever the source calls it. */
  readonly isPure: boolean;
}

/**
 * Where a function is cut in two: what stands before it belongs to the first function, what stands after it to the
 * second, which gets `results` as parameters. Between the two the caller may write any memory that it sees.
 */
export interface ReceiveStatement extends Located {
  readonly kind: "receive";
  readonly results: readonly Value[];
  /** The parameters whose shadows the last results are, in order: they are one object where the parameters are. */
  readonly shadowed: readonly Value[];
  /** The caller writes nothing in between. */
  readonly isPrivate?: boolean;
}

/** A function for whoever called: what it is given stands behind `arguments` in a call of `callee`. Its result is opaque. */
export interface ClosureStatement extends Located {
  readonly kind: "closure";
  readonly result: Value;
  readonly callee: string;
  readonly arguments: readonly Value[];
}

/** A comment line of its own (`forward sweep`). Means nothing. */
export interface NoteStatement extends Located {
  readonly kind: "note";
  readonly text: string;
}

/** How the adjoint of a loop runs its iterations again, from snapshots: how many, or in how much memory; both null: as it likes. */
export interface Checkpoint {
  readonly snapshots: number | null;
  readonly bytes: number | null;
}

/** What may be kept in storage; 0 bytes: nothing. */
export interface KeptLimit {
  readonly bytes: number;
  /** The directive as the user wrote it. */
  readonly written: string;
}

export interface IfStatement extends Located {
  readonly kind: "if";
  /** The condition is true, and the reverse sweep runs the branch again instead of reading what it kept. */
  readonly isCheckpoint?: boolean;
  readonly condition: Value;
  readonly then: Block;
  readonly else: Block;
  /** One for each yield of either branch. */
  readonly results: readonly Value[];
}

/** How a counted loop compares its counter with `upper` before each iteration. */
export type LoopComparison = "<" | "<=" | ">" | ">=";

/**
 * The one loop. Before each iteration: first, when `upper` is not null, the counter (lower, lower + step, …) is
 * compared with `upper`; then, when `test` is not null, its block is run and must yield true; the loop ends when either
 * says no. Then the body runs; it yields the next carried values. When `exit` (a boolean of the body) is true the loop ends after
 * this iteration, with the values just yielded. `lower` and `step` are proved to be integers, `upper` need not be.
 * The counter and the parameters are visible in `test` and `body`. `test` is effect-free (it may load).
 */
export interface LoopStatement extends Located {
  readonly kind: "loop";
  readonly counter: Value;
  readonly lower: Value;
  readonly upper: Value | null;
  readonly comparison: LoopComparison;
  /** A non-zero integer; negative counts down. */
  readonly step: number;
  /** Carried values, as the body and the test see them. */
  readonly parameters: readonly Value[];
  readonly initial: readonly Value[];
  readonly test: Block | null;
  readonly body: Block;
  readonly exit: Value | null;
  /** The carried values after the loop. */
  readonly results: readonly Value[];
  /** How often the body was entered; null when nobody asks. */
  readonly trips: Value | null;
  /** The label to print, when the user gave one; for names only. */
  readonly label: string | null;
  readonly checkpoint?: Checkpoint | null;
  /** What its adjoint may keep in storage, as the user says. */
  readonly limit?: KeptLimit | null;
  /** Of a mirrored loop: the range over which the same iterations run in the primal's order. */
  readonly forwards?: LoopRange | null;
}

/** The values that a counter takes. */
export interface LoopRange {
  readonly lower: Value;
  readonly upper: Value;
  readonly comparison: LoopComparison;
  readonly step: number;
}

export type Statement =
  | ConstantStatement
  | PlaceholderStatement
  | GlobalStatement
  | ApplyStatement
  | ArrayPrimitiveStatement
  | RuntimeCallStatement
  | EvaluateStatement
  | ThrowStatement
  | LengthStatement
  | LoadStatement
  | StoreStatement
  | AddToStatement
  | AllocateStatement
  | LiteralStatement
  | ZerosLikeStatement
  | ViewStatement
  | SliceStatement
  | FillStatement
  | CopyStatement
  | PushStatement
  | PopStatement
  | EnsureStatement
  | NarrowStatement
  | StopStatement
  | RecallStatement
  | CallStatement
  | ExternalCallStatement
  | ReceiveStatement
  | ClosureStatement
  | NoteStatement
  | IfStatement
  | LoopStatement;

// ----------------------------------------------------------------------------------------------------------- unit

/** A module-level name that generated code refers to. */
export interface Binding {
  /** The name that the source has for it; generated code takes another where that is taken. */
  readonly name: string;
  /** Absolute path of the file that declares it. */
  readonly file: string;
  /** The name under which `file` exports it (`default` for a default export), or null when it is not exported. */
  readonly exportedAs: string | null;
  /** The whole declaration as text with references, to copy when it is not exported (without `export`). */
  readonly declarationText: string;
  /** Generated code declares an interface of these fields in place of the class that the source has. */
  readonly declares?: RecordType;
  /** Whether types may mention it, as they do enumerations and classes, or only they do. */
  readonly inTypes: "never" | "maybe" | "only";
  /** Generated code stands in the file that declares it. */
  readonly isOwn?: boolean;
  /** The specifier of the package that exports it; absent for what `file` exports. */
  readonly module?: string;
  /** What its import says besides, as `with { type: "json" }`. */
  readonly attributes?: string;
}

/** What the user says is the derivative of a function. */
export type UserRule =
  /** For each argument a function of (…arguments, value), or null where the partial is zero. */
  | { readonly kind: "partials"; readonly partials: readonly (IrFunction | null)[] }
  /** Keys of bindings; a pullback is called as f(…arguments, value, cotangent), a pushforward as f(…, value, tangents). */
  | { readonly kind: "pullback"; readonly pullback: string; readonly pushforward: string | null };

/**
 * What the source makes of a function inside of what is differentiated: `grad(f)`, `jvp(f)` and the like; of `vjp(f)` the
 * pullback, which takes the arguments and a seed.
 */
export interface InnerDerivative {
  readonly verb: "grad" | "valueAndGrad" | "vjp" | "jvp" | "hvp" | "jacobian" | "hessian";
  /** The key of the function in the unit's table. */
  readonly of: string;
  /** Positions among its parameters. */
  readonly wrt: readonly number[];
  /** The gradient is no tuple. */
  readonly isBare: boolean;
  readonly span: Span;
}

/** All that one source file's requests need: functions and bindings, by key. */
export interface Unit {
  readonly file: string;
  readonly functions: ReadonlyMap<string, IrFunction>;
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly rules: ReadonlyMap<string, UserRule>;
  readonly derivatives: ReadonlyMap<string, InnerDerivative>;
}
