import { askGoldbot, type Question, questionOf } from '../../app/asking';

const question = (sentence: string, more: Partial<Question> = {}): Question => ({
  ...questionOf([sentence], { wait: false, json: false, timeout: '1' }),
  ...more,
});

interface Sent {
  readonly text: string;
  readonly key: string;
}

/** A goldbot that answers in turn, and a clock that moves when somebody sleeps. The last answer stays. */
async function asked(what: Question, answers: readonly (object | number | 'silence')[]) {
  const sent: Sent[] = [];
  const told: string[] = [];
  let now = 0;
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    const headers = new Headers(init.headers);
    expect([String(url), init.redirect, headers.get('authorization')]).toEqual([
      'https://goldbot.example/api/ask',
      'error',
      'Bearer t.o.k',
    ]);
    sent.push({ text: JSON.parse(String(init.body)).text, key: headers.get('idempotency-key') ?? '' });
    if (answer === 'silence') throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    if (typeof answer === 'number') return new Response('{"error":{}}', { status: answer });
    return Response.json(answer);
  };
  const outside = {
    ...{ url: 'https://goldbot.example/', token: async () => 't.o.k', fetch: fetch as typeof globalThis.fetch },
    ...{
      sleep: async (ms: number) => {
        now += ms;
      },
      now: () => now,
      key: 'key-1',
    },
    tell: (line: string) => void told.push(line),
  };
  return { ...(await askGoldbot(what, outside)), sent, told };
}

const run = (stage: string, outcome: string | null) => ({
  ok: true,
  text: `R-7F3KQ ${stage}`,
  run: { id: 'R-7F3KQ', kind: 'publish', subject: 'ubuntu-22', stage, outcome },
});

describe('the command for pipelines', () => {
  it.each<readonly [string, number, object | number | 'silence']>([
    ['yes', 0, { ok: true, text: 'It is.' }],
    ['a verdict that is not good', 1, { ok: false, text: 'tampered' }],
    ['no such version', 1, { ok: false, code: 'UNKNOWN_VERSION', text: 'None.' }],
    ['a sentence that is no command', 2, { ok: false, code: 'UNKNOWN_COMMAND', text: 'What?' }],
    ['what is for people', 3, { ok: false, code: 'PEOPLE_ONLY', text: 'For people.' }],
    ['a token that does not hold', 3, 401],
    ['an application that is not listed', 3, 403],
    ['an Azure that does not answer', 4, { ok: false, code: 'AZ_SILENT', text: 'Silent.' }],
    ['no answer', 4, 'silence'],
    ['a page of somebody else', 4, { html: true }],
    ['a run that was only begun', 0, run('plan', null)],
    ['a run that has failed', 1, run('repair', 'failed')],
  ])('ends %s with %i', async (_, exitCode, answer) => {
    expect(await asked(question('anything'), [answer])).toMatchObject({ exitCode });
  });

  it('sends what had no answer again under the same key, so that it is done once', async () => {
    const { sent, exitCode } = await asked(question('publish ubuntu-22'), ['silence', 503, run('plan', null)]);
    expect(exitCode).toBe(0);
    expect(sent).toEqual(Array(3).fill({ text: 'publish ubuntu-22', key: 'key-1' }));
  });

  it('waits for the end of the run, also through silence', async () => {
    const answers = [run('plan', null), run('approve', null), ...Array(4).fill('silence'), run('publish', 'published')];
    const { sent, told, exitCode } = await asked(
      question('publish ubuntu-22', { wait: true, timeoutMs: 600_000 }),
      answers,
    );
    expect(exitCode).toBe(0);
    expect(new Set(sent.slice(1).map(({ text }) => text))).toEqual(new Set(['status R-7F3KQ']));
    expect(told).toContain('R-7F3KQ: approve');
  });

  it('stops waiting when its time is over, and says that the run goes on', async () => {
    const { told, exitCode } = await asked(question('publish ubuntu-22', { wait: true }), [run('approve', null)]);
    expect(exitCode).toBe(4);
    expect(told.at(-1)).toBe(
      'R-7F3KQ is still at “approve” after 1 minutes. It goes on: ask later with “status R-7F3KQ”.',
    );
  });

  it('quotes again what a shell has unquoted', async () => {
    const words = ['publish', 'ubuntu-22', '--note', 'fix of "openssl"', '--eol=+6mo'];
    const { sent } = await asked(question('', { words }), [{ ok: true, text: '' }]);
    expect(sent[0]?.text).toBe('publish ubuntu-22 --note "fix of \\"openssl\\"" --eol=+6mo');
  });

  it('lets no text become an order to the log of a pipeline', async () => {
    const text = 'Note:\n ::add-mask::x\n##vso[task.setvariable variable=a]b\u001b[2J';
    const { text: shown } = await asked(question('status'), [{ ok: true, text }]);
    expect(shown).not.toMatch(/^\s*::|##/m);
    expect(shown).not.toContain('\u001b');
    const json = (await asked(question('status', { json: true }), [{ ok: true, text }])).text;
    expect(json).not.toContain('##');
    expect(JSON.parse(json)).toEqual({ ok: true, text });
  });

  it('refuses a time that is none', () => {
    expect(() => questionOf(['status'], { wait: true, json: false, timeout: 'soon' })).toThrow('--timeout soon');
    expect(() => questionOf([], { wait: false, json: false, timeout: '60' })).toThrow('no question');
  });
});
