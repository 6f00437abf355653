/** Whether there can be a marker in a text, found without reading it as a program. */
export function mayHaveMarkers(text: string): boolean {
  return text.includes("adjoint") && /\bfrom\s*["']adjoint["']/.test(text);
}
