import { examine } from '../../core/doctor';
import { createSandbox } from '../../sandbox';
import { createAzure, sandboxCredential } from '../../services';
import { sandboxHttpClient } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';
import { worldStart } from '../support/world-start';

it('tries', async () => {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart });
  const azure = createAzure({ credential: sandboxCredential, httpClient: sandboxHttpClient(sandbox), subscription: exampleCatalogue().azure.subscription, clock: world.clock });
  const t = performance.now();
  const found = await examine({ azure: azure.read, house: { ...healthyHouse, deciders: azure.directory.deciders } }, { catalogue: exampleCatalogue(), busy: new Set() });
  console.log(performance.now() - t, JSON.stringify(found, null, 1), sandbox.exchanges.length);
});
