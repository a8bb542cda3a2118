import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { CatalogueSource } from '../../app/catalogue-files';
import type { Goldbot } from '../../app/goldbot';
import type { Telemetry } from '../../core/telemetry';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxClient } from '../../services';
import { type TestDatabase, testDatabase } from '../store/database';
import { mustBeAllowed } from '../support/accesses';
import { goldbotBeside } from '../support/world';
import { worldStart } from '../support/world-start';

const catalogue = join(__dirname, '../../catalog');

/** A request that waits for its approvers, with the card that asks. */
export interface Asking {
  readonly request: string;
  readonly run: string;
  readonly hash: string;
  /** The message in the approval channel. */
  readonly card: string;
}

/** What must stand after each try as it stood before: everything that people decide, start or set. */
const standing = {
  approval: 'id, status, plan_hash, change_number, closed_by',
  decision: '*',
  run: 'id, kind, subject, attempt, plan_hash, outcome',
  run_actor: '*',
  signal: '*',
  ...Object.fromEntries(
    ['delegation', 'image_lock', 'follow', 'snooze', 'subscription', 'digest_setting', 'publish_setting'].map(
      (table) => [table, '*'],
    ),
  ),
};

/** A whole goldbot beside a sandbox, and whatever may be looked at afterwards. */
export class House {
  private constructor(
    readonly sandbox: ListeningSandbox,
    readonly store: TestDatabase,
    readonly goldbot: Goldbot,
    readonly log: readonly string[],
  ) {}

  /** `between`: what stands between goldbot and Azure. */
  static async open(
    telemetry?: Telemetry,
    between: (client: HttpClient) => HttpClient = (client) => client,
  ): Promise<House> {
    const azure = { resourceGraph: { queries: 150 } };
    const [sandbox, store] = await Promise.all([
      startSandbox({ speed: 1_200, startMs: worldStart, azure }),
      testDatabase(),
    ]);
    const lines: string[] = [];
    const httpClient = between(sandboxClient(sandbox.azureUrl));
    const goldbot = await goldbotBeside(sandbox, {
      ...{ databaseUrl: store.url, lines, httpClient },
      ...(telemetry && { telemetry }),
    });
    return new House(sandbox, store, goldbot, lines);
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async teams(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(this.sandbox.teamsUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Microsoft Graph as an administrator uses it. */
  async graph(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.sandbox.azureUrl}/v1.0${path}`, {
      method,
      headers: {
        'x-sandbox-host': 'graph.microsoft.com',
        'content-type': 'application/json',
        authorization: 'Bearer admin',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  /** What the bot answers to an activity that Teams signed. */
  deliver(as: string, where: string, activity: object): Promise<{ status: number; body: unknown }> {
    return this.teams('POST', '/_sandbox/deliver', { as, in: where, activity });
  }

  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.store.database.query(sql, values) as unknown as Promise<readonly Row[]>;
  }

  /** Has images published up to where people decide, and then lets time go as slowly as it does for people. */
  async asking(images: readonly string[]): Promise<readonly Asking[]> {
    for (const image of images) {
      await this.teams('POST', '/api/say', { as: 'Ada', in: general, text: `@goldbot publish ${image}` });
    }
    const ask = () =>
      this.query<Asking>(
        `select a.id as request, a.run_id as run, a.plan_hash as hash, c.activity_id as card from approval a
         join card c on c.topic = 'approval:' || a.id and c.activity_id is not null order by a.run_id`,
      );
    const asked = await until(async () => {
      const found = await ask();
      return found.length === images.length ? found : undefined;
    });
    await this.teams('POST', '/_sandbox/clock', { speed: 1 });
    return asked;
  }

  /** One text for all that stands: equal texts, nothing done. */
  async stands(): Promise<string> {
    const tables = Object.entries(standing).map(
      ([table, columns]) =>
        `select '${table}' as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash from (select ${columns} from ${table}) t`,
    );
    const rows = await this.query<{ name: string; hash: string }>(tables.join(' union all '));
    return rows.map(({ name, hash }) => `${name} ${hash}`).join('\n');
  }

  /** How often goldbot changed something in Azure. */
  writes(): number {
    const changes = /^(PUT|PATCH|DELETE)$/;
    return this.sandbox.sandbox.exchanges.filter(
      ({ method, url }) => changes.test(method) && url.includes('management.'),
    ).length;
  }

  async audited(): Promise<number> {
    const [row] = await this.query<{ n: number }>('select count(*)::int as n from audit');
    return row?.n ?? 0;
  }

  /** Limits for one person, and silences that Azure asked for, would answer in the place of what is attacked. */
  async unlimited(): Promise<void> {
    await this.query('delete from thread_pace');
    await this.query('delete from bucket');
  }

  /** @throws Error when goldbot asked for what its roles do not allow. */
  async close(): Promise<void> {
    await this.goldbot.drain();
    await this.sandbox.close();
    await this.store.close();
    mustBeAllowed(this.sandbox.sandbox.exchanges, new CatalogueSource(catalogue, () => {}).get());
  }
}

export const general = 'Image Factory / General';
export const gate = 'Image Factory / approvals';

export function click(verb: unknown, data: unknown, more: object = {}): object {
  const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' };
  return { type: 'invoke', name: 'adaptiveCard/action', value, ...more };
}

/** Somebody of this tenant by any object id, as Teams would tell of them. */
export const from = (aadObjectId: unknown, name: unknown = 'Grace') => ({
  from: { id: `29:${String(name)}`, name, aadObjectId, tenantId },
});

export async function until<T>(look: () => Promise<T | undefined>, ms = 600_000): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; await pause(100)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`still not so after ${ms} ms: ${look}`);
}
