export const typed = (row: readonly number[]): Float64Array => Float64Array.from(row);
export const typedRows = (rows: readonly (readonly number[])[]): Float64Array[] => rows.map(typed);
