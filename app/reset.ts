import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { startEmbedded } from '../store/embedded';
import { StartNote } from './first-start';
import { runCommand } from './run';
import { localSettings } from './settings';

/** `npm run reset`: forgets the local world: chats, runs, galleries, the database's data. */
runCommand(async () => {
  const { GOLDBOT_DATA: folder } = localSettings(process.env);
  const other = new StartNote(folder).other();
  if (other) {
    throw new UserError('PORT_TAKEN', `goldbot runs: ${other}. Its world cannot be taken away under it.`, {
      hint: 'Stop it with Ctrl-C, then run `npm run reset` again.',
    });
  }
  // A start that was killed leaves its database server behind: it is adopted, so that it can be stopped.
  const server = await startEmbedded({ dataDir: join(folder, 'postgres'), log: () => {} });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  console.log('The local world is forgotten. `npm start` makes a new one.');
});
