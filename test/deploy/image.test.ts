import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { buildDist } from '../../tools/build';
import { testDatabase } from '../store/database';
import { isFull } from '../support/size';
import { until } from '../support/until';
import { lastStage } from './dockerfile';

const root = join(__dirname, '../..');
const isRoot = process.getuid?.() === 0;
const hasBuildah = isFull && isRoot && spawnSync('buildah', ['--version']).status === 0;
if (isFull && !hasBuildah) {
  process.stderr.write('skipped: the image as a container (needs root and buildah: apt-get install buildah)\n');
}

/** Made only where something runs. */
const folder = join(tmpdir(), `goldbot-image-${process.pid}`);

function buildah(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('buildah', [...stores, ...args], { cwd: folder, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`buildah ${args[0]}: ${stderr}`);
  return stdout.trim();
}
const stores = ['--storage-driver', 'vfs', '--root', join(folder, 'store'), '--runroot', join(folder, 'run')];
const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' };

/** This machine's Node where the real base has it, with the libraries that it loads; no shell, and nothing else. */
function base(): void {
  const take = (from: string, to = from) => {
    mkdirSync(join(folder, 'base', dirname(to)), { recursive: true });
    copyFileSync(from, join(folder, 'base', to));
  };
  take(process.execPath, '/nodejs/bin/node');
  const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [library] of stdout.matchAll(/\/\S+/g)) take(library);
}

/** What the Dockerfile makes of its last base, upon ours. */
function ownDockerfile(): string {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [from, ...rest] = lastStage(DockerfileParser.parse(text));
  const lines = text
    .split('\n')
    .slice(from?.getRange().end.line ?? 0)
    .slice(1);
  expect(rest.length).toBeGreaterThan(5);
  return ['FROM scratch', 'COPY base /', ...lines].join('\n').replaceAll('--from=build /app/', '');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

/** The container's own process: buildah stands between us and it, and hands on no signal. */
function pidOf(port: number): number | undefined {
  const ours = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = ours.find((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return (
        command[0] === '/nodejs/bin/node' && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`\0PORT=${port}\0`)
      );
    } catch {
      return false;
    }
  });
  return found === undefined ? undefined : Number(found);
}

(isFull ? describe : describe.skip)('the first stage', () => {
  it('sees every file that the bundle is made of', async () => {
    const bundle = mkdtempSync(join(tmpdir(), 'goldbot-first-'));
    const metafile = await buildDist(bundle);
    rmSync(bundle, { recursive: true });
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8');
    const shown = [...ignored.matchAll(/^!([\w.-]+)\/?$/gm)].map(([, name]) => name);
    const own = Object.keys(metafile.inputs).filter((file) => !/node_modules|^[\w-]+:/.test(file));
    expect(own.length).toBeGreaterThan(200);
    expect(own.filter((file) => !shown.includes(file.split('/')[0]))).toEqual([]);
  });
});

(hasBuildah ? describe : describe.skip)('the image as a container', () => {
  let serve: ChildProcess | undefined;
  beforeAll(() => mkdirSync(folder));
  afterAll(() => {
    serve?.kill('SIGKILL');
    buildah('umount', '--all');
    buildah('rm', '--all');
    rmSync(folder, { recursive: true });
  });

  it('serves as nobody where it can write nowhere, and leaves in order on SIGTERM', async () => {
    base();
    await buildDist(join(folder, 'dist'));
    cpSync(join(root, 'catalog'), join(folder, 'catalog'), { recursive: true });
    copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
    writeFileSync(join(folder, 'Dockerfile'), ownDockerfile());
    buildah('bud', '--network', 'host', '--tag', 'goldbot', '.');
    const image = JSON.parse(buildah('inspect', '--type', 'image', 'goldbot'));
    const { User, Entrypoint, StopSignal } = image.OCIv1.config;
    expect({ User, StopSignal }).toEqual({ User: '65532:65532', StopSignal: 'SIGTERM' });

    const container = buildah('from', 'goldbot');
    const database = await testDatabase();
    const port = await freePort();
    const guid = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';
    const settings = {
      MicrosoftAppId: guid,
      MicrosoftAppTenantId: guid,
      GOLDBOT_TENANTS: guid,
      DATABASE_URL: database.url,
    };
    const given = Object.entries({ ...settings, PORT: port }).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    serve = spawn('buildah', [...stores, 'run', ...given, container, '--', ...Entrypoint], { cwd: folder, env });
    let words = '';
    serve.stdout?.on('data', (data) => (words += data));
    serve.stderr?.on('data', (data) => (words += data));
    const ended = new Promise<number | null>((done) => serve?.on('exit', done));

    const readiness = async () => {
      if (serve?.exitCode !== null) return { lacks: 'ended' };
      const answer = await (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
      return { lacks: Object.keys((answer as { problems?: object }).problems ?? {}).join() };
    };
    const { lacks } = await until(() => readiness().catch(() => undefined), 300_000);
    // Without a network the keys of the Bot Framework are missing, and nothing else is.
    expect(['', 'Bot Framework'].includes(lacks) ? 'ready' : `${lacks}\n${words}`).toBe('ready');
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);

    const pid = await until(() => pidOf(port));
    const [, uid] = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    expect(uid).toBe('65532');
    // Everything in the image is root's, and there is no folder for everybody: where it runs, it writes nothing.
    const writable = spawnSync('find', [
      buildah('mount', container),
      '-xdev',
      '-not',
      '-type',
      'l',
      '(',
      '-perm',
      '-o+w',
      '-o',
      '-uid',
      '65532',
      ')',
    ]);
    expect(writable.stdout.toString()).toBe('');

    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe(0);
    expect(words).toContain('shutting down: finishing the steps in progress');
    await database.close();
  });
});
