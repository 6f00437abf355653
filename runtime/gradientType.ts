/** The types of gradients, as the compiler gives them. */

type IntegerArray = Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Data that no derivative goes into. */
type Opaque =
  | string
  | boolean
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | (abstract new (...args: never[]) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<object, unknown>
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | DataView
  | Promise<unknown>;

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * An enumeration's member prints as a number but is not that literal; branded numbers do not print as a literal. Only
 * sameness tells, since numbers and enumerations may be assigned to each other.
 */
type IsEnum<T extends number> =
  IsSame<T, number> extends true
    ? false
    : `${T}` extends `${infer Literal extends number}`
      ? number extends Literal
        ? false
        : IsSame<T, Literal> extends true
          ? false
          : true
      : false;

/** `any` and `unknown` have no known shape. */
type IsUnknown<T> = unknown extends T ? true : false;

/** Whether a field or slot of this type has a place in the gradient; distributes over unions. */
type Carries<T, Depth extends readonly unknown[] = []> = Depth["length"] extends 6
  ? false
  : IsUnknown<T> extends true
    ? false
    : T extends number
      ? IsEnum<T> extends true
        ? false
        : true
      : T extends Opaque | IntegerArray | null | undefined
        ? false
        : T extends Float64Array | Float32Array
          ? true
          : T extends readonly (infer Element)[]
            ? AnyOf<Carries<Element, [...Depth, unknown]>>
            : T extends object
              ? AnyOf<{ [K in keyof T]-?: Carries<T[K], [...Depth, unknown]> }[keyof T]>
              : false;

type AnyOf<T> = true extends T ? true : false;

type HasPlace<T> = AnyOf<Carries<T>>;

type Mapped<T, Single> =
  IsUnknown<T> extends true
    ? unknown
    : T extends number
      ? number
      : T extends null | undefined
        ? T
        : T extends Float64Array
          ? Float64Array
          : T extends Float32Array
            ? Single
            : T extends IntegerArray
              ? T
              : T extends Opaque
                ? undefined
                : T extends readonly unknown[]
                  ? MappedList<T, Single>
                  : { -readonly [K in keyof T as HasPlace<T[K]> extends true ? K : never]: Mapped<T[K], Single> };

type MappedList<T extends readonly unknown[], Single> = number extends T["length"]
  ? Mapped<T[number], Single>[]
  : { -readonly [K in keyof T]: HasPlace<T[K]> extends true ? Mapped<T[K], Single> : undefined };

/**
 * The gradient with respect to something of type T: its full shape with numbers for numbers. `readonly` is dropped,
 * labels are kept, branded and literal numbers become `number`, array kinds stay. Fields that cannot carry a derivative
 * (strings, booleans, enumerations, functions, integer arrays) are left out; such a slot of a tuple is `undefined`. An
 * optional or nullable number has a gradient exactly when there is a number.
 */
export type Gradient<T> = Mapped<T, Float32Array>;

/** What adjoints are summed in: a gradient whose single precision arrays are double. */
export type Shadow<T> = Mapped<T, Float64Array>;

/** The gradients or shadows of a list of things, one for each. */
export type Gradients<T extends readonly unknown[]> = { -readonly [K in keyof T]: Gradient<T[K]> };
export type Shadows<T extends readonly unknown[]> = { -readonly [K in keyof T]: Shadow<T[K]> };
