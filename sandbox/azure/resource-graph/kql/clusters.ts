import type { Assignment, Expression, Operator } from './ast';
import { implicitName } from './names';

/**
 * Which values come together in the rows of a table, and under which names a query knows them: rows are in the order
 * of ids, so those of one machine follow each other. Names are followed through `extend`, `project` and `summarize`.
 */
export class Clusters {
  /** Columns that the query made, and what they are of the table; undefined for what is not followed. */
  private names = new Map<string, Expression | undefined>();
  private lost = false;
  /** After `project` and `summarize`, only what they made exists. */
  private closed = false;

  /** `paths`: `properties.resourceId`. */
  constructor(private readonly paths: readonly string[]) {}

  /** Whether equal values of this come together. Letter case does not matter: it is that of the id. */
  has({ value }: Assignment): boolean {
    if (this.lost) return false;
    const found = this.resolved(value);
    const path = found && pathOf(found);
    return path !== undefined && this.paths.includes(path);
  }

  follow(operator: Operator): void {
    switch (operator.kind) {
      case 'where':
      case 'projectAway':
        break;
      case 'extend':
        this.rename(operator.columns, this.names);
        break;
      case 'project':
        this.close(operator.columns);
        break;
      case 'summarize':
        if (operator.by.some((key) => this.has(key))) this.close(operator.by);
        else this.lost = true;
        break;
      default:
        this.lost = true;
    }
  }

  private close(columns: readonly Assignment[]): void {
    const names = new Map<string, Expression | undefined>();
    this.rename(columns, names);
    this.names = names;
    this.closed = true;
  }

  private rename(columns: readonly Assignment[], into: Map<string, Expression | undefined>): void {
    const resolved = columns.map(({ name, value }) => [name ?? implicitName(value), this.resolved(value)] as const);
    for (const [name, value] of resolved) if (name !== undefined) into.set(name, value);
  }

  /** What an expression is of the table: a path, whatever casts are around it. */
  private resolved(of: Expression): Expression | undefined {
    switch (of.kind) {
      case 'name':
        if (this.names.has(of.name)) return this.names.get(of.name);
        return this.closed ? undefined : of;
      case 'member': {
        const inner = this.resolved(of.of);
        return inner && { ...of, of: inner };
      }
      case 'call': {
        const [argument] = of.args;
        return (of.name === 'tolower' || of.name === 'tostring') && argument ? this.resolved(argument) : undefined;
      }
      default:
        return undefined;
    }
  }
}

function pathOf(of: Expression): string | undefined {
  if (of.kind === 'name') return of.name;
  if (of.kind !== 'member') return undefined;
  const inner = pathOf(of.of);
  return inner === undefined ? undefined : `${inner}.${of.name}`;
}
