import type { Sandbox } from '../kernel/sandbox';
import { connectorRoutes } from './connector';
import { controlRoutes } from './control';
import { eventRoutes } from './events';
import { TeamsFace, type TeamsOptions } from './face';
import { memberRoutes } from './members';
import { pageRoutes } from './page-routes';
import { scriptRoutes } from './script';

/** Adds the Teams face to a sandbox. Set `link.serviceUrl` to the face's own address once it listens. */
export function addTeamsFace(sandbox: Sandbox, options: TeamsOptions = {}): TeamsFace {
  const face = new TeamsFace(sandbox, options);
  sandbox.add('teams', [
    ...connectorRoutes(face),
    ...memberRoutes(face),
    ...face.tokens.routes(() => face.link.serviceUrl),
    ...scriptRoutes(face),
    ...eventRoutes(face),
    ...pageRoutes(),
  ]);
  for (const side of ['azure', 'teams'] as const) sandbox.add(side, controlRoutes(face));
  return face;
}
