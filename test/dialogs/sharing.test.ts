import type { GallerySharing } from '../../core/image-access';
import { dialogWorld } from './support/world';

/** What `share` and `unshare` refuse before anybody is asked, and what they ask for otherwise. */

const payments = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002';
const stranger = '1c0d3f7a-0000-4000-8000-000000000001';
const home = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';
const reason = '--reason "a trial"';

const sharing = (more: Partial<GallerySharing> = {}): GallerySharing => ({
  ...{ madeFor: 'groups', subscriptions: [], tenants: [], uniqueName: 'u-GOLD' },
  ...more,
});

function world(found: GallerySharing | undefined = sharing()) {
  return dialogWorld({
    read: {
      gallerySharing: async () => found,
      subscription: async (id) => (id === payments ? { name: 'Payments', state: 'Enabled', tenant: home } : undefined),
    },
  });
}

async function refused(asking: ReturnType<typeof world>, text: string): Promise<string> {
  const answer = await asking.say('grace', text);
  expect(asking.started).toEqual([]);
  return answer.text;
}

const guids = (count: number) =>
  Array.from({ length: count }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);

describe('share <image> subscription|tenant <id>', () => {
  it.each([
    ['subscription', payments, { kind: 'subscription', id: payments, name: 'Payments', ours: true }],
    ['subscription', stranger.toUpperCase(), { kind: 'subscription', id: stranger }],
    ['tenant', stranger, { kind: 'tenant', id: stranger, ours: false }],
    ['tenant', home, { kind: 'tenant', id: home, ours: true }],
  ])('asks for the %s as far as goldbot knows it: %s', async (kind, id, to) => {
    const asking = world();
    await asking.say('grace', `share jammy ${kind} ${id} --until +3mo ${reason}`);
    expect(asking.started).toMatchObject([{ plan: { verb: 'share', image: 'ubuntu-22', definition: 'ubuntu-22' } }]);
    expect(asking.started[0]?.plan).toMatchObject({ to, until: expect.stringMatching(/^20/), reason: 'a trial' });
    expect(asking.started[0]?.plan).toHaveProperty('approval.rule.groupName', 'goldbot-admins');
  });

  it('says the exact steps where the gallery was not made for it: within the tenant, and out of it', async () => {
    const closed = () => world(sharing({ madeFor: 'private' }));
    const ours = await refused(closed(), `share ubuntu-22 subscription ${payments}`);
    expect(ours).toContain('The gallery gold is private: what Azure shares directly is settled when a gallery is made');
    expect(ours).toContain('grant "…" view ubuntu-22');
    expect(ours).toContain(
      'az sig create --resource-group rg-golden-images --gallery-name gold_shared --permissions groups',
    );
    const theirs = await refused(closed(), `share ubuntu-22 tenant ${stranger}`);
    expect(theirs).toContain('register a multitenant application, consent to it in both');
    expect(theirs).not.toContain('grant');
  });

  it('never shares with the community, and says why', async () => {
    const text = await refused(world(), 'share ubuntu-22 community');
    expect(text).toContain('everybody in Azure could read what your machines are made of');
    expect(text).toContain('Share it with the subscription or tenant that needs it, with an end.');
    expect(text).toContain('share ubuntu-22 subscription 1c0d3f7a');
  });

  it.each([
    ['thirty subscriptions', 'subscription', { subscriptions: guids(30) }, 'shared with 30 subscriptions already'],
    ['five tenants', 'tenant', { tenants: guids(5) }, 'shared with 5 tenants already'],
  ])('asks nobody for what Azure does not take: more than %s', async (_, kind, have, said) => {
    expect(await refused(world(sharing(have)), `share ubuntu-22 ${kind} ${stranger}`)).toContain(said);
  });

  it.each([
    ['without an id', 'share ubuntu-22 tenant', 'Which tenant is meant was not said; nothing was asked for.'],
    [
      'without an id, saying where one stands',
      'share ubuntu-22 tenant',
      'Write its id as Azure has it: “az account show --query tenantId” says it.',
    ],
    ['with a name for an id', 'share ubuntu-22 subscription payments', '“payments” is not the id of a subscription'],
    [
      'with its own',
      'share ubuntu-22 subscription 5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001',
      'The gallery gold is in that subscription already; nothing was asked for.',
    ],
    ['with a past end', `share ubuntu-22 tenant ${stranger} --until 2020-01-01`, 'is in the past'],
  ])('is refused %s', async (_, line, said) => {
    expect(await refused(world(), line)).toContain(said);
  });

  it('is not offered in a national cloud, which a group’s right is', async () => {
    const { catalogue } = world().deps;
    const { azure, ...rest } = catalogue();
    const there = dialogWorld({ catalogue: () => ({ ...rest, azure: { ...azure, location: 'usgovvirginia' } }) });
    const text = await refused(there, `share ubuntu-22 tenant ${stranger}`);
    expect(text).toContain('Azure shares no galleries directly in national clouds.');
    expect(text).toContain('Give a group the right to the image instead.');
  });

  it('asks for the id in words of Azure', async () => {
    expect(await refused(world(), 'share')).toContain('Id of the subscription or tenant');
  });

  it('is for admins', async () => {
    const asking = world();
    await asking.say('ada', `share ubuntu-22 tenant ${stranger}`);
    expect(asking.started).toEqual([]);
  });
});

