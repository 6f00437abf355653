/**
 * Pelts of snowshoe hare and Canada lynx collected by the Hudson's Bay Company, in thousands, 1900 to 1920.
 *
 * Source: the table in P. Howard, "Modeling Basics" (Texas A&M University, 2009), read off the graphs in C. G. Hewitt,
 * "The Conservation of the Wild Life of Canada" (Scribner's, 1921); the same table as in B. Carpenter, "Predator-Prey
 * Population Dynamics: the Lotka-Volterra model in Stan" (2018), file hudson-bay-lynx-hare.csv.
 */
export interface Observation {
  readonly year: number;
  readonly hares: number;
  readonly lynx: number;
}

const rows = [
  [1900, 30.0, 4.0],
  [1901, 47.2, 6.1],
  [1902, 70.2, 9.8],
  [1903, 77.4, 35.2],
  [1904, 36.3, 59.4],
  [1905, 20.6, 41.7],
  [1906, 18.1, 19.0],
  [1907, 21.4, 13.0],
  [1908, 22.0, 8.3],
  [1909, 25.4, 9.1],
  [1910, 27.1, 7.4],
  [1911, 40.3, 8.0],
  [1912, 57.0, 12.3],
  [1913, 76.6, 19.5],
  [1914, 52.3, 45.7],
  [1915, 19.5, 51.1],
  [1916, 11.2, 29.7],
  [1917, 7.6, 15.8],
  [1918, 14.6, 9.7],
  [1919, 16.2, 10.1],
  [1920, 24.7, 8.6],
] as const;

export const hareAndLynx: readonly Observation[] = rows.map(([year, hares, lynx]) => ({ year, hares, lynx }));
