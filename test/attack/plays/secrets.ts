import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { memoryTelemetry } from '../../support/memory-telemetry';
import { type Play, pick, text } from '../front';
import { general, House } from '../house';

type Random = () => number;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** How secrets stand in the words of errors: of Azure, of storage, of identity libraries, of drivers. */
const sayings: readonly ((secret: string) => string)[] = [
  (secret) => `See https://builds.blob.core.windows.net/logs/a.log?sv=2021-08-06&sig=${secret}&se=2026-12-02`,
  (secret) => `The request with Authorization: Bearer ${secret} was refused.`,
  (secret) => `No access for eyJhbGciOiJSUzI1NiJ9.${secret}.${secret}`,
  (secret) => `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${secret};EndpointSuffix=core.windows.net`,
  (secret) => `grant_type=client_credentials&client_secret=${secret}&scope=x`,
  (secret) => `The body was {"client_id":"x","client_secret":"${secret}"}`,
  (secret) => `cannot connect to postgresql://goldbot:${secret}@db.example:5432/goldbot`,
  (secret) => `Endpoint=sb://x.example/;SharedAccessKeyName=y;SharedAccessKey=${secret}`,
];

/** Faults of Azure whose words hold secrets that are made up for each. */
class Leaks {
  readonly secrets: string[] = [];
  /** Of a hundred requests. */
  share = 0;

  constructor(private readonly random: Random) {}

  readonly between = (inner: HttpClient): HttpClient => ({
    sendRequest: async (request) => {
      if (this.random() * 100 >= this.share) return inner.sendRequest(request);
      const secret = `canary${text(this.random, letters, 24)}`;
      this.secrets.push(secret);
      return this.fault(request, pick(this.random, sayings)(secret));
    },
  });

  private async fault(request: PipelineRequest, words: string): Promise<PipelineResponse> {
    const kind = pick(this.random, ['throws', 'page', 'error', 'error', 'error', 'error', 'error', 'error']);
    if (kind === 'throws')
      throw Object.assign(new Error(words), { code: 'ECONNRESET', request, cause: new Error(words) });
    const headers = createHttpHeaders({ 'content-type': kind === 'page' ? 'text/html' : 'application/json' });
    if (kind === 'page') return { request, status: 200, headers, bodyAsText: `<html>${words}</html>` };
    const status = pick(this.random, [400, 401, 403, 404, 409, 500, 503]);
    const error = {
      code: 'Boom',
      message: words,
      details: [{ code: 'Inner', message: words }],
      innererror: { message: words },
    };
    return { request, status, headers, bodyAsText: JSON.stringify({ error }) };
  }
}

const questions: readonly (readonly [string, string])[] = [
  ['Grace', 'compliance all'],
  ['Grace', 'images'],
  ['Grace', 'versions ubuntu-22'],
  ['Grace', 'show ubuntu-22@1.5.0'],
  ['Grace', 'tattoo vm-payments-api-001'],
  ['Linus', 'compliance payments --list'],
  ['Grace', 'access ubuntu-22'],
  ['Grace', 'cost ubuntu-22'],
  ['Grace', 'who uses ubuntu-22@1.5.0'],
  ['Grace', 'drift all'],
  ['Ada', 'publish windows-2022 --plan'],
  ['Grace', 'lineage ubuntu-22'],
  ['Grace', 'doctor'],
  ['Grace', 'retire ubuntu-22@1.4.0'],
  ['Grace', 'restrict audit'],
  ['Linus', 'classify vm-payments-api-001 pet --reason "a ledger"'],
  ['Grace', 'digest payments now'],
];

/** Everything that goldbot wrote anywhere, by where it stands. */
async function written(
  house: House,
  telemetry: ReturnType<typeof memoryTelemetry>,
): Promise<Readonly<Record<string, string>>> {
  const rows = async (table: string) => JSON.stringify(await house.query(`select * from ${table}`));
  const { conversations } = await house.teams('GET', '/api/state');
  const said = await Promise.all(
    conversations.map(({ id }: { id: string }) =>
      house.teams('GET', `/api/conversations/${encodeURIComponent(id)}/messages`),
    ),
  );
  const tables = await house.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  const stored = await Promise.all(tables.map(({ name }) => rows(name)));
  return {
    'the log': house.log.join('\n'),
    'the audit': await rows('audit'),
    'the database': stored.join('\n'),
    'a message or card': JSON.stringify(said),
    metrics: JSON.stringify(await telemetry.points()),
    traces: JSON.stringify(telemetry.spans()),
  };
}

/** Asks and changes while Azure fails with secrets in its words, until it has done so often enough; then looks everywhere. */
export const secrets: Play = async ({ size, random }) => {
  const [leaks, telemetry] = [new Leaks(random), memoryTelemetry()];
  const house = await House.open(telemetry.telemetry, leaks.between);
  await house.teams('POST', '/api/say', { as: 'Ada', in: general, text: '@goldbot publish ubuntu-22' });
  leaks.share = 40;
  for (let i = 0; leaks.secrets.length < size; i += 1) {
    const [as, words] = questions[i % questions.length] as readonly [string, string];
    await house.unlimited();
    await house.teams('POST', '/api/say', { as, in: 'goldbot', text: words });
    if (i > size * 2) throw new Error(`only ${leaks.secrets.length} faults in ${i} questions`);
  }
  leaks.share = 0;
  const places = await written(house, telemetry);
  const letIn = Object.entries(places).flatMap(([place, all]) => {
    const found = leaks.secrets.filter((secret) => all.includes(secret));
    return found.slice(0, 3).map((secret) => `${place}: ${around(all, secret)}`);
  });
  if (/eyJ[\w-]{5,}\.[\w-]{5,}\./.test(places['the log'] ?? '')) letIn.push('a token stands in the log');
  const { password } = new URL(house.store.url);
  if (password && places['the log']?.includes(password)) letIn.push('the password of the database stands in the log');
  await house.close();
  await telemetry.telemetry.close(1_000);
  return { tries: leaks.secrets.length, letIn, seen: `${house.log.length} lines of log` };
};

function around(all: string, secret: string): string {
  const at = all.indexOf(secret);
  return all.slice(Math.max(0, at - 200), at + secret.length + 40);
}
