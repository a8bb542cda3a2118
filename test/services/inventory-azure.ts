import { addAzureFace } from '../../sandbox/azure';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { connect } from './azure';

/** Real Azure clients in front of the sandbox with its story, or with as many machines as are asked for; unthrottled. */
export function azureWith(seed?: Parameters<typeof seedEstate>[1]) {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox, { throttle: false, resourceGraph: { queries: 100_000 } });
  if (seed) seedEstate(sandbox.world, seed);
  return connect(sandbox, {});
}
