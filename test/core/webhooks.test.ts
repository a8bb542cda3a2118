import { createHmac } from 'node:crypto';
import type { Catalogue } from '../../core/catalogue';
import { parseCatalogue } from '../../core/catalogue';
import { isPublicAddress, receiverProblem, secretProblem, signatureOf, toldOf } from '../../core/webhooks';
import { catalogueFiles } from '../dialogs/support/catalogue';

describe('where a webhook may go', () => {
  it.each([
    ['https://hooks.contoso.com/goldbot?tenant=1', undefined],
    ['http://hooks.contoso.com/', 'must be an https address'],
    ['ftp://hooks.contoso.com/', 'must be an https address'],
    ['hooks.contoso.com', 'must be an https address'],
    ['https://user:pass@hooks.contoso.com/', 'must have no user and no password: what signs goes under secret'],
    ['https://hooks.contoso.com/#a', 'must have no fragment'],
    ['https://localhost/', 'must be a host of the public internet'],
    ['https://intranet/', 'must be a host of the public internet'],
    ['https://metadata.google.internal/', 'must be a host of the public internet'],
    ['https://metadata.google.internal./', 'must be a host of the public internet'],
    ['https://localhost./', 'must be a host of the public internet'],
    ['https://169.254.169.254/metadata/identity', 'must be a host of the public internet'],
    ['https://0x7f.1/', 'must be a host of the public internet'],
    ['https://[::1]/', 'must be a host of the public internet'],
    ['https://[::ffff:10.0.0.1]/', 'must be a host of the public internet'],
  ])('%s: %s', (url, problem) => {
    expect(receiverProblem(url)).toBe(problem);
  });

  it.each([
    ...['8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::8a'].map(
      (ip) => [ip, true] as const,
    ),
    ...['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '127.0.0.1'].map((ip) => [ip, false] as const),
    ...['169.254.169.254', '168.63.129.16', '100.64.0.1', '0.0.0.0', '224.0.0.1'].map((ip) => [ip, false] as const),
    ...['255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1'].map((ip) => [ip, false] as const),
    ...['2001:2::1', '2001:10::1', '2001:1ff::1', '2001::1', '3fff:fff::1', '2001:zz::1'].map(
      (ip) => [ip, false] as const,
    ),
    ...['2001:200::1', '2001:4860:4860::8888'].map((ip) => [ip, true] as const),
    ...['::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', 'nonsense'].map(
      (ip) => [ip, false] as const,
    ),
  ])('%s is public: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});

describe('the signature', () => {
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString('base64')}`;

  it('is an HMAC of id, time and body, by the bytes of the secret', () => {
    const mac = createHmac('sha256', key).update('e-1.1700000000.{"a":1}').digest('base64');
    expect(signatureOf(secret, { id: 'e-1', at: 1_700_000_000, body: '{"a":1}' })).toBe(`v1,${mac}`);
  });

  it('takes no weak secret, and repeats none of it', () => {
    expect(secretProblem(secret)).toBeUndefined();
    expect(secretProblem(undefined)).toBe('is not set');
    for (const weak of ['hunter2', 'whsec_aGk=', `whsec_${'A'.repeat(200)}`]) {
      expect(secretProblem(weak)).toBe('must be whsec_ and 24 to 64 bytes in base64');
    }
  });
});

const programsYaml = (more = '') => `audience: aaaaaaaa-0000-4000-8000-000000000001
webhooks:
  - { name: tickets, url: https://t.example.com/, events: [published, digest], secret: GOLDBOT_WEBHOOK_T }
  - { name: web, url: https://w.example.com/, events: [published], images: [windows-2022], secret: GOLDBOT_WEBHOOK_W }
${more}`;
const parse = (text: string) => parseCatalogue([...catalogueFiles, { path: 'programs.yaml', text }]);

describe('what is told to whom', () => {
  const parsed = parse(programsYaml());
  const catalogue = parsed.ok ? parsed.catalogue : ({} as Catalogue);
  const at = new Date('2026-11-30T09:00:00Z');

  it('is one CloudEvent for each receiver that asks for its kind and image, with one id', () => {
    const data = { image: 'ubuntu-22', version: '1.6.0', id: '/subscriptions/s', regions: ['West Europe'] };
    const made = toldOf(
      catalogue,
      [{ kind: 'published', subject: 'ubuntu-22/1.6.0', runId: 'R-7F3KQ', data }],
      at,
    ).webhooks;
    expect(made.map(({ receiver }) => receiver)).toEqual(['tickets']);
    expect(JSON.parse(made[0]?.body ?? '')).toEqual({
      specversion: '1.0',
      id: 'R-7F3KQ-published-1.6.0',
      source: 'goldbot',
      type: 'goldbot.version.published',
      subject: 'ubuntu-22/1.6.0',
      time: '2026-11-30T09:00:00.000Z',
      datacontenttype: 'application/json',
      data: { ...data, run: 'R-7F3KQ' },
    });
    const digest = {
      kind: 'digest',
      subject: 'web',
      runId: 'R-22222',
      data: { team: 'web', week: '2026-W49' },
    } as const;
    expect(toldOf(catalogue, [digest], at).webhooks.map(({ receiver }) => receiver)).toEqual(['tickets']);
    expect(toldOf({}, [digest], at)).toEqual({ happened: [digest], webhooks: [], at });
  });

  it.each([
    [
      'a secret in its place',
      'url: https://x.example.com/, events: [retired], secret: hunter2',
      'environment variable',
    ],
    ['an address inside', 'url: https://10.0.0.4/, events: [retired], secret: GOLDBOT_WEBHOOK_X', 'public internet'],
    [
      'an event that there is not',
      'url: https://x.example.com/, events: [deleted], secret: GOLDBOT_WEBHOOK_X',
      'retired',
    ],
  ])('refuses %s', (_, row, problem) => {
    expect(parse(programsYaml(`  - { name: extra, ${row} }`))).toMatchObject({
      ok: false,
      problems: [{ file: 'programs.yaml', line: 5, message: expect.stringContaining(problem) }],
    });
  });

  it('refuses two receivers of one name, and images that there are not', () => {
    const row = 'url: https://x.example.com/, events: [retired], images: [beos], secret: GOLDBOT_WEBHOOK_X';
    const wrong = parse(programsYaml(`  - { name: tickets, ${row} }`));
    expect(wrong.ok ? [] : wrong.problems.map(({ message }) => message).sort()).toEqual([
      'beos is not an image of the catalogue',
      'is the name of another receiver',
    ]);
  });
});
