/** GradBench's protocol: a message a line on stdin, a response a line on stdout. */

export interface Timing {
  readonly name: string;
  readonly nanoseconds: number;
}

interface StartMessage {
  readonly id: number;
  readonly kind: "start";
  readonly eval?: string;
}

interface DefineMessage {
  readonly id: number;
  readonly kind: "define";
  readonly module: string;
}

interface EvaluateMessage {
  readonly id: number;
  readonly kind: "evaluate";
  readonly module: string;
  readonly function: string;
  readonly input: unknown;
  readonly description?: string;
}

interface AnalysisMessage {
  readonly id: number;
  readonly kind: "analysis";
  readonly of: number;
  readonly valid: boolean;
  readonly error?: string;
}

export type Message = StartMessage | DefineMessage | EvaluateMessage | AnalysisMessage;

export interface Response {
  readonly id: number;
  /** Who answers, to a start message. */
  readonly tool?: string;
  readonly success?: boolean;
  readonly output?: unknown;
  readonly timings?: readonly Timing[];
  readonly error?: string;
}

/** What most inputs also hold: how often to run. */
export interface Runs {
  readonly min_runs: number;
  readonly min_seconds: number;
}
