import { arm, type Fields, fieldsOf, type ReadContext, textOf } from '../azure';

interface List {
  readonly path: string;
  readonly version: string;
  /** Encoded, without the api-version. */
  readonly query?: string;
}

/** Azure's lists are long at most when something is wrong: no look before a build reads on for ever. */
const pagesAtMost = 20;

/** All of a list that no client covers; every page is read. */
export async function pagesOf(azure: ReadContext, { path, version, query }: List): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  let next: string | undefined =
    query === undefined ? path : `https://management.azure.com${encodeURI(path)}?api-version=${version}&${query}`;
  for (let page = 0; next !== undefined && page < pagesAtMost; page++) {
    const { value, nextLink } = fieldsOf((await arm(azure, { method: 'GET', path: next, version })).body);
    found.push(...(Array.isArray(value) ? value : []).map(fieldsOf));
    next = textOf(nextLink);
  }
  return found;
}

export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
