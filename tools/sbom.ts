import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const dist = join(root, 'dist');

/** What is read of a CycloneDX document. */
export interface Bom {
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly name: string } };
  readonly components: readonly Component[];
}

export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}

/** Ask nothing of who ships goldbot but to name them: dist/licences.txt does. */
const allowed = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense'];

/** Packages that say their licence elsewhere than in package.json. */
const said: Readonly<Record<string, string>> = {
  // In its Readme.md: "License: MIT".
  'escape-regexp-component@1.0.2': 'MIT',
};

/** As the package says it: ids of SPDX, expressions, or names. Empty: it says nothing. */
export function licencesOf(component: Component): readonly string[] {
  const own = (component.licenses ?? []).flatMap(
    ({ license, expression }) => expression ?? license?.id ?? license?.name ?? [],
  );
  const elsewhere = said[`${component.name}@${component.version}`];
  return own.length === 0 && elsewhere ? [elsewhere] : own;
}

/** Packages that must not be shipped, each as a sentence. */
export function licenceProblems({ components }: Pick<Bom, 'components'>): readonly string[] {
  return components.flatMap((component) => {
    const licences = licencesOf(component);
    const which = `${component.name} ${component.version}`;
    if (licences.length === 0) return [`${which} says no licence: look it up, and write it into tools/sbom.ts.`];
    return licences.every(isAllowed)
      ? []
      : [`${which} is under ${licences.join(', ')}, which is not allowed (tools/sbom.ts).`];
  });
}

/** Of alternatives one is enough; of what applies together all are needed. */
function isAllowed(licence: string): boolean {
  const bare = licence.replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(bare)) return false;
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  return bare.split(' AND ').every((id) => allowed.includes(id));
}

/**
 * `npm run sbom`: what goldbot consists of in production, as `dist/sbom.cdx.json` (CycloneDX), and the licences of all of
 * it with their texts as `dist/licences.txt`. Fails when a licence is none that is allowed. The same packages make the
 * same bytes.
 */
function main(): void {
  const bom = productionBom();
  const problems = licenceProblems(bom);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
    return;
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'sbom.cdx.json'), `${JSON.stringify(bom, null, 1)}\n`);
  writeFileSync(join(dist, 'licences.txt'), licencesPage(bom));
  console.log(`dist/sbom.cdx.json and dist/licences.txt: ${bom.components.length} packages`);
}

/** As npm has it, without the name of this folder, the time and the number of this one document. */
function productionBom(): Bom {
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'optional'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`npm sbom: ${stderr}`);
  const { serialNumber: _, ...found } = JSON.parse(stdout) as Bom & { serialNumber: string };
  const { timestamp: _at, ...metadata } = found.metadata;
  return { ...found, metadata: { ...metadata, component: { ...metadata.component, name: 'goldbot' } } };
}

function licencesPage(from: Bom): string {
  const packages = [...from.components].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const parts = packages.map((one) =>
    [`${one.name} ${one.version}: ${licencesOf(one).join(', ')}`, textOf(one.name)].join('\n\n'),
  );
  return `goldbot is made of these packages beside its own code, under these licences.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** The text that the package brings, if it does. */
function textOf(name: string): string {
  const folder = join(root, 'node_modules', name);
  const file =
    existsSync(folder) && readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package brings no text of its own.';
}

if (require.main === module) main();
