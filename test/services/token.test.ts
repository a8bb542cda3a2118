import { tokenOf } from '../../services';

describe('a token that is sent as a password', () => {
  const minutes = (n: number) => n * 60_000;

  it('is the same until five minutes before it ends, and asked for once by all who want it at a time', async () => {
    let [now, given] = [0, 0];
    const credential = {
      getToken: async (scope: string | string[]) => {
        given += 1;
        return { token: `${scope} ${given}`, expiresOnTimestamp: now + minutes(60) };
      },
    };
    const token = tokenOf(credential, 'pg', () => now);
    expect(await Promise.all([token(), token()])).toEqual(['pg 1', 'pg 1']);
    now = minutes(55) - 1;
    expect(await token()).toBe('pg 1');
    now = minutes(55);
    expect(await Promise.all([token(), token()])).toEqual(['pg 2', 'pg 2']);
  });

  it('is asked for again after a failure, which whoever asked learns of', async () => {
    const answers = [null, { token: 'late', expiresOnTimestamp: minutes(60) }];
    const token = tokenOf({ getToken: async () => answers.shift() ?? null }, 'pg', () => 0);
    await expect(token()).rejects.toThrow('Entra gave no token');
    expect(await token()).toBe('late');
  });
});
