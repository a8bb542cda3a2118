import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditAlone, createDatabaseIfMissing, goldbot, migrate, noteRestored, openDatabase } from '../../store';
import { verifyAudit } from '../../store/audit';
import { withClient } from '../../store/database';
import { testDatabase } from './database';

/** The runbook's way with `pg_dump`, where such a client is installed that may read the tests' server. */

const [, client] =
  /PostgreSQL\) (\d+)/.exec(spawnSync('pg_dump', ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

async function major(url: string): Promise<number> {
  const database = openDatabase({ url });
  const [row] = await database.query<{ version: string }>(`select current_setting('server_version_num') as version`);
  await database.close();
  return Math.floor(Number(row?.version) / 10_000);
}

describe('a dump of the database', () => {
  it('is a whole goldbot in an empty database: tables, audit, and what it is told of its age', async () => {
    const { url, database, close } = await testDatabase();
    const server = await major(url);
    if (client === undefined || Number(client) < server) {
      await close();
      process.stderr.write(
        `skipped: a dump of the database (pg_dump ${client ?? 'is not installed'}, and the server is PostgreSQL ${server}\n`,
      );
      return;
    }
    const at = new Date('2026-11-29T10:00:00Z');
    await auditAlone(database, {
      at,
      who: goldbot,
      action: 'conversation-parked',
      detail: { conversation: 'ä 🙂', why: 'w', topic: 't' },
    });
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-dump-'));
    const file = join(folder, 'goldbot.dump');
    const copy = new URL(url);
    copy.pathname += '_copy';
    run('pg_dump', ['--format=custom', '--no-owner', '--file', file, url]);
    await createDatabaseIfMissing(copy.href);
    run('pg_restore', ['--no-owner', '--exit-on-error', '--dbname', copy.href, file]);

    const restored = openDatabase({ url: copy.href });
    await migrate(restored);
    expect(await verifyAudit(restored)).toEqual({ intact: true, entries: 1 });
    const told = await noteRestored(restored, { copyOf: at, now: at, passOver: async () => [] });
    expect(told).toEqual({ copyOf: at.toISOString(), cards: 0, digests: [] });
    expect(await verifyAudit(restored)).toEqual({ intact: true, entries: 2 });

    await restored.close();
    await withClient(url, (server) => server.query(`drop database "${copy.pathname.slice(1)}" with (force)`));
    rmSync(folder, { recursive: true });
    await close();
  });
});
