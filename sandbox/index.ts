import type { Server } from 'node:http';
import { type AzureOptions, addAzureFace } from './azure';
import { seedEstate } from './azure/estate/seed';
import { guestControlRoutes } from './azure/guest/control';
import { type ControlHooks, controlRoutes } from './control';
import { Sandbox } from './kernel/sandbox';
import { listen } from './kernel/server';
import { World } from './kernel/world';
import { addTeamsFace } from './teams';
import type { TeamsFace, TeamsOptions } from './teams/face';

export interface SandboxOptions extends TeamsOptions {
  /** Where the world is journaled; only in memory when absent. */
  readonly file?: string;
  /** World time at the beginning, in milliseconds; the machine's when absent. */
  readonly startMs?: number;
  readonly azure?: AzureOptions;
  /** How many times faster world time runs; 120 when absent, 0 stops it. */
  readonly speed?: number;
}

/** How long a reset waits for the bot to follow it into the new world, in machine time. */
const botPatienceMs = 8_000;

export interface OpenSandbox {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly teams: TeamsFace;
}

/** An Azure, a Teams and an Entra; `sandbox.handle()` answers requests without a network. */
export function createSandbox(options: SandboxOptions = {}): OpenSandbox {
  const { file, startMs, speed } = options;
  const world = new World({
    ...(file !== undefined && { file }),
    ...(startMs !== undefined && { startMs }),
    ...(speed !== undefined && { speed }),
  });
  const sandbox = new Sandbox(world);
  const teams = addTeamsFace(sandbox, options);
  addAzureFace(sandbox, options.azure);
  const hooks: ControlHooks = {
    seed: (wanted) => seedEstate(world, wanted),
    afterReset: async () => {
      teams.chat.tell({ kind: 'reset' });
      await teams.link.forget(botPatienceMs);
    },
    afterClock: () => teams.chat.tell({ kind: 'clock' }),
  };
  for (const face of ['azure', 'teams'] as const) {
    sandbox.add(face, [...controlRoutes(sandbox, hooks), ...guestControlRoutes(world)]);
  }
  return { sandbox, world, teams };
}

export interface ListeningSandbox extends OpenSandbox {
  readonly azureUrl: string;
  readonly teamsUrl: string;
  /** Saves the world and releases the ports. */
  readonly close: () => Promise<void>;
}

/** The same on two ports of the loopback interface; port 0, the default, takes a free one. */
export async function startSandbox(
  options: SandboxOptions & { azurePort?: number; teamsPort?: number } = {},
): Promise<ListeningSandbox> {
  const open = createSandbox(options);
  const azure = await listen(open.sandbox, 'azure', options.azurePort ?? 0);
  const teams = await listen(open.sandbox, 'teams', options.teamsPort ?? 0).catch(async (error: unknown) => {
    await stop(azure.server);
    throw error;
  });
  open.teams.link.serviceUrl = `${teams.url}/`;
  const close = async () => {
    open.world.close();
    await Promise.all([stop(azure.server), stop(teams.server)]);
  };
  return { ...open, azureUrl: azure.url, teamsUrl: teams.url, close };
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
