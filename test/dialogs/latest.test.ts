import type { GalleryVersion } from '../../core/azure';
import { channelTag } from '../../core/images';
import { createConversation } from '../../dialogs';
import { aVersion } from './support/plan';
import { dialogWorld, people, tenant } from './support/world';

const there = (name: string, excludedFromLatest = false) =>
  ({ name, replicas: 1, state: 'Completed', progress: 100, excludedFromLatest }) as const;

const versions: readonly GalleryVersion[] = [
  aVersion('1.4.0', {
    regions: [there('West Europe'), there('North Europe')],
    tags: { [channelTag('lts')]: 'R-22222' },
  }),
  aVersion('1.5.0', { regions: [there('West Europe'), there('North Europe', true)] }),
  aVersion('1.6.0', { excludedFromLatest: true, regions: [there('West Europe')] }),
];

function ask(text: string, found = versions) {
  const { deps } = dialogWorld({ read: { versions: async () => found, version: async () => undefined } });
  const turn = {
    person: { ...people.dana, tenantId: tenant },
    conversation: { id: 'a', kind: 'personal' as const },
    intent: 'i',
  };
  return createConversation(deps).handleAsk(turn, text);
}

describe('latest', () => {
  it.each([
    ['latest ubuntu-22', '1.5.0', 'The latest version of ubuntu-22 is 1.5.0'],
    ['latest ubuntu-22 --region northeurope', '1.4.0', 'The latest version of ubuntu-22 in North Europe is 1.4.0'],
    ['latest ubuntu-22 --channel lts', '1.4.0', 'The lts version of ubuntu-22 is 1.4.0'],
  ])('`%s` is %s', async (sentence, version, words) => {
    const answer = await ask(sentence);
    expect(answer).toMatchObject({ ok: true, version: { image: 'ubuntu-22', version } });
    expect(answer.version?.id).toContain(`/versions/${version}`);
    expect(answer.text).toContain(words);
    expect(answer.text).toContain('No certificate of it is known.');
    expect(answer.text).toContain('Not kept out of latest in West Europe');
  });

  it('says of a version that no region offers that it is so', async () => {
    const tags = { [channelTag('canary')]: 'R-22222' };
    const hidden = aVersion('1.6.0', { excludedFromLatest: true, regions: [there('West Europe')], tags });
    const answer = await ask('latest ubuntu-22 --channel canary', [hidden]);
    expect(answer).toMatchObject({ ok: true, version: { version: '1.6.0', regions: [] } });
    expect(answer.text).toContain('It is latest in no region.');
  });

  it('says no where there is none, and names what a region may be', async () => {
    expect(await ask('latest ubuntu-22 --channel canary')).toMatchObject({
      ok: false,
      text: expect.stringContaining('ubuntu-22 has no canary version.'),
    });
    expect(await ask('latest ubuntu-22', [])).toMatchObject({ ok: false });
    const elsewhere = await ask('latest ubuntu-22 --region eastus');
    expect(elsewhere).toMatchObject({ ok: false, code: 'BAD_COMMAND' });
    expect(elsewhere.text).toContain('It is in West Europe, North Europe.');
  });
});
