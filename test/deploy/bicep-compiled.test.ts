import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  complaints,
  deployFolder,
  digestFile,
  parameterSets,
  sourcesDigest,
  takeSnapshot,
} from '../../tools/bicep-project';
import { judgedByBicep } from './bicep-compiler';

judgedByBicep('the templates of deploy/, compiled', (compiler) => {
  it('have no error and no warning, of the compiler or of its linter', async () => {
    expect(await complaints(compiler())).toEqual([]);
  });

  it('would make what the snapshots say', async () => {
    const behind = [];
    for (const set of parameterSets()) {
      if ((await takeSnapshot(compiler(), set)) !== readFileSync(set.snapshot, 'utf8')) behind.push(set.snapshot);
    }
    // `npm run bicep` writes them anew.
    expect(behind).toEqual([]);
  });

  it.each([
    ['a parameter that nobody uses', "param unused string = 'a'", 'no-unused-params'],
    [
      'a secret in an output',
      '@secure()\nparam word string\noutput told string = word',
      'outputs-should-not-contain-secrets',
    ],
    ['a region by name', module("location: 'westeurope'"), 'no-hardcoded-location'],
    ['a property that the type does not know', module('location: resourceGroup().location\nlocatoin: 1'), 'BCP037'],
    ['a type that does not exist', "resource a 'Microsoft.Compute/galeries@2024-03-03' = {name: 'a'}", 'BCP081'],
  ])('%s would be told', async (_what, text, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-bicep-test-'));
    const file = join(folder, 'main.bicep');
    copyFileSync(join(deployFolder, 'bicepconfig.json'), join(folder, 'bicepconfig.json'));
    writeFileSync(file, text);
    const told = await complaints(compiler(), [file]);
    rmSync(folder, { recursive: true });
    expect(told.join('\n')).toContain(` ${code}: `);
  });
});

function module(properties: string): string {
  return `resource a 'Microsoft.Compute/galleries@2024-03-03' = {\nname: 'a'\n${properties}\n}`;
}

it('the snapshots are of these sources (else: npm run bicep)', () => {
  expect(readFileSync(digestFile, 'utf8').trim()).toBe(sourcesDigest());
});
