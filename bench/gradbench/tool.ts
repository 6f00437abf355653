/** The tool of GradBench: reads messages from stdin, writes responses to stdout. */
import { createInterface } from "node:readline";
import type { Message } from "./protocol.js";
import { respond, toLine } from "./respond.js";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${toLine(await respond(JSON.parse(line) as Message))}\n`);
}
