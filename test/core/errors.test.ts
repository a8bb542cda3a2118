import { againOf, type ErrorCode, UserError } from '../../core/errors';

const again = (code: ErrorCode) => againOf(new UserError(code, 'x', { hint: 'y' }));

describe('whether the same can be asked again', () => {
  it('is said by the code', () => {
    expect([again('AZ_BAD_REQUEST'), again('AZ_FORBIDDEN'), again('AZ_THROTTLED')]).toEqual([
      'never',
      'once mended',
      'later',
    ]);
  });

  it('is not known of a bug', () => {
    expect(againOf(new Error('undefined is not a function'))).toBeUndefined();
  });
});
