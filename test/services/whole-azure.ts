import { addAzureFace } from '../../sandbox/azure';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import type { AzureOptions } from '../../services';
import { connect } from './azure';

/** Real Azure clients in front of the sandbox's whole Azure, whose time stands still until it is advanced. */
export function wholeAzure(options: Partial<AzureOptions> = {}) {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox, { throttle: false });
  return connect(sandbox, options);
}
