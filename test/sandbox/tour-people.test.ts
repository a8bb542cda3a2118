interface Message {
  readonly fromId: string;
  readonly from: string;
  readonly text: string;
}

/** A module of the page, which has no types. */
const { askerIn, deciderBeside } = jest.requireActual<{
  readonly askerIn: (messages: readonly Message[]) => string;
  readonly deciderBeside: (asker: string) => string;
}>('../../sandbox/page/tour-people.js');

const said = (from: string, text: string): Message => ({ fromId: from, from, text });

describe('the people of the tour', () => {
  it('has the one who asked last, of people and not of goldbot, and Ada before anybody has', () => {
    const told: Message = { fromId: 'bot', from: 'goldbot', text: 'Publishing ubuntu-22 1.6.0' };
    expect(askerIn([])).toBe('Ada');
    expect(askerIn([said('Ada', '@goldbot publish ubuntu-22'), told, said('Ada', 'thanks')])).toBe('Ada');
    expect(
      askerIn([said('Ada', '@goldbot publish ubuntu-22'), said('Grace', '@goldbot Publish ubuntu-22'), told]),
    ).toBe('Grace');
  });

  /** Who may approve in the story, by `sandbox/entra/people.ts`. */
  const approvers = ['Grace', 'Heidi', 'Judy'];

  it.each(['Ada', ...approvers])('lets an approver decide what %s asked for, who is somebody else', (asker) => {
    expect(approvers.filter((name) => name !== asker)).toContain(deciderBeside(asker));
  });
});
