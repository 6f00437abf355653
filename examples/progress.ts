import type { OptimResult } from "adjoint/optim";

/** What an example tells while it runs: one changing line on a terminal, a line per stage elsewhere. */
export interface Progress {
  stage: (text: string) => void;
  iteration: (at: { iteration: number; value: number; gradientNorm: number }) => void;
  clear: () => void;
}

export function createProgress(title: string, stream: NodeJS.WriteStream): Progress {
  const isTerminal = stream.isTTY;
  let shown = 0;
  const show = (text: string): void => {
    if (isTerminal) stream.write(`\r\u001b[K${title}: ${text}`.slice(0, 4 + (stream.columns || 80)));
    else stream.write(`${title}: ${text}\n`);
  };
  return {
    stage: show,
    iteration: ({ iteration, value, gradientNorm }) => {
      const now = performance.now();
      const isDue = isTerminal ? now - shown > 50 : now - shown > 1000;
      if (!isDue) return;
      shown = now;
      show(`iteration ${iteration}, value ${value.toPrecision(8)}, gradient ${gradientNorm.toExponential(1)}`);
    },
    clear: () => {
      if (isTerminal) stream.write("\r\u001b[K");
    },
  };
}

/** What an example found. */
export interface Outcome {
  readonly value: number;
  readonly check: { readonly ok: boolean; readonly residual: number };
  readonly iterations: number;
  readonly evaluations: number;
  readonly status: OptimResult<unknown>["status"];
  readonly results: readonly string[];
}

export type Example = (progress: Progress) => Outcome;
