import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bom, licenceProblems, licencesOf } from './licences';

/**
 * `npm run sbom`: what goldbot consists of in production, as `dist/sbom.cdx.json` (CycloneDX), and the licences of all of
 * it with their texts as `dist/licences.txt`. Fails when a licence is none that is allowed. The same packages make the
 * same bytes.
 */
const root = join(__dirname, '..');
const dist = join(root, 'dist');

const bom = productionBom();
const problems = licenceProblems(bom);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else {
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
