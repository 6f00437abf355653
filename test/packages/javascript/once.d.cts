declare function once(x: number): number;
export = once;
