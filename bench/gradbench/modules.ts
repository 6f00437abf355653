/**
 * The functions of an eval's module, by name: each reads an input, which is not timed, and gives what is run again and
 * again. Typed arrays in a result are sent as arrays.
 */
export interface Module {
  readonly functions: Readonly<Record<string, (input: never) => () => unknown>>;
}

export const modules: Readonly<Record<string, () => Promise<Module>>> = {
  ba: () => import("./modules/ba.js"),
  det: () => import("./modules/det.js"),
  gmm: () => import("./modules/gmm.js"),
  hello: () => import("./modules/hello.js"),
  ht: () => import("./modules/ht.js"),
  kmeans: () => import("./modules/kmeans.js"),
  llsq: () => import("./modules/llsq.js"),
  lse: () => import("./modules/lse.js"),
  lstm: () => import("./modules/lstm.js"),
  ode: () => import("./modules/ode.js"),
  particle: () => import("./modules/particle.js"),
  saddle: () => import("./modules/saddle.js"),
};
