/** The tool as a process of its own, spoken to as GradBench does. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Message, Response } from "./protocol.js";

type Sent = Message extends infer One ? (One extends Message ? Omit<One, "id"> : never) : never;

export interface Tool {
  send(message: Sent): Promise<Response>;
  /** Lets it end by itself, and gives its exit status. */
  close(): Promise<number | null>;
}

export function startTool(): Tool {
  const path = fileURLToPath(new URL("./tool.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", path], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  return {
    async send(message) {
      child.stdin.write(`${JSON.stringify({ ...message, id })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("The tool ended.");
      const response = JSON.parse(value) as Response;
      if (response.id !== id) throw new Error(`Asked ${id}, answered ${response.id}.`);
      id++;
      return response;
    },
    close() {
      child.stdin.end();
      return ended;
    },
  };
}
