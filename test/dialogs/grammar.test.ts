import { call } from '../../core/command-call';
import { commands } from '../../dialogs';
import { cleanText, parse } from '../../dialogs/conversation/grammar';

function read(text: string) {
  const parsed = parse(text, commands);
  return parsed.kind === 'empty' ? parsed : { verb: parsed.command.verb, ...parsed.values };
}

describe('the grammar', () => {
  it.each([
    ['a mention', '<at>goldbot</at> publish ubuntu-22'],
    ['a mention with attributes and nbsp', '<at id="0">goldbot</at>&nbsp;publish\u00a0ubuntu-22'],
    ['HTML', '<p><at>goldbot</at> <b>publish</b> ubuntu-22<br/></p>'],
    ['capitals', 'PUBLISH ubuntu-22'],
    ['zero-width characters', 'pub\u200blish ubuntu-22'],
  ])('looks through %s', (_, text) => {
    expect(read(text)).toEqual({ verb: 'publish', image: 'ubuntu-22' });
  });

  it('takes options with a space, an equals sign, and the dashes and quotes of phones', () => {
    const expected = { verb: 'publish', image: 'ubuntu-22', note: 'openssl fix', from: '22.04.202611120' };
    expect(read('publish ubuntu-22 --note "openssl fix" --from 22.04.202611120')).toEqual(expected);
    expect(read('publish ubuntu-22 --note="openssl fix" --from=22.04.202611120')).toEqual(expected);
    expect(read('publish ubuntu-22 —note “openssl fix” –from 22.04.202611120')).toEqual(expected);
    expect(read("publish --from 22.04.202611120 ubuntu-22 --note 'openssl fix'")).toEqual(expected);
    expect(read('publish ubuntu-22 --from 22.04.202611120 --note openssl fix')).toEqual(expected);
  });

  it('keeps dashes, colons, slashes and apostrophes within values', () => {
    const found: object = read('publish ubuntu-22 --note "see https://x.example/a?b=c — it can\'t --wait"');
    expect(found).toHaveProperty('note', "see https://x.example/a?b=c — it can't --wait");
  });

  it('takes what nobody filled in as not given', () => {
    expect(read('cancel R-7F3KQ --reason "…"')).toEqual({ verb: 'cancel', request: 'R-7F3KQ' });
    expect(read('classify "…" pet --reason "its disk"')).toEqual({
      verb: 'classify',
      model: 'pet',
      reason: 'its disk',
    });
  });

  it('knows a boolean option without a value, and takes the word after it as an argument', () => {
    expect(read('publish --plan ubuntu-22')).toEqual({ verb: 'publish', image: 'ubuntu-22', plan: true });
  });

  it('names an unknown option with the nearest one', () => {
    expect(() => read('publish ubuntu-22 --bmup patch')).toThrow(
      expect.objectContaining({ code: 'BAD_COMMAND', hint: expect.stringContaining('--bump?') }),
    );
  });

  it.each([
    ['publish ubuntu-22 --note', '--note needs a value'],
    ['publish ubuntu-22 --note --plan', '--note needs a value'],
    ['publish ubuntu-22 --note a --note b', 'given twice'],
    ['publish ubuntu-22 now', 'one word too many'],
    ['publish ubuntu-22 --note "open', 'never closed'],
    ['publish ubuntu-22 --plan=maybe', 'takes no value'],
  ])('refuses %s', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'BAD_COMMAND', message: expect.stringContaining(message) }),
    );
  });

  it('suggests the nearest command for a typo, with its arguments, and never runs it', () => {
    expect(() => read('pubish ubuntu-22 --note "a b"')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_COMMAND',
        hint: 'Did you mean “publish”? Nothing was done.',
        next: [call('publish', { image: 'ubuntu-22', note: 'a b' })],
      }),
    );
  });

  it.each(['Unfreeze all', 'freeze all --until +1d'])('says that `%s` is not in this version', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'NOT_IN_THIS_VERSION' }));
  });

  it('answers nothing at all as nothing', () => {
    expect(read('<at>goldbot</at> &nbsp; ')).toEqual({ kind: 'empty' });
  });

  it('leaves a comparison alone that only looks like HTML', () => {
    expect(cleanText('a < b and b > c &lt;d&gt;')).toBe('a < b and b > c <d>');
  });
});
