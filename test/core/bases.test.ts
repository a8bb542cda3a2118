import type { MarketplaceVersion } from '../../core/azure';
import { type BaseRead, latestBase, readBases } from '../../core/images';

const listed = ['22.04.1', '22.04.3', '22.04.2'].map((version) => ({ version }));
const deprecated = (version: string): MarketplaceVersion => ({ version, deprecation: { state: 'Deprecated' } });
const retiring = (version: string): MarketplaceVersion => ({
  version,
  deprecation: { state: 'ScheduledForDeprecation' },
});

const at = { subscription: 's', location: 'westeurope' };
const source = { publisher: 'Canonical', offer: 'jammy', sku: '22_04' };

/** A marketplace that lists and knows these versions, and counts what it is asked. */
function marketplace(known: readonly MarketplaceVersion[], list: readonly MarketplaceVersion[] = listed) {
  const asked: string[] = [];
  const read = {
    marketplaceVersions: async () => list,
    marketplaceVersion: async (_location: string, _image: object, version: string) => {
      asked.push(version);
      return known.find((v) => v.version === version);
    },
  } as Partial<BaseRead> as BaseRead;
  return { asked, bases: (from: string) => readBases(read, at, source, from) };
}

describe('the bases of a plan', () => {
  it('are settled by one question about the newest, when nothing is wrong with it', async () => {
    const { asked, bases: look } = marketplace(listed);
    const bases = await look('latest');
    expect(asked).toEqual(['22.04.3']);
    expect(latestBase(bases)?.version).toBe('22.04.3');
  });

  it('pass over newest ones that are deprecated or gone', async () => {
    const { asked, bases: look } = marketplace([deprecated('22.04.3'), { version: '22.04.1' }]);
    const bases = await look('Latest');
    expect(asked).toEqual(['22.04.3', '22.04.2', '22.04.1']);
    expect(latestBase(bases)?.version).toBe('22.04.1');
  });

  it('keep a newest one that will be deprecated: older ones will be no later', async () => {
    const { asked, bases: look } = marketplace([retiring('22.04.3'), ...listed]);
    const bases = await look('latest');
    expect(asked).toEqual(['22.04.3']);
    expect(latestBase(bases)).toEqual(retiring('22.04.3'));
  });

  it('tell of a version that the list hides, because it was asked for by number', async () => {
    const { asked, bases: look } = marketplace([deprecated('22.04.0')]);
    const bases = await look('22.04.0');
    expect(asked).toEqual(['22.04.0']);
    expect(bases).toContainEqual(deprecated('22.04.0'));
  });

  it.each(['..', '22.04.x', '../secret', ''])('are not asked about by what is no number: "%s"', async (from) => {
    const { asked, bases } = marketplace(listed);
    expect(await bases(from)).toEqual(listed);
    expect(asked).toEqual([]);
  });

  it('do not cost more than a few questions when all are deprecated', async () => {
    const many = Array.from({ length: 50 }, (_, i) => deprecated(`22.04.${i}`));
    const { asked, bases } = marketplace(
      many,
      many.map(({ version }) => ({ version })),
    );
    await bases('latest');
    expect(asked).toEqual(['22.04.49', '22.04.48', '22.04.47', '22.04.46']);
  });
});
