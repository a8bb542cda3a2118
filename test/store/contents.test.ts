import { type Contents, packageOf, toCycloneDx } from '../../core/contents';
import type { RequestId } from '../../core/runs';
import { keepContents } from '../../store';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';
import { day } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await keep('ubuntu-22', '1.5.0', [has('openssl', '3.0.2-15'), has('libssl3', '3.0.2-15', 'openssl')]);
  await keep('ubuntu-22', '1.6.0', [has('openssl', '3.0.2-18'), has('nginx', '1')]);
  await keep('windows-2022', '1.0.0', [], ['KB5036909']);
});
afterAll(() => db.close());

const reads = () => createReads(db.database);
const has = (name: string, version: string, source?: string) => ({
  ...{ type: 'deb' as const, name, version, architecture: 'amd64' },
  ...(source && { source: { name: source, version } }),
});

async function keep(image: string, version: string, packages: Contents['packages'] & object, updates?: string[]) {
  const contents = { os: { id: 'ubuntu', name: 'Ubuntu', version: '22.04' }, packages, ...(updates && { updates }) };
  const document = toCycloneDx(contents, { image, version, readAt: day(1) });
  await keepContents(db.database, { image, version, runId: 'R-22222' as RequestId, readAt: day(1), document });
}

describe('what is kept of versions', () => {
  it('comes back by version, and nothing of those of which nothing is kept', async () => {
    const kept = await reads().contents('ubuntu-22', ['1.4.0', '1.5.0', '1.6.0']);
    expect([...kept.keys()].sort()).toEqual(['1.5.0', '1.6.0']);
    expect(kept.get('1.5.0')).toMatchObject({ runId: 'R-22222', readAt: day(1), document: { bomFormat: 'CycloneDX' } });
    expect(await reads().keptContents()).toEqual([
      { image: 'ubuntu-22', version: '1.5.0' },
      { image: 'ubuntu-22', version: '1.6.0' },
      { image: 'windows-2022', version: '1.0.0' },
    ]);
  });

  it('is replaced when it is read again, and takes what nobody can store', async () => {
    await keep('again', '1.0.0', [has('a', '1')]);
    await keep('again', '1.0.0', [has('a\u0000', '2')]);
    const kept = (await reads().contents('again', ['1.0.0'])).get('1.0.0');
    expect(kept?.document.components?.map(({ version }) => version)).toEqual(['2']);
    await db.database.query(`delete from contents where image = 'again'`);
  });

  it('tells who has a package of exactly this name, what is built from a source of it, or an update', async () => {
    const found = async (name: string) =>
      (await reads().holders(name)).map(({ image, version, components, update }) => [
        `${image} ${version}`,
        components.map(packageOf).map((one) => `${one.name} ${one.version}`),
        update,
      ]);
    expect(await found('openssl')).toEqual([
      ['ubuntu-22 1.5.0', ['openssl 3.0.2-15', 'libssl3 3.0.2-15'], false],
      ['ubuntu-22 1.6.0', ['openssl 3.0.2-18'], false],
    ]);
    expect(await found('KB5036909')).toEqual([['windows-2022 1.0.0', [], true]]);
    expect(await found('openss')).toEqual([]);
    expect(await found('" == "" || "a" == "a')).toEqual([]);
  });

  it('knows names that have these letters in them, the shortest first', async () => {
    expect(await reads().packagesLike('SSL')).toEqual(['libssl3', 'openssl']);
    expect(await reads().packagesLike('%')).toEqual([]);
  });
});
