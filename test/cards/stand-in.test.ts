import { standIn } from '../../cards';

describe('what stands in the place of a card over which processes die', () => {
  it.each([
    ['run:R-7F3KQ', 'how R-7F3KQ stands', 'Ask “runs”, which lists it.'],
    ['approval:R-7F3KQ', 'the request R-7F3KQ', 'It waits all the same: ask “approvals” what waits for you.'],
    ['requests:3f9c', 'these requests', 'They wait all the same: ask “approvals” what waits for you.'],
    ['digest:R-7F3KQ', 'this digest', 'Ask “compliance” for the figures.'],
    ['news:R-7F3KQ:late', 'what is new about R-7F3KQ', 'Ask “runs”, which lists it.'],
  ])('of %s says what cannot be shown, and what lists it', (topic, what, instead) => {
    expect(standIn(topic)).toEqual({
      text: [
        `! goldbot cannot show ${what}: whenever it tries, the process that does is stopped by it, six times in a row by now.`,
        'It goes on trying every few minutes, and puts it in this place once that works.',
        instead,
        `Tell whoever operates goldbot: its log names ${topic}.`,
      ].join('\n'),
    });
  });

  it.each(['schedule:weekly', 'told:x', 'call:approval:R-7F3KQ'])('of %s says that it is missing', (topic) => {
    const { text } = standIn(topic);

    expect(text).toContain('goldbot cannot show what belongs here');
    expect(text.split('\n')).toHaveLength(3);
  });
});