describe('unshare <image> subscription|tenant|everybody', () => {
  const shared = sharing({ subscriptions: [payments], tenants: [stranger] });

  it('takes back only what is there, and says what is', async () => {
    const text = await refused(world(shared), `unshare ubuntu-22 tenant ${home}`);
    expect(text).toContain(`The gallery gold is not shared with tenant ${home}: there is nothing to take back.`);
    expect(text).toContain('See with whom it is shared.');
    expect(text).toContain(`unshare ubuntu-22 subscription ${payments}`);
    expect(await refused(world(), 'unshare ubuntu-22 everybody')).toContain('is shared with nobody');
    const asking = world(shared);
    await asking.say('grace', `unshare ubuntu-22 subscription ${payments} ${reason}`);
    expect(asking.started).toMatchObject([{ plan: { verb: 'unshare', to: { name: 'Payments', id: payments } } }]);
  });

  it.each([
    ['nothing typed', `unshare ubuntu-22 everybody ${reason}`],
    ['another number', `unshare ubuntu-22 everybody --losing 1 ${reason}`],
    ['no reason', 'unshare ubuntu-22 everybody --losing 2'],
  ])('from everybody lists first who loses it, for good: %s', async (_, line) => {
    const text = await refused(world(shared), line);
    expect(text).toContain('Everybody would lose the gallery gold, for good');
    expect(text).toContain(`2 have it: subscription ${payments}, tenant ${stranger}.`);
    expect(text).toContain(
      'Azure calls this a reset: the gallery becomes private and can never be shared directly again.',
    );
    expect(text).toContain('What was made from its images runs on; scale sets that name them can no longer grow.');
    expect(text).toContain('Nothing was asked for. Whoever means it types how many lose it, and why');
    expect(text).toContain('unshare ubuntu-22 everybody --losing "…" --reason "…"');
  });

  it('from everybody asks for exactly those once their number was typed', async () => {
    const asking = world(shared);
    await asking.say('grace', `unshare ubuntu-22 everybody --losing 2 ${reason}`);
    const losing = [
      { kind: 'subscription', id: payments },
      { kind: 'tenant', id: stranger },
    ];
    expect(asking.started).toMatchObject([{ plan: { verb: 'unshare', to: { kind: 'everybody', losing } } }]);
  });

  it('leaves a community gallery to an administrator', async () => {
    const text = await refused(world(sharing({ madeFor: 'community' })), `unshare ubuntu-22 everybody ${reason}`);
    expect(text).toContain(
      'The gallery gold is shared with everybody in Azure, which goldbot neither does nor undoes.',
    );
    expect(text).toContain('An administrator takes it back with “az sig share reset --gallery-name gold');
    expect(text).toContain('machines of others that were made from it run on');
  });
});
