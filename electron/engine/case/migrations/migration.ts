/** One step of the schema. Versions go up in tens, so that a step can be put between two in a branch. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}
