import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotsPage } from '../../tools/bicep-list';
import {
  committed,
  complaints,
  deployFolder,
  digestFile,
  parameterSets,
  snapshotsPageFile,
  sourcesDigest,
  takeSnapshot,
} from '../../tools/bicep-project';
import { isFull } from '../support/size';
import { judgedByBicep } from './bicep-compiler';

/** What would be told of a template, by the code of what tells it. */
const mistakes = [
  ['no-unused-params', "param unused string = 'a'"],
  ['outputs-should-not-contain-secrets', '@secure()\nparam word string\noutput told string = word'],
  ['no-hardcoded-location', gallery("location: 'westeurope'")],
  ['BCP037', gallery('location: resourceGroup().location\nlocatoin: 1')],
  ['BCP081', "resource a 'Microsoft.Compute/galeries@2024-03-03' = {name: 'a'}"],
] as const;

function gallery(properties: string): string {
  return `resource a 'Microsoft.Compute/galleries@2024-03-03' = {\nname: 'a'\n${properties}\n}`;
}

// The compiler takes seconds for all of them: each layer and parameter file is compiled at full size.
const sets = parameterSets().filter(({ layer, name }) => isFull || (layer === 'app' && name === 'main'));

judgedByBicep('the templates of deploy/, compiled', (compiler) => {
  // A parameter file is compiled with its template and all modules of that.
  it.each(sets.map((set) => [`${set.layer}.${set.name}`, set] as const))(
    '%s has no error and no warning, of the compiler or of its linter, and would make what its snapshot says',
    async (_name, set) => {
      expect(await complaints(compiler(), [set.file])).toEqual([]);
      // `npm run bicep` writes it anew.
      expect(await takeSnapshot(compiler(), set)).toBe(readFileSync(set.snapshot, 'utf8'));
    },
  );

  it.each(isFull ? mistakes : mistakes.slice(0, 1))('%s would be told', async (code, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-bicep-test-'));
    const file = join(folder, 'main.bicep');
    copyFileSync(join(deployFolder, 'bicepconfig.json'), join(folder, 'bicepconfig.json'));
    writeFileSync(file, text);
    const told = await complaints(compiler(), [file]);
    rmSync(folder, { recursive: true });
    expect(told.join('\n')).toContain(` ${code}: `);
  });
});

it('the snapshots are of these sources, and the page of these snapshots (else: npm run bicep)', () => {
  expect(readFileSync(digestFile, 'utf8').trim()).toBe(sourcesDigest());
  const all = parameterSets().map((set) => [set, committed(set)] as const);
  expect(readFileSync(snapshotsPageFile, 'utf8')).toBe(snapshotsPage(all));
});
