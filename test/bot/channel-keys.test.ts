import { ChannelKeys } from '../../bot/front-door';
import { Issuer } from './issuer';

const dayMs = 24 * 3_600_000;

describe('the keys of the Bot Framework', () => {
  const issuer = new Issuer();
  let time = 0;
  const keysAt = (url: string) => new ChannelKeys({ metadataUrl: `${url}/openidconfiguration`, now: () => time });
  beforeAll(() => issuer.start());
  afterAll(() => issuer.stop());

  it('are asked for once, however many tokens come while nobody answers, and again after a pause', async () => {
    const { keys } = issuer;
    issuer.keys = [];
    const found = keysAt(issuer.url);
    const asked = issuer.keysAsked;
    for (let i = 0; i < 20; i += 1) await expect(found.find(`k${i}`)).rejects.toMatchObject({ status: 503 });
    const meanwhile = issuer.keysAsked - asked;
    issuer.keys = keys;
    time += 5_001;

    expect(meanwhile).toBe(1);
    expect(await found.find('right')).toBeDefined();
  });

  it('stay in use when they are a day old and cannot be renewed, and are not asked for with every token', async () => {
    const found = keysAt(issuer.url);
    await found.find('right');
    const { keys } = issuer;
    issuer.keys = undefined as never;
    time += dayMs + 1;
    const asked = issuer.keysAsked;
    for (let i = 0; i < 20; i += 1) expect(await found.find('right')).toBeDefined();
    issuer.keys = keys;

    expect(issuer.keysAsked - asked).toBe(1);
  });

  it('are a problem as long as there are none, and none once there are, also when they cannot be renewed', async () => {
    const { keys } = issuer;
    issuer.keys = undefined as never;
    const found = keysAt(issuer.url);
    const before = await found.problem();
    issuer.keys = keys;
    time += 5_001;
    const after = await found.problem();
    issuer.keys = undefined as never;
    time += dayMs + 1;
    const later = await found.problem();
    issuer.keys = keys;

    expect({ before, after, later }).toEqual({ before: 'the keys of the Bot Framework cannot be had' });
  });
});
