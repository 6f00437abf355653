/** jax-js with its WebAssembly backend and float64, on Node. */

/** Node 20 has none, and jax-js asks of every array whether it is one. */
const missing = globalThis as { Float16Array?: unknown };
missing.Float16Array ??= function Float16Array() {};

export const { init, defaultDevice, grad, jit, lax, nn, numpy } = await import("@jax-js/jax");

await init("wasm");
defaultDevice("wasm");
