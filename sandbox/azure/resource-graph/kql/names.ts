import type { Assignment, Expression } from './ast';

/** The name that Kusto gives to a column: its own, or one made of the path. */
export function columnName({ name, value }: Assignment, position: number): string {
  return name ?? pathName(value) ?? `Column${position + 1}`;
}

function pathName(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'member': {
      const of = pathName(expression.of);
      return of && `${of}_${expression.name}`;
    }
    case 'index': {
      const [of, at] = [pathName(expression.of), expression.at];
      return of && at.kind === 'literal' ? `${of}_${String(at.value)}` : undefined;
    }
    default:
      return undefined;
  }
}

/** `count_`, `max_age`: what an aggregate is called when the query does not say. */
export function aggregateName({ name, value }: Assignment, position: number): string {
  if (name) return name;
  if (value.kind !== 'call') return `Column${position + 1}`;
  const [argument] = value.args;
  const prefix = value.name === 'make_list' ? 'list' : value.name === 'make_set' ? 'set' : value.name;
  const of = value.name === 'countif' || !argument ? '' : (pathName(argument) ?? '');
  return `${prefix}_${of}`;
}
