import { type Module, modules } from "./modules.js";
import type { Message, Response, Runs } from "./protocol.js";
import { run } from "./runs.js";

async function load(name: string): Promise<Module> {
  const module = modules[name];
  if (!module) throw new Error(`There is no module ${name}.`);
  return module();
}

/** The response without its id. */
async function answer(message: Message): Promise<Omit<Response, "id">> {
  switch (message.kind) {
    case "start":
      return { tool: "adjoint" };
    case "define":
      await load(message.module);
      return { success: true };
    case "evaluate": {
      const prepare = (await load(message.module)).functions[message.function];
      if (!prepare) throw new Error(`The module ${message.module} has no function ${message.function}.`);
      // Inputs are as the eval's page says.
      const evaluate = prepare(message.input as never);
      return { success: true, ...run(evaluate, message.input as Partial<Runs>) };
    }
    default:
      return {};
  }
}

export async function respond(message: Message): Promise<Response> {
  try {
    return { id: message.id, ...(await answer(message)) };
  } catch (error) {
    return {
      id: message.id,
      success: false,
      error: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
    };
  }
}

/** As one line of JSON. */
export function toLine(response: Response): string {
  return JSON.stringify(response, (_, value: unknown) => (value instanceof Float64Array ? [...value] : value));
}
