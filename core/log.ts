/**
 * The operators' log: constant text, and what varies in fields of this list. A field that is not in it does not compile
 * where a line is written, and is dropped where the type was lost.
 */
export const logFieldRows = {
  again: 'whether a card is to be posted once more',
  attempt: 'number of the build within a run',
  became: 'what became of a card that was deleted',
  bytes: 'size of a message',
  cards: 'what was done about cards after a copy was restored',
  cause: 'what a request was refused for, in the words of its check',
  channel: 'of the catalogue, by its name',
  channels: 'ids of channels that share a name',
  cloud: "name of Azure's cloud",
  code: "Teams' own word",
  conversation: 'its id, or its name in the catalogue',
  copyOf: 'when the copy was made that a database was restored from',
  digests: 'what was done about digests after a copy was restored',
  entry: 'number of an entry of the audit',
  err: 'an error: its kind, code, words and stack, without what hangs on it',
  error: 'code or kind of an error',
  from: 'address of a caller, or the Teams id of a sender',
  group: 'id of a group in Entra',
  host: 'of a request, without what follows it',
  id: 'of a leased row',
  images: 'how many the catalogue has',
  lack: 'what a cloud does not have, in a sentence',
  made: 'how often a card was posted in doubt',
  method: 'of a request',
  ms: 'how long a request took',
  name: 'of a channel, in the catalogue',
  of: 'kind of a leased row',
  oid: 'Entra id of somebody of a tenant that is not served',
  path: 'of a request to Azure, without its query',
  problems: 'mistakes in the catalogue, in sentences',
  reason: 'why a request was refused',
  reference: 'number under which somebody was told of an error',
  requestId: "Azure's own id of a request",
  run: 'id of a run',
  schedule: 'key of a schedule',
  server: 'host of the database',
  stage: 'of a run',
  status: 'of an answer',
  team: 'id of a team in Teams',
  tenant: 'id of a tenant that is not served',
  topic: 'what a card is about: run:R-7F3KQ',
  trace: 'id of the trace within which the line was written, where telemetry is on',
  tries: 'since a step last worked out',
  trouble: 'with a channel of the catalogue, or with the sign-in of the bot, in sentences',
  unsaid: 'how often the same was not logged meanwhile',
  url: "goldbot's own, when it starts",
  why: 'reason in a sentence',
  work: 'name of a kind of work',
} as const satisfies Readonly<Record<string, string>>;

export type LogField = keyof typeof logFieldRows;

/** Fields of a line; what each may hold is said in the list. */
export type LogFields = { readonly [Name in LogField]?: unknown };

/** What of an error belongs in a log: the SDKs hang whole requests on theirs, and with them tokens. */
export interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Causes further down than this say nothing new. */
const mostCauses = 4;

export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Object)) return { type: typeof error, message: withoutSecrets(String(error)) };
  const { name, code, message, stack, cause } = error as Error & { code?: unknown };
  return {
    type: String(name ?? 'Error'),
    ...((typeof code === 'string' || typeof code === 'number') && { code: withoutSecrets(String(code)) }),
    message: withoutSecrets(String(message ?? '')),
    ...(typeof stack === 'string' && { stack: withoutSecrets(stack) }),
    ...(cause !== undefined && depth < mostCauses && { cause: loggedError(cause, depth + 1) }),
  };
}

/** The fields of the list alone; errors in their short form. */
export function loggedFields(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (Object.hasOwn(logFieldRows, name)) kept[name] = name === 'err' ? loggedError(value) : told(value);
  }
  return kept;
}

function told(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (Array.isArray(value)) return value.map(told);
  if (value instanceof Error) return loggedError(value);
  if (value instanceof Date) return value.toISOString();
  // No field has parts: something of a larger thing was passed by mistake.
  return typeof value === 'object' && value !== null ? '[cut]' : value;
}

const secrets: readonly (readonly [RegExp, string])[] = [
  // Tokens of Entra and of Teams.
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, '[cut]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 [cut]'],
  // Of signed addresses, connection strings and forms.
  [
    /\b(sig|password|pwd|secret|client_secret|access_token|accountkey|sharedaccesskey|client_assertion)=[^&;\s"']+/gi,
    '$1=[cut]',
  ],
  [/"(password|secret|client_secret|access_token|token|authorization)"\s*:\s*"[^"]*"/gi, '"$1":"[cut]"'],
  // `postgresql://user:password@host`
  [/(:\/\/[^/:@\s]*):[^@/\s]+@/g, '$1:[cut]@'],
];

/** Cuts what looks like a secret: the words of an error are not goldbot's own. */
export function withoutSecrets(text: string): string {
  return secrets.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
}
