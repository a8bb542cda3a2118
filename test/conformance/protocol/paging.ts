import { type Check, isObject, isResourceGraph, type Seen } from './checks';

const links = ['nextLink', '@odata.nextLink'] as const;

function linkProblems({ at, body }: Seen, name: (typeof links)[number]): string[] {
  const link = body[name];
  if (link === undefined || link === null) return [];
  if (typeof link !== 'string' || !URL.canParse(link)) return [`${name} is ${JSON.stringify(link)}`];
  const next = new URL(link);
  return [
    ...(next.origin === at.origin ? [] : [`${name} leads to ${next.origin}`]),
    ...(next.pathname.toLowerCase() === at.pathname.toLowerCase() ? [] : [`${name} leads to ${next.pathname}`]),
    ...(next.searchParams.has('api-version') ? [] : [`${name} has no api-version`]),
    ...(next.href === at.href ? [`${name} leads back to the same page`] : []),
  ];
}

/** How many rows there are, as objects or in a table; undefined when it is neither. */
export function rowsOf(data: unknown): number | undefined {
  if (Array.isArray(data)) return data.length;
  return isObject(data) && Array.isArray(data['rows']) ? data['rows'].length : undefined;
}

function graphProblems({ body, requestBody }: Seen): string[] {
  const { totalRecords, count, resultTruncated, data, $skipToken } = body;
  const [total, number, rows] = [Number(totalRecords), Number(count), rowsOf(data)];
  const options = isObject(requestBody) && isObject(requestBody['options']) ? requestBody['options'] : {};
  const skipped = Number(options['$skip'] ?? 0);
  const more = skipped + number < total;
  return [
    ...(rows === undefined ? ['data is neither rows nor a table'] : []),
    ...(rows !== undefined && rows !== count ? [`count is ${count}, but there are ${rows} rows`] : []),
    ...(total >= number ? [] : [`totalRecords is ${totalRecords}, count ${count}`]),
    ...(number <= Number(options['$top'] ?? 1_000) ? [] : [`count is ${count}, asked were ${options['$top']}`]),
    ...(resultTruncated === 'true' || resultTruncated === 'false' ? [] : [`resultTruncated is ${resultTruncated}`]),
    ...($skipToken === undefined || (typeof $skipToken === 'string' && $skipToken !== '')
      ? []
      : ['$skipToken is no text']),
    ...(($skipToken !== undefined || resultTruncated === 'true') && !more
      ? ['more is promised, and there is none']
      : []),
  ];
}

export const pagingChecks: readonly Check[] = [
  {
    name: 'next pages',
    why: 'specifications: the nextLink of a list is asked as it is; it stays at the same collection',
    check: (exchange) => (exchange.status < 300 ? links.flatMap((name) => linkProblems(exchange, name)) : []),
  },
  {
    name: 'pages of Resource Graph',
    why: 'specification 2024-04-01: totalRecords, count, resultTruncated "true" or "false", $skipToken while there is more',
    check: (exchange) => (isResourceGraph(exchange) && exchange.status === 200 ? graphProblems(exchange) : []),
  },
];
