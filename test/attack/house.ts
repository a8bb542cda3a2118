import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import type { Goldbot } from '../../app/goldbot';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { type TestDatabase, testDatabase } from '../store/database';
import { mustBeAllowed } from '../support/accesses';
import { goldbotBeside } from '../support/world';
import { worldStart } from '../support/world-start';

const catalogue = join(__dirname, '../../catalog');

/** A whole goldbot beside a sandbox, and whatever may be looked at afterwards. */
export class House {
  private constructor(
    readonly sandbox: ListeningSandbox,
    readonly store: TestDatabase,
    readonly goldbot: Goldbot,
    readonly log: readonly string[],
  ) {}

  static async open(): Promise<House> {
    const [sandbox, store] = await Promise.all([startSandbox({ speed: 1_200, startMs: worldStart }), testDatabase()]);
    const lines: string[] = [];
    const goldbot = await goldbotBeside(sandbox, { databaseUrl: store.url, lines });
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

  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.store.database.query(sql, values as never) as never;
  }

  async close(): Promise<void> {
    await this.goldbot.drain();
    await this.sandbox.close();
    await this.store.close();
    mustBeAllowed(this.sandbox.sandbox.exchanges, new CatalogueSource(catalogue, () => {}).get());
  }
}
