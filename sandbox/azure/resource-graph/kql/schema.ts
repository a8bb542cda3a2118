import { semanticError } from './errors';

/** What Kusto knows of a value before it runs a query. */
export type Type = 'string' | 'bool' | 'long' | 'real' | 'datetime' | 'timespan' | 'dynamic';

export interface Column {
  readonly name: string;
  readonly type: Type;
}

export type Columns = readonly Column[];

/** @throws KqlError for a column that is not there. */
export function columnAt(name: string, columns: Columns): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at < 0) throw semanticError(`Failed to resolve column or scalar expression named '${name}'`);
  return at;
}
