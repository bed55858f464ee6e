/** Whole documents by name: rosters, vendor files, outputs. Names never hold anything personal. */
export interface Blobs {
  put(name: string, content: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  /** Names that start with `prefix`, ascending. */
  list(prefix: string): Promise<string[]>;
  operations(): number;
}
