/**
 * Thrown where the columns of a step depend on the data (bag_unpack, pivot). Run `sql`, put `schemaOf` its rows into the
 * query's text at `insertAt`, where KQL itself lets a person declare them, and begin again.
 */
export class SchemaNeeded extends Error {
  readonly sql: string;
  readonly insertAt: number;
  readonly schemaOf: (rows: readonly (readonly unknown[])[]) => string;

  constructor(question: {
    sql: string;
    insertAt: number;
    schemaOf: (rows: readonly (readonly unknown[])[]) => string;
  }) {
    super("The columns of this step depend on the data.");
    this.name = "SchemaNeeded";
    this.sql = question.sql;
    this.insertAt = question.insertAt;
    this.schemaOf = question.schemaOf;
  }
}
