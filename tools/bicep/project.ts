import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { restrictionAssignment, restrictionDefinition, restrictionName } from '../../core/compliance';
import type { BicepCompiler, Diagnostic } from './compiler';

const root = join(__dirname, '../..');
export const deployFolder = join(root, 'deploy');
const snapshotFolder = join(deployFolder, 'snapshots');

/** In the order in which azd deploys them: what lasts, what is replaced, what binds others. */
export const azdLayers = ['platform', 'app', 'policy'] as const;
/** The last one is above a subscription, where azd does not reach. */
export const layers = [...azdLayers, 'management-group'] as const;
export type Layer = (typeof layers)[number];

/** The deployment that snapshots are taken of: the sandbox's tenant and its subscription that builds. */
export const sample = {
  tenantId: '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11',
  subscriptionId: '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001',
  location: 'westeurope',
} as const;
const sampleGroup = 'mg-landing-zones';

/**
 * What azd knows when it deploys a layer: its own variables, what a person has set, and the outputs of the platform. These
 * are taken from its snapshot, so that it must be taken first.
 */
export function sampleEnvironment(): Readonly<Record<string, string>> {
  const platform = join(snapshotFolder, 'platform.main.json');
  const { outputs = {} } = existsSync(platform) ? (JSON.parse(readFileSync(platform, 'utf8')) as Snapshot) : {};
  return {
    AZURE_ENV_NAME: 'contoso',
    AZURE_LOCATION: sample.location,
    AZURE_SUBSCRIPTION_ID: sample.subscriptionId,
    GOLDBOT_IMAGE: `crcontoso.azurecr.io/goldbot@sha256:${'0123456789abcdef'.repeat(4)}`,
    GOLDBOT_ALERT_EMAILS: 'platform@contoso.example',
    ...Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, String(value)])),
  };
}

/** One layer with one of its parameter files; `main` is what azd deploys. */
export interface ParameterSet {
  readonly layer: Layer;
  readonly name: string;
  readonly file: string;
  /** Where its snapshot is committed. */
  readonly snapshot: string;
}

export function parameterSets(): readonly ParameterSet[] {
  return layers.flatMap((layer) =>
    namesIn(join(deployFolder, layer), '.bicepparam').map((file) => {
      const name = basename(file, '.bicepparam');
      return { layer, name, file, snapshot: join(snapshotFolder, `${layer}.${name}.json`) };
    }),
  );
}

export const bicepTemplates = (): readonly string[] =>
  [...layers, 'modules'].flatMap((name) => namesIn(join(deployFolder, name), '.bicep'));

/** Every template and every parameter file. */
export const bicepSources = (): readonly string[] => [...bicepTemplates(), ...parameterSets().map(({ file }) => file)];

/** Written from the code that writes it in Azure, too: goldbot's `restrict`. */
export const goldenImagesFile = join(deployFolder, 'policy', 'golden-images.json');

export function goldenImagesText(): string {
  const target = { scope: '', name: restrictionName, notScopes: [], buildGroups: [] };
  const { displayName, enforcementMode, nonComplianceMessages } = restrictionAssignment(target, {
    effect: 'audit',
    galleries: [],
  });
  const assignment = { displayName, enforcementMode, nonComplianceMessages };
  const all = { name: restrictionName, definition: restrictionDefinition(), assignment };
  return `${JSON.stringify(all, null, 2)}\n`;
}

const loaded = /\bload(?:Json|Yaml|Text)Content\(\s*'([^']+)'/g;

/** What the snapshots were made of, in one hash: where there is no compiler, it tells whether they are of now. */
export function sourcesDigest(): string {
  const sources = bicepSources();
  const others = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(loaded)].map(([, path = '']) => join(dirname(file), path)),
  );
  const hash = createHash('sha256');
  for (const file of [...new Set([...sources, ...others])].sort()) {
    hash.update(`${relative(root, file).replaceAll('\\', '/')}\0${readFileSync(file, 'utf8')}\0`);
  }
  return hash.digest('hex');
}

export const digestFile = join(snapshotFolder, 'sources.sha256');
export const snapshotsPageFile = join(snapshotFolder, 'README.md');

/** A resource of a snapshot: what ARM would be asked to make. Texts that begin with `[` are known only once it runs. */
export interface PredictedResource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly scope?: string;
  readonly [property: string]: unknown;
}

export interface Snapshot {
  readonly predictedResources: readonly PredictedResource[];
  readonly diagnostics: readonly unknown[];
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export const committed = ({ snapshot }: ParameterSet): Snapshot => JSON.parse(readFileSync(snapshot, 'utf8'));

/** The text of a set's snapshot, as it is committed. */
export async function takeSnapshot(compiler: BicepCompiler, { layer, file }: ParameterSet): Promise<string> {
  const { subscriptionId, ...place } = { ...sample, deploymentName: `goldbot-${layer}` };
  const scope = layer === 'management-group' ? { managementGroupId: sampleGroup } : { subscriptionId };
  const text = await compiler.snapshot(file, { ...place, ...scope });
  const { outputs = {}, ...rest } = JSON.parse(text) as Snapshot;
  // The compiler puts outputs into any order.
  const sorted = Object.fromEntries(Object.entries(outputs).sort(([a], [b]) => a.localeCompare(b)));
  return `${JSON.stringify({ ...rest, outputs: sorted }, null, 2)}\n`;
}

/** Everything that the compiler and its linter have to say of the sources, warnings included, a line each. */
export async function complaints(compiler: BicepCompiler, files: readonly string[]): Promise<readonly string[]> {
  const all: string[] = [];
  for (const file of files) all.push(...(await compiler.diagnose(file)).map((d) => said(file, d)));
  return [...new Set(all)];
}

function said(file: string, { source, range, level, code, message }: Diagnostic): string {
  const path = relative(root, source || file);
  return `${path}:${range.start.line + 1}:${range.start.char + 1} ${level} ${code}: ${message}`;
}

function namesIn(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(folder, name));
}
