import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, migrate, openDatabase } from '../../store';
import { type EmbeddedServer, keepEmbedded, startEmbedded } from '../../store/embedded';
import { until } from '../support/until';

describe('the embedded server', () => {
  const folders: string[] = [];
  const servers: EmbeddedServer[] = [];
  const start = async (dataDir: string, port = 5_700): Promise<EmbeddedServer> => {
    const server = await startEmbedded({ dataDir, log: () => {}, port, settings: { fsync: 'off' } });
    servers.push(server);
    return server;
  };
  const folder = (parent = tmpdir()): string => {
    const made = mkdtempSync(join(parent, 'goldbot-embedded-'));
    // Made 0700, which the server's user could not pass through.
    chmodSync(made, 0o711);
    folders.push(made);
    return join(made, 'postgres');
  };
  let stopped: string;
  /** A cluster as a stopped server leaves it: to make one takes seconds of the processor. */
  const cluster = (): string => {
    const copy = folder();
    execFileSync('cp', ['-a', stopped, copy]);
    return copy;
  };
  beforeAll(async () => {
    stopped = folder();
    const server = await start(stopped);
    await server.stop();
    servers.length = 0;
    folders.length = 0;
  });
  afterAll(() => rmSync(join(stopped, '..'), { recursive: true, force: true }));
  const postmasterOf = (dataDir: string): number =>
    Number(readFileSync(join(dataDir, 'cluster/data/postmaster.pid'), 'utf8').split('\n')[0]);
  const answers = async (server: EmbeddedServer): Promise<boolean> => {
    const database = openDatabase({ url: server.url('postgres') });
    const ok = await database.query('select 1').then(
      () => true,
      () => false,
    );
    await database.close();
    return ok;
  };
  let stranger: Server | undefined;
  afterEach(async () => {
    stranger?.close();
    for (const server of servers.splice(0)) await server.stop();
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  it('keeps what was stored over a stop and a start, in UTF-8, its password readable by nobody else', async () => {
    const dataDir = folder();
    const first = await start(dataDir);
    await createDatabaseIfMissing(first.url('goldbot w'));
    await createDatabaseIfMissing(first.url('goldbot w'));
    const database = openDatabase({ url: first.url('goldbot w') });
    await migrate(database);
    await database.query(`insert into meta values ('greeting', 'grüß dich 🙂')`);
    await database.close();
    await first.stop();
    expect(await answers(first)).toBe(false);

    const second = await start(dataDir);
    const again = openDatabase({ url: second.url('goldbot w') });
    const [row] = await again.query(
      `select value, current_setting('server_encoding') as encoding from meta where key = 'greeting'`,
    );
    await again.close();

    expect(second.adopted).toBe(false);
    expect(row).toEqual({ value: 'grüß dich 🙂', encoding: 'UTF8' });
    expect(statSync(join(dataDir, 'cluster/password')).mode & 0o777).toBe(0o600);
  });

  it('is started once and adopted by the others when several start at once', async () => {
    const dataDir = folder();

    const all = await Promise.all(Array.from({ length: 4 }, () => start(dataDir)));

    expect(all.filter((server) => !server.adopted)).toHaveLength(1);
    expect(new Set(all.map((server) => server.url('x'))).size).toBe(1);
  });

  it('takes the next port when the first is taken, by whatever answers there', async () => {
    stranger = createServer((socket) => socket.end('I am no database')).listen(5_750, '127.0.0.1');
    const other = await start(cluster(), 5_751);

    const server = await start(cluster(), 5_750);

    expect(new URL(other.url('x')).port).toBe('5751');
    expect(new URL(server.url('x')).port).toBe('5752');
    expect(await answers(server)).toBe(true);
  });

  it('does not adopt a server of another folder, whatever the lock file says', async () => {
    const [mine, foreign] = [cluster(), cluster()];
    const other = await start(foreign);
    const server = await start(mine);
    await server.stop();
    await other.stop();

    const again = await start(mine);

    expect(again.adopted).toBe(false);
    expect(await answers(again)).toBe(true);
  });

  it('comes back after the server was killed', async () => {
    const dataDir = cluster();
    await start(dataDir);
    process.kill(postmasterOf(dataDir), 'SIGKILL');

    const server = await start(dataDir);

    expect(server.adopted).toBe(false);
    expect(await answers(server)).toBe(true);
  });

  it('is brought back where it was while somebody keeps it, and stays away once nobody does', async () => {
    const dataDir = cluster();
    const server = await start(dataDir);
    const said: string[] = [];
    const leave = keepEmbedded(server, { dataDir, log: (line) => said.push(line), settings: { fsync: 'off' } });
    const killed = postmasterOf(dataDir);
    process.kill(killed, 'SIGKILL');
    await until(() => answers(server));
    const [next, lives] = [postmasterOf(dataDir), server.lives()];
    await leave();
    await server.stop();

    expect(next).not.toBe(killed);
    expect([lives, server.lives()]).toEqual([true, false]);
    expect(said).toEqual(['The database had stopped. It was started again.']);
  });

  it('outlives the process that started it, which the next start adopts', async () => {
    const dataDir = cluster();
    const program = `require('./store/embedded').startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, port: 5700, log() {} })
      .then(() => process.kill(process.pid, 'SIGKILL'))`;
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', program], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));

    const server = await start(dataDir);

    expect(server.adopted).toBe(true);
    expect(await answers(server)).toBe(true);
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'moves to /var/tmp, and says so, where the user it runs as cannot reach the folder',
    async () => {
      const closed = mkdtempSync(join(tmpdir(), 'goldbot-closed-'));
      folders.push(closed);
      const said: string[] = [];
      const server = await startEmbedded({
        dataDir: join(closed, 'postgres'),
        log: (line) => said.push(line),
        port: 5_700,
      });
      servers.push(server);
      const database = openDatabase({ url: server.url('postgres') });
      const [row] = await database.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
      await database.close();
      folders.push(join(String(row?.folder), '../..'));

      expect(said).toEqual([expect.stringContaining('/var/tmp/goldbot-')]);
      expect(row?.folder).toMatch(/^\/var\/tmp\/goldbot-/);
    },
  );
});
