/** Where `generate.ts` puts the derivatives of the evals. */
const folder = new URL("../generated/bench/gradbench/evals/", import.meta.url);

/** What was generated for the file of an eval. */
export async function derivativesOf<Derivatives>(file: string): Promise<Derivatives> {
  return (await import(new URL(`${file}.adjoint.ts`, folder).href)) as Derivatives;
}
