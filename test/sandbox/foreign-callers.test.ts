import { request } from 'node:http';
import { type ListeningSandbox, startSandbox } from '../../sandbox';

let box: ListeningSandbox;

beforeAll(async () => {
  box = await startSandbox({ startMs: Date.parse('2026-11-22T10:00:00Z'), speed: 0, limits: false });
});
afterAll(() => box.close());

/** By bytes: `fetch` sets `host` itself. */
function asked(url: string, headers: Readonly<Record<string, string>>, body?: string) {
  return new Promise<{ status: number | undefined; text: string }>((done, fail) => {
    const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      done({ status: response.statusCode, text });
    });
    sent.once('error', fail).end(body);
  });
}

const faces = [
  ['the page of Teams', () => `${box.teamsUrl}/`],
  ['its API', () => `${box.teamsUrl}/_sandbox/clock`],
  ['Azure', () => `${box.azureUrl}/subscriptions?api-version=2022-12-01`],
  ['the API beside it', () => `${box.azureUrl}/_sandbox/clock`],
] as const;

describe.each(faces)('%s of the sandbox', (_, url) => {
  it.each(['localhost', 'localhost:3979', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:3979', 'LOCALHOST'])(
    'answers to %s',
    async (host) => {
      expect((await asked(url(), { host })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:3979',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.nip.io',
    '127.0.0.2',
    '2130706433',
    '0.0.0.0',
    '[::]',
    'localhost:',
    'localhost:3979:1',
    'localhost@evil.example',
  ])('does not answer to "%s": its owner may have let that name lead here', async (host) => {
    const { status, text } = await asked(url(), { host });

    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'ForeignHost' } });
  });
});

it.each(['http://evil.example', 'https://localhost.evil.example', 'null', 'http://evil.example:3979'])(
  'takes nothing from a page of %s',
  async (origin) => {
    const say = JSON.stringify({ as: 'Ada', in: 'goldbot', text: 'help' });
    const { status, text } = await asked(`${box.teamsUrl}/api/say`, { origin }, say);

    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'ForeignOrigin' } });
  },
);

it.each(['http://localhost:3979', 'http://127.0.0.1:3979'])('answers a page of %s', async (origin) => {
  expect((await asked(`${box.teamsUrl}/_sandbox/clock`, { origin })).status).toBe(200);
});

describe('a browser that shows a page of elsewhere', () => {
  const foreign = { 'sec-fetch-site': 'cross-site' };
  const opened = { ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const slow = `/_sandbox/requests?url=${encodeURIComponent('(a+)+$')}`;

  it.each([
    ['as a picture', slow, { ...foreign, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['in a window', slow, opened],
    ['in a frame', '/', { ...opened, 'sec-fetch-dest': 'iframe' }],
    ['as a script', '/page/store.js', { ...foreign, 'sec-fetch-dest': 'script' }],
  ])('is not answered %s (%s)', async (_, path, headers) => {
    const { status, text } = await asked(box.teamsUrl + path, headers);

    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'ForeignOrigin' } });
  });

  it.each(['/', '/?in=goldbot'])('follows its link to %s', async (path) => {
    expect((await asked(box.teamsUrl + path, opened)).status).toBe(200);
  });

  it('asks for the page itself as before', async () => {
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
    expect((await asked(`${box.teamsUrl}/_sandbox/clock`, own)).status).toBe(200);
  });
});
