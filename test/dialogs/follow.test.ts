import type { Follow } from '../../core/images';
import { inventoryWorld, people } from './support/inventory-world';

const follows: readonly Follow[] = [
  { team: 'payments', image: 'ubuntu-22', channel: 'stable', by: people.linus, since: new Date('2026-11-01') },
];

/** The story, whose payments team has most machines on 1.5.0 and some on 1.4.1. */
function estate(followed: readonly Follow[] | undefined, stable: string) {
  const tagged = (version: string) => (version === stable ? { 'goldbot-channel-stable': 'R-22222' } : {});
  return inventoryWorld({
    ...(followed && { reads: { follows: async () => followed } }),
    read: (real) => ({
      versions: async (image) =>
        (await real.versions(image)).map((one) => ({ ...one, tags: { ...one.tags, ...tagged(one.version) } })),
      publishedVersions: async (images) => {
        const found = await real.publishedVersions(images);
        return { ...found, rows: found.rows.map((row) => ({ ...row, tags: { ...row.tags, ...tagged(row.version) } })) };
      },
    }),
  });
}

describe('a team that follows a channel', () => {
  it('is told so with its figures, and is behind up to there alone', async () => {
    const [plain, stable] = await Promise.all(
      [[], follows].map(async (followed) => (await estate(followed, '1.4.1').say('linus', 'compliance payments')).text),
    );
    expect(plain).toMatch(/1\.4\.1\); Behind: 1 version behind/);
    expect(plain).not.toContain('Follows');
    expect(stable).toContain('Follows: stable of ubuntu-22; Azure’s latest of the rest');
    expect(stable).toMatch(/1\.4\.1\); Behind: ● not behind stable/);
    expect(stable).toContain('On latest or channel');
  });

  it('has no machines behind on its list that are where the channel is', async () => {
    const lists = await Promise.all(
      [[], follows].map(async (followed) => {
        const { text } = await estate(followed, '1.4.1').say('linus', 'compliance payments --list --lineage behind');
        return [...text.matchAll(/^\S \S+ · ubuntu-22 (\S+) · /gm)].map(([, version]) => version);
      }),
    );
    expect(lists[0]).toContain('1.4.1');
    // What is older than the channel's version is behind it, and past its own end besides.
    expect(lists[1]).toEqual(['1.3.0']);
  });
});

describe('follow', () => {
  it('is chosen by an owner, counts from then on, and is taken back by latest', async () => {
    const { say } = estate(undefined, '1.4.1');
    const { text } = await say('linus', 'follow ubuntu-22 stable --team payments');
    expect(text).toContain('payments follows stable of ubuntu-22');
    expect(text).toContain('That is 1.4.1 now: its machines of ubuntu-22 count as behind only up to there');
    const figures = 'compliance payments';
    expect((await say('linus', figures)).text).toContain('Follows: stable of ubuntu-22');
    const lts = (await say('linus', 'follow ubuntu-22 lts --team payments')).text;
    expect(lts).toContain('No version is the lts one yet: until one is, its machines are measured by Azure’s latest.');
    expect(lts).toContain('Azure deploys as ever: what takes latest takes the highest number.');
    expect((await say('linus', figures)).text).not.toContain('Follows');
    const latest = (await say('linus', 'follow ubuntu-22 latest --team payments')).text;
    expect(latest).toContain('payments follows Azure’s latest of ubuntu-22');
    expect(latest).toContain('Its machines of ubuntu-22 count as behind as soon as there is a newer version.');
  });

  it('is for teams alone: machines without one follow nothing', async () => {
    const { text } = await estate(undefined, '1.4.1').say('grace', 'follow ubuntu-22 stable --team orphans');
    expect(text).toContain('Machines without a team follow nothing');
    expect(text).toContain('Only a team of the catalogue can follow a channel. Nothing was done.');
  });

  it('is not chosen for a team by somebody who does not own it', async () => {
    const { say } = estate(undefined, '1.4.1');
    expect((await say('linus', 'follow ubuntu-22 stable --team legacy')).text).toMatch(/you are not among them/);
  });
});
