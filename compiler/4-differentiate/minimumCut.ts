/**
 * A minimum cut between a source and a sink (Dinic 1970), deterministic: ties go to the cut nearest the sink.
 */
export interface Network {
  readonly source: number;
  readonly sink: number;
  addNode(): number;
  addEdge(from: number, to: number, capacity: number): void;
  /** For each node, whether it lies on the source's side of the minimum cut that is nearest the sink. */
  sourceSide(): readonly boolean[];
}

export function newNetwork(): Network {
  const heads: number[] = [];
  const capacities: number[] = [];
  const edgesOf: number[][] = [];
  const addNode = (): number => edgesOf.push([]) - 1;
  const source = addNode();
  const sink = addNode();
  const addArc = (from: number, to: number, capacity: number): void => {
    edgesOf[from]!.push(heads.length);
    heads.push(to);
    capacities.push(capacity);
  };

  const levels = (): number[] => {
    const level = new Array<number>(edgesOf.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (const node of queue)
      for (const edge of edgesOf[node]!)
        if (capacities[edge]! > 0 && level[heads[edge]!] === -1) {
          level[heads[edge]!] = level[node]! + 1;
          queue.push(heads[edge]!);
        }
    return level;
  };

  /** One augmenting path in the level graph, found without recursion; the amount pushed, 0 when there is none. */
  const augment = (level: readonly number[], next: number[]): number => {
    const path: number[] = [];
    let node = source;
    for (;;) {
      if (node === sink) {
        const amount = path.reduce((least, edge) => Math.min(least, capacities[edge]!), Infinity);
        for (const edge of path) {
          capacities[edge] = capacities[edge]! - amount;
          capacities[edge ^ 1] = capacities[edge ^ 1]! + amount;
        }
        return amount;
      }
      const edges = edgesOf[node]!;
      let edge = -1;
      for (; next[node]! < edges.length; next[node]!++) {
        const candidate = edges[next[node]!]!;
        if (capacities[candidate]! > 0 && level[heads[candidate]!] === level[node]! + 1) {
          edge = candidate;
          break;
        }
      }
      if (edge >= 0) {
        path.push(edge);
        node = heads[edge]!;
      } else {
        const back = path.pop();
        if (back === undefined) return 0;
        node = heads[back ^ 1]!;
        next[node]!++;
      }
    }
  };

  return {
    source,
    sink,
    addNode,
    addEdge(from, to, capacity) {
      addArc(from, to, capacity);
      addArc(to, from, 0);
    },
    sourceSide() {
      for (let level = levels(); level[sink] !== -1; level = levels()) {
        const next = new Array<number>(edgesOf.length).fill(0);
        while (augment(level, next) > 0);
      }
      const reachesSink = new Array<boolean>(edgesOf.length).fill(false);
      reachesSink[sink] = true;
      const queue = [sink];
      for (const node of queue)
        for (const edge of edgesOf[node]!)
          if (capacities[edge ^ 1]! > 0 && !reachesSink[heads[edge]!]) {
            reachesSink[heads[edge]!] = true;
            queue.push(heads[edge]!);
          }
      return reachesSink.map((reaches) => !reaches);
    },
  };
}
