import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-catalog-'));
  cpSync(join(__dirname, '../../catalog'), folder, { recursive: true });
  return folder;
}

function change(folder: string, from: string, to: string): void {
  const file = join(folder, 'images/ubuntu-22.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

const quorum = (source: CatalogueSource) => source.get().images.find((i) => i.name === 'ubuntu-22')?.approval.quorum;

describe('the catalogue in force', () => {
  it('follows its files', () => {
    const told: string[] = [];
    const folder = copy();
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    change(folder, 'quorum: 1', 'quorum: 2 # from now on');
    source.reload();
    expect(quorum(source)).toBe(2);
    expect(told).toEqual(['reloaded']);
  });

  it('stays as it was when a change has mistakes, and tells them once with file and line', () => {
    const told: string[] = [];
    const folder = copy();
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    change(folder, 'quorum: 1', 'quorum: many');
    source.reload();
    source.reload();
    expect(quorum(source)).toBe(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/images\/ubuntu-22\.yaml:\d+: approval\.quorum/);
  });
});
