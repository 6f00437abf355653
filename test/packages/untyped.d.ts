/** Packages without types of their own. */
declare module "jstat" {
  type Density = { pdf(x: number, ...parameters: number[]): number };
  const jstat: { jStat: { normal: Density; gamma: Density; studentt: Density } };
  export default jstat;
}

declare module "kalmanjs" {
  export default class KalmanFilter {
    constructor(options: { R?: number; Q?: number });
    filter(z: number): number;
  }
}
