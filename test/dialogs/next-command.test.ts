import { call, line } from '../../core/command-call';
import { explain, UserError } from '../../core/errors';
import { commands } from '../../dialogs';
import { later, parse } from '../../dialogs/conversation/grammar';
import { withNext } from '../../dialogs/conversation/refusals';
import { aRun, dialogWorld } from './support/world';

/** The commands at the foot of an answer. */
function foot(text: string): readonly string[] {
  return (text.split('\n').at(-1) ?? '').split(' · ');
}

const refused = [
  'publish ubuntu-22 --replicas many',
  'publish ubuntu-22 --replicas 0',
  'publish ubuntu-22 --bump huge',
  'publish ubuntu-22 --eol soon',
  'publish ubuntu-22 --regions ,',
  'publish ubuntu-22 --bmup patch',
  'publish ubuntu-22 --note',
  'publish ubuntu-22 --note ""',
  'publish ubuntu-22 --note "open',
  'publish ubuntu-22 and some more words --plan',
  'publish nothing-like-it',
  'publsh ubuntu-22 --bump patch',
  'publsh ubuntu-22 a b c d --plan',
  'show ubuntu-22@newest and more',
  'diff ubuntu-22 oldest',
  'logs R-22222 --tail 1000',
  'logs R-1',
  'status R-1',
  'status r-22',
  'cancel R-1 --reason no',
  'cancel',
  'rebuild',
  'approve --note yes',
  'reject R-22222',
  'freeze all --until +1d',
  'rolback ubuntu-22 --forward',
  'sandwich',
  'audit --export xml',
  'audit --since whenever',
] as const;

describe('what is refused', () => {
  const answer = async (text: string) => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222'));
    const who = text.startsWith('audit')
      ? 'dana'
      : text.startsWith('reject') || text.startsWith('approve')
        ? 'grace'
        : 'ada';
    return world.say(who, text);
  };

  it.each(refused)('`%s` is answered with a next command that is understood', async (text) => {
    const { text: said } = await answer(text);
    for (const command of foot(said)) {
      const parsed = parse(command, commands);
      if (parsed.kind !== 'command') throw new Error(`nothing in "${command}"`);
      const given = parsed.command
        .problems(parsed.values)
        .filter((p) => parsed.values[String(p.path[0])] !== undefined);
      expect(given).toEqual([]);
    }
  });

  it.each(refused)('`%s` is answered in words of people', async (text) => {
    const { text: said } = await answer(text);
    expect(said).toContain('Not done');
    expect(said).not.toMatch(/invalid|expected|received|NaN|too (small|big)|undefined/i);
    expect(said.replaceAll('--reason "…"', '')).not.toContain('…');
  });

  it.each([
    ['publish ubuntu-22 --replicas many', '--replicas takes a whole number from 1 to 100, not "many".'],
    ['publish ubuntu-22 --replicas many', 'publish ubuntu-22 --replicas 2'],
    ['publish ubuntu-22 --bump huge --note "openssl fix"', '--bump takes patch, minor or major, not "huge".'],
    ['publish ubuntu-22 --bump huge --note "openssl fix"', 'publish ubuntu-22 --bump patch --note "openssl fix"'],
    ['audit --export xml', '--export takes csv, not "xml".'],
    ['status R-1', '"R-1" is not a request id; they look like R-7F3KQ.'],
    ['status R-1', 'runs'],
    ['logs R-1', 'takes an id such as R-7F3KQ, not "R-1"'],
    ['publish nothing-like-it', 'images'],
    ['publish ubuntu-22 --note "open', 'help publish'],
  ])('`%s` is told: %s', async (text, words) => {
    expect((await answer(text)).text).toContain(words);
  });

  it('suggests no command of a later version', async () => {
    for (const verb of Object.keys(later)) {
      const typo = `${verb.replace(/.$/, '')} ubuntu-22`;
      const suggested = /Did you mean “([^”]+)”/.exec((await answer(typo)).text)?.[1];
      if (suggested !== undefined) expect(() => parse(suggested, commands)).not.toThrow();
    }
  });

  it('offers what the refusal names, otherwise what fits it best', () => {
    const asked = call('cancel', { request: 'R-22222', reason: 'no' });
    const next = (error: UserError) => withNext(error, { via: 'text', call: asked }).next.map(line);
    const hint = 'Do something else.';
    const runs = [call('runs')];
    expect(next(new UserError('RUN_PAST_CANCEL', 'Too late.', { hint, next: runs }))).toEqual(['runs']);
    expect(next(new UserError('RUN_PAST_CANCEL', 'Too late.', { hint }))).toEqual(['status R-22222']);
    expect(next(new UserError('AZ_THROTTLED', 'Slow down.', { hint }))).toEqual(['cancel R-22222 --reason no']);
    expect(next(new UserError('WRONG_ROLE', 'Not you.', { hint }))).toEqual(['help cancel']);
    // The same command would get the same answer.
    expect(next(new UserError('AZ_POLICY', 'A policy forbids it.', { hint }))).toEqual(['help cancel']);
  });

  it('of a click names its own next commands in its one line, and nothing else', () => {
    const ended = new UserError('RUN_ENDED', 'R-22222 is over.', { hint: 'Start another.', next: [call('runs')] });
    expect(explain(withNext(ended, { via: 'button' }))).toBe('R-22222 is over. Start another. You can type “runs”.');
    const role = new UserError('WRONG_ROLE', 'Not you.', { hint: 'Ask Grace.' });
    expect(explain(withNext(role, { via: 'button', call: call('approve') }))).toBe('Not you. Ask Grace.');
  });

  it.each(['AZ_SILENT', 'DIRECTORY_SILENT'] as const)('on %s has the whole command again', async (code) => {
    const silent = () => Promise.reject(new UserError(code, 'Nothing.', { hint: 'Try again.' }));
    const world = dialogWorld({ directory: { memberOf: silent } });
    world.runs.set('R-22222', aRun('R-22222', { actors: [] }));
    const text = 'cancel R-22222 --reason "the wrong base"';
    expect(foot((await world.say('ada', `<at>goldbot</at> ${text}`)).text)).toEqual([text]);
    const click = await world.click('ada', 'cancel', { request: 'R-22222', reason: 'the wrong base' });
    expect(click).toMatchObject({ text: expect.stringContaining(`You can type “${text}”.`) });
  });
});
