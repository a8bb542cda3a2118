import type { Assignment, Expression } from './ast';

/** Functions whose result is named after their first argument. */
const named: ReadonlySet<string> = new Set([
  ...['tostring', 'toint', 'tolong', 'todouble', 'toreal', 'tobool', 'todatetime', 'totimespan', 'todynamic'],
  ...['parse_json', 'split', 'bin'],
]);

/** The name that Kusto gives a column when the query gives none and there is one to give. */
export function implicitName(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'member': {
      const of = implicitName(expression.of);
      return of && `${of}_${expression.name}`;
    }
    case 'index': {
      const [of, { at }] = [implicitName(expression.of), expression];
      return of && `${of}_${at.kind === 'literal' ? String(at.value) : ''}`;
    }
    case 'call': {
      const [first] = expression.args;
      const of = first && implicitName(first);
      if (expression.name === 'strlen' && of) return `strlen_${of}`;
      return named.has(expression.name) ? of : undefined;
    }
    default:
      return undefined;
  }
}

/** Makes up names that nobody chose: `Column1`, `Column2`; one that is taken gets a number. */
export class Names {
  private readonly taken: Set<string>;
  private unnamed = 0;

  constructor(taken: Iterable<string> = []) {
    this.taken = new Set(taken);
  }

  /** As the query says or the expression suggests, even if it is taken. */
  of({ name, value }: Assignment): string {
    const own = name ?? implicitName(value);
    return own === undefined ? this.free(undefined) : this.take(own);
  }

  free(wanted: string | undefined): string {
    if (wanted === undefined) {
      do this.unnamed += 1;
      while (this.taken.has(`Column${this.unnamed}`));
      return this.take(`Column${this.unnamed}`);
    }
    let name = wanted;
    for (let n = 1; this.taken.has(name); n += 1) name = `${wanted}${n}`;
    return this.take(name);
  }

  has(name: string): boolean {
    return this.taken.has(name);
  }

  private take(name: string): string {
    this.taken.add(name);
    return name;
  }
}
