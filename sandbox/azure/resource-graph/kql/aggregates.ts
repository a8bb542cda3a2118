import type { Expression } from './ast';
import { type Columns, compile, type Evaluate } from './compile';
import { KqlError, semanticError } from './errors';
import type { Context } from './functions';
import { isNull, order, type Row, toBool, toNumber, toText, type Value } from './values';

/** Collects one group of rows. */
export interface Accumulator {
  add(row: Row): void;
  value(): Value;
}

/** `make_list` keeps at most this many, as Resource Graph does by default for lists of columns. */
const longestList = 1_000;

type Make = (of: Evaluate | undefined, most: number) => Accumulator;

const aggregates: Readonly<Record<string, Make>> = {
  count: () => counting(() => true),
  countif: (of) => counting((row) => toBool(of?.(row)) === true),
  dcount: (of) => {
    const seen = new Set<string>();
    return {
      add: (row) => {
        const value = of?.(row);
        if (!isNull(value)) seen.add(toText(value));
      },
      value: () => seen.size,
    };
  },
  max: (of) => extreme(of, 1),
  min: (of) => extreme(of, -1),
  sum: (of) => {
    let total = 0;
    return { add: (row) => (total += toNumber(of?.(row)) ?? 0), value: () => total };
  },
  make_list: (of, most) => listing(of, most, false),
  make_set: (of, most) => listing(of, most, true),
};

/** @throws KqlError when the expression is no aggregate that the sandbox has. */
export function aggregate(expression: Expression, columns: Columns, context: Context): () => Accumulator {
  if (expression.kind !== 'call') throw semanticError('summarize takes aggregates such as count().');
  const { name, args } = expression;
  const make = Object.hasOwn(aggregates, name) ? aggregates[name] : undefined;
  if (!make) throw new KqlError({ code: 'UnknownFunction', message: `Unknown function: '${name}'.` });
  const [first, second] = args;
  if ((name === 'count') !== (first === undefined))
    throw semanticError(`The aggregate '${name}' has the wrong number of arguments.`);
  const of = first && compile(first, columns, context);
  const most = second ? Number(compile(second, columns, context)([])) : longestList;
  return () => make(of, Math.min(most, longestList));
}

function counting(counts: (row: Row) => boolean): Accumulator {
  let n = 0;
  return {
    add: (row) => {
      if (counts(row)) n += 1;
    },
    value: () => n,
  };
}

function extreme(of: Evaluate | undefined, sign: 1 | -1): Accumulator {
  let best: Value;
  return {
    add: (row) => {
      const value = of?.(row);
      if (!isNull(value) && (isNull(best) || order(value, best) * sign > 0)) best = value;
    },
    value: () => best,
  };
}

function listing(of: Evaluate | undefined, most: number, distinct: boolean): Accumulator {
  const kept: Value[] = [];
  const seen = new Set<string>();
  return {
    add: (row) => {
      const value = of?.(row);
      if (isNull(value) || kept.length >= most || (distinct && seen.has(toText(value)))) return;
      if (distinct) seen.add(toText(value));
      kept.push(value);
    },
    value: () => kept as Value,
  };
}
