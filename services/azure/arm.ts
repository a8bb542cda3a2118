import type { PlainRequest, PlainResponse } from './clients';

/** Azure Resource Manager without a client: for the few types whose clients would be loaded for one request each. */
export interface ArmRequest {
  readonly method: PlainRequest['method'];
  /** From `/subscriptions/…` on, as it is: encoded here. */
  readonly path: string;
  readonly version: string;
  readonly body?: object;
}

export interface ArmAnswer {
  readonly status: number;
  /** The JSON of the answer; undefined when there was none. */
  readonly body: unknown;
  readonly headers: PlainResponse['headers'];
}

const endpoint = 'https://management.azure.com';

/**
 * One request. What Azure refuses is thrown in the shape of the clients' errors, so that `toUserError` and
 * `unlessMissing` read it.
 */
export async function arm(
  { request }: { request(request: PlainRequest): Promise<PlainResponse> },
  { method, path, version, body }: ArmRequest,
): Promise<ArmAnswer> {
  const url = path.startsWith(`${endpoint}/`) ? path : `${endpoint}${encodeURI(path)}?api-version=${version}`;
  const answer = await request({ method, url, scope: `${endpoint}/.default`, ...(body && { body }) });
  if (answer.status >= 400) throw refusal(answer);
  return { status: answer.status, headers: answer.headers, body: parsed(answer.text) };
}

function refusal(answer: PlainResponse): Error {
  const details = parsed(answer.text) as { error?: { code?: string; message?: string } } | undefined;
  const { code, message = `status ${answer.status}` } = details?.error ?? {};
  const { status: statusCode, headers, request } = answer;
  return Object.assign(new Error(message), {
    name: 'RestError',
    statusCode,
    code,
    details,
    request,
    response: { headers },
  });
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Narrow access to ARM's JSON. */
export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
