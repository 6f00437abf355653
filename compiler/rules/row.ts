/** A partial derivative as plain TypeScript: of the arguments, then the result. Read back as source. */
export type Partial = (first: number, second: number, third: number) => number;

/**
 * One row for one primitive. `partials` holds one arrow for each argument, of (…arguments, result); null is the
 * constant zero. `variadic` is one arrow of (argument, result) that serves every argument.
 */
export type Rule = {
  /** A zero adjoint stays zero where the partial may be infinite. */
  readonly singular?: boolean;
  /** One argument gets everything, however many there are. */
  readonly isRouter?: boolean;
} & ({ readonly partials: readonly (Partial | null)[] } | { readonly variadic: Partial });

/** A row whose derivative is zero wherever it exists. */
export const zero = (count: number): Rule => ({ partials: new Array<null>(count).fill(null) });
