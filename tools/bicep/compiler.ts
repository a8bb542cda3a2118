import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The one version that the committed snapshots are made by. */
const version = '0.49.2';
const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'osx', win32: 'win' };
const packageName = `Azure.Bicep.CommandLine.${systems[process.platform] ?? 'linux'}-${process.arch}`;
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'goldbot', 'bicep');
const binary = join(
  cache,
  ...[packageName.toLowerCase(), version, 'tools', process.platform === 'win32' ? 'bicep.exe' : 'bicep'],
);

/** Where the compiler is; undefined where nobody has fetched it. */
export const bicepCompiler = (): string | undefined => (existsSync(binary) ? binary : undefined);

/**
 * Fetches Microsoft's compiler (MIT, 90 MB) from NuGet into the user's cache; does nothing when it is there.
 *
 * @throws Error in words when there is no .NET SDK, or no NuGet
 */
export function fetchBicepCompiler(): void {
  if (existsSync(binary)) return;
  mkdirSync(cache, { recursive: true });
  const project = join(cache, 'fetch.csproj');
  writeFileSync(
    project,
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${packageName}" Version="[${version}]" />
  </ItemGroup>
</Project>
`,
  );
  const env = { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' };
  const args = ['restore', project, '--packages', cache];
  const { status, stdout, stderr, error } = spawnSync('dotnet', args, { env, encoding: 'utf8', timeout: 300_000 });
  if (error) throw new Error(`There is no .NET SDK to fetch ${packageName} with: ${error.message}`);
  if (status !== 0 || !existsSync(binary))
    throw new Error(`${packageName} ${version} did not come:\n${stdout}${stderr}`);
}

export interface Diagnostic {
  readonly source: string;
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly char: number } };
}

/** Where a deployment is thought to run. */
export interface Place {
  readonly tenantId: string;
  readonly location: string;
  readonly deploymentName: string;
  /** One of these: what the template is deployed to. */
  readonly subscriptionId?: string;
  readonly managementGroupId?: string;
}

/** The compiler as one process that answers many questions: a start takes a second, an answer a tenth of it. */
export class BicepCompiler {
  private readonly process: ChildProcess;
  private readonly open = new Map<number, { done: (result: unknown) => void; fail: (error: Error) => void }>();
  private last = 0;
  private received: Buffer = Buffer.alloc(0);

  /** `environment`: what `readEnvironmentVariable` sees; nothing else of this process reaches a parameter file. */
  constructor(path: string, environment: Readonly<Record<string, string>> = {}) {
    const env = { ...environment, DOTNET_CLI_TELEMETRY_OPTOUT: '1', TMPDIR: tmpdir(), HOME: homedir() };
    this.process = spawn(path, ['jsonrpc', '--stdio'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.process.stdout?.on('data', (data: Buffer) => this.receive(data));
    this.process.on('close', () => this.failAll(new Error('The Bicep compiler ended.')));
    this.process.on('error', (error) => this.failAll(error));
  }

  /** Compiles and lints a `.bicep` file, or a `.bicepparam` file with its template; all its diagnostics. */
  async diagnose(file: string): Promise<readonly Diagnostic[]> {
    const call = file.endsWith('.bicepparam')
      ? this.ask('bicep/compileParams', { path: file, parameterOverrides: {} })
      : this.ask('bicep/compile', { path: file });
    return ((await call) as { diagnostics: readonly Diagnostic[] }).diagnostics;
  }

  /** What a deployment with a parameter file would make, as `bicep snapshot` writes it: JSON. */
  async snapshot(parameters: string, place: Place): Promise<string> {
    const answer = await this.ask('bicep/getSnapshot', { path: parameters, metadata: place });
    return (answer as { snapshot: string }).snapshot;
  }

  close(): void {
    this.process.stdin?.end();
    this.process.kill();
  }

  private ask(method: string, params: object): Promise<unknown> {
    this.last += 1;
    const id = this.last;
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    return new Promise((done, fail) => {
      this.open.set(id, { done, fail });
      this.process.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    });
  }

  private receive(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const end = this.received.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.toString('utf8', 0, Math.max(end, 0)))?.[1]);
      if (end < 0 || this.received.length < end + 4 + length) return;
      const text = this.received.toString('utf8', end + 4, end + 4 + length);
      this.received = this.received.subarray(end + 4 + length);
      this.settle(JSON.parse(text) as { id: number; result?: unknown; error?: { message: string } });
    }
  }

  private settle({ id, result, error }: { id: number; result?: unknown; error?: { message: string } }): void {
    const asked = this.open.get(id);
    this.open.delete(id);
    if (error) asked?.fail(new Error(error.message));
    else asked?.done(result);
  }

  private failAll(error: Error): void {
    for (const { fail } of this.open.values()) fail(error);
    this.open.clear();
  }
}
