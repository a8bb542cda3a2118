import { remedyFor } from '../../core/images/remedies';

describe('the remedy of a refusal in a log', () => {
  it('is a role when Azure names the missing action, not access to a download', () => {
    const said =
      "LinkedAuthorizationFailed: The client 'c' with object id 'o' does not have permission to perform action(s) 'A/b/write'";
    expect(remedyFor(said)).toMatch(/^An identity lacks a role/);
    expect(remedyFor('curl: (22) The requested URL returned error: 403 Forbidden')).toMatch(
      /^The download was refused/,
    );
  });
});
