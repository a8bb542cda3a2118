import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ListeningSandbox, startSandbox } from './index';

/** A port that was set is used or is an error; the usual one gives way to the next free one. */
async function port(variable: string, usual: number): Promise<number> {
  const set = process.env[variable];
  if (set === undefined || set === '') {
    for (let candidate = usual; candidate < usual + 100; candidate++) if (await isFree(candidate)) return candidate;
    throw new Error(`No port from ${usual} to ${usual + 99} is free. Set ${variable} to one that is.`);
  }
  const wanted = Number(set);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Error(`${variable} is "${set}"; it must be a port number from 1 to 65535 (0 takes any free one).`);
  }
  if (!(await isFree(wanted))) {
    throw new Error(`${variable}: port ${wanted} is taken. Stop what listens there, or choose another.`);
  }
  return wanted;
}

function isFree(candidate: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(candidate, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

function speed(): number | undefined {
  const set = process.env['SANDBOX_SPEED'];
  if (set === undefined || set === '') return undefined;
  const wanted = Number(set);
  if (Number.isFinite(wanted) && wanted >= 0) return wanted;
  throw new Error(`SANDBOX_SPEED is "${set}"; it must be a number: how many times faster than real time (120).`);
}

async function start(): Promise<ListeningSandbox> {
  const wantedSpeed = speed();
  const { BOT_URL: botUrl, SANDBOX_APP_ID: appId, GOLDBOT_DATA: data } = process.env;
  const running = await startSandbox({
    file: join(data || '.goldbot', 'sandbox.json'),
    ...(wantedSpeed !== undefined && { speed: wantedSpeed }),
    ...(botUrl && { botUrl }),
    ...(appId && { appId }),
    azurePort: await port('SANDBOX_AZURE_PORT', 7071),
    teamsPort: await port('SANDBOX_TEAMS_PORT', 3979),
  });
  if (wantedSpeed !== undefined) running.world.clock.setSpeed(wantedSpeed);
  return running;
}

start().then(
  (running) => {
    const { azureUrl: azure, teamsUrl: teams, world } = running;
    console.log(`sandbox ready ${JSON.stringify({ azure, teams, world: world.id })}`);
    const leave = () => void running.close().then(() => process.exit(0));
    process.once('SIGTERM', leave);
    process.once('SIGINT', leave);
    // If the channel of the process that started this is gone, so is that process.
    process.once('disconnect', leave);
  },
  (error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
  },
);
