import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import { bareTemplate, bareValues, withTemplate } from '../support/templates';

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
  it('follows its files', async () => {
    const told: string[] = [];
    const folder = copy();
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    change(folder, 'quorum: 1', 'quorum: 2 # from now on');
    await source.reload();
    expect(quorum(source)).toBe(2);
    expect(told).toEqual(['reloaded']);
  });

  it('refuses groups that are too large to decide, each with file and line, at start and after a change', async () => {
    const told: string[] = [];
    const folder = copy();
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    const [approvers, admins, payments] = [2, 3, 11].map(
      (n) => `b0bb1e50-0000-4000-8000-${String(n).padStart(12, '0')}`,
    );
    const large = new Set([approvers, admins, payments].map(String));
    const asked: (readonly string[])[] = [];

    const start = source.checkGroups(async (groups) => {
      asked.push(groups);
      return large;
    });
    await expect(start).rejects.toMatchObject({ code: 'CATALOGUE_INVALID' });
    const problems = await start.catch((error: Error) => error.message.split('\n').slice(1));
    change(folder, 'quorum: 1', 'quorum: 2');
    await source.reload();

    const many = 'has too many members to decide, since they are read for each decision; name a group of at most 2,000';
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^images/ubuntu-22.yaml:\\d+: approval.group: ${many}$`)),
      expect.stringMatching(new RegExp(`^images/windows-2022.yaml:\\d+: approval.group: ${many}$`)),
      expect.stringMatching(new RegExp(`^teams.yaml:\\d+: payments.owners.group: ${many}$`)),
      expect.stringMatching(new RegExp(`^roles.yaml:\\d+: 3.group: ${many}$`)),
    ]);
    expect(asked[0]).toEqual(expect.arrayContaining([...large]));
    expect(new Set(asked[0]).size).toBe(asked[0]?.length);
    expect([quorum(source), told]).toEqual([1, [expect.stringContaining('has too many members')]]);

    large.clear();
    change(folder, 'quorum: 2', 'quorum: 3');
    await source.reload();
    expect(quorum(source)).toBe(3);
  });

  it('stays as it was when a change has mistakes, and tells them once with file and line', async () => {
    const told: string[] = [];
    const folder = copy();
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    change(folder, 'quorum: 1', 'quorum: many');
    await source.reload();
    await source.reload();
    expect(quorum(source)).toBe(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/images\/ubuntu-22\.yaml:\d+: approval\.quorum/);
  });

  it('follows the templates that images name, and stays as it was when one has mistakes', async () => {
    const told: string[] = [];
    const folder = copy();
    for (const { path, text } of withTemplate(bareTemplate, bareValues)) writeFileSync(join(folder, path), text);
    const source = new CatalogueSource(folder, (what) => told.push(what === 'reloaded' ? what : what.message));
    const size = () => source.get().images.find((i) => i.name === 'ubuntu-22')?.build?.vmSize;
    const template = join(folder, 'images/legacy.json');
    writeFileSync(template, bareTemplate.replace('Standard_D2s_v3', 'Standard_D16s_v5'));
    await source.reload();
    writeFileSync(template, bareTemplate.replace('Standard_D2s_v3', 'Standard_<size>'));
    await source.reload();
    expect([size(), told[0], told.length]).toEqual(['Standard_D16s_v5', 'reloaded', 2]);
    expect(told[1]).toMatch(/^images\/legacy.json:8: the placeholder <size> has no value/m);
  });
});
