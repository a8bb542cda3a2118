import { noticeCard } from '../../cards';

describe('a card that was drawn', () => {
  it('is the same one when the same is shown, and another one for whatever else', () => {
    const first = noticeCard({ message: 'Nothing was done.', details: ['So it is.'] });
    const other = noticeCard({ message: 'Nothing was done.', details: ['It is otherwise.'] });

    expect(noticeCard({ message: 'Nothing was done.', details: ['So it is.'] })).toBe(first);
    expect(other.text).toContain('It is otherwise.');
    expect(JSON.stringify(other.card)).not.toContain('So it is.');
  });

  it('is drawn anew once many others were shown since', () => {
    const first = noticeCard({ message: 'The first.' });
    for (let n = 0; n < 32; n += 1) noticeCard({ message: `Number ${n}.` });

    const again = noticeCard({ message: 'The first.' });
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });
});
