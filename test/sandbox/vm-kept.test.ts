import { ask } from './client';
import { deploy, open, testVm, vmUrl } from './vm-world';

const address = (rest = '', query = '') => `${vmUrl('vm-test')}${rest}?api-version=2024-07-01${query}`;
const userData = 'RXhhbXBsZQ==';

describe('a machine as it was asked for', () => {
  it('shows its user data to whoever asks for them, and to nobody else', async () => {
    const azure = open();
    const made = await deploy(azure, 'vm-test', testVm({ userData }));
    const list = await ask(azure.sandbox, 'GET', address().replace('/vm-test', ''));
    const plain = await ask(azure.sandbox, 'GET', address());
    const expanded = await ask(azure.sandbox, 'GET', address('', '&$expand=userData'));

    expect(made.userData).toBeUndefined();
    expect(JSON.stringify([list.body, plain.body])).not.toContain(userData);
    expect(expanded.body).toMatchObject({ properties: { userData } });
  });

  it('runs no script that it would have to download, and says so', async () => {
    const azure = open();
    await deploy(azure);
    const properties = { source: { scriptUri: 'https://account.blob.core.windows.net/scripts/check.sh' } };
    const body = { location: 'westeurope', properties };
    const { status } = await ask(azure.sandbox, 'PUT', address('/runCommands/check'), body);
    azure.world.clock.advance(2);
    const got = await ask(azure.sandbox, 'GET', address('/runCommands/check', '&$expand=instanceView'));

    expect(status).toBe(201);
    expect(got.body).toMatchObject({
      properties: {
        ...properties,
        provisioningState: 'Succeeded',
        instanceView: { executionState: 'Failed', executionMessage: expect.stringContaining('File downloads failed') },
      },
    });
  });
});
