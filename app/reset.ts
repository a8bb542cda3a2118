import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { startEmbedded } from '../store/embedded';
import { runCommand, withoutArguments } from './run';
import { localSettings } from './settings';
import { StartNote } from './start-note';

/** `npm run reset`: deletes the local world: chats, runs, galleries and the database's data. */
runCommand('npm run reset: deletes the local world of `npm start`, which is the folder .goldbot.', async () => {
  withoutArguments();
  const { GOLDBOT_DATA: folder } = localSettings(process.env);
  const other = new StartNote(folder).other();
  if (other) {
    throw new UserError('PORT_TAKEN', `goldbot is running: ${other}. Its world cannot be reset meanwhile.`, {
      hint: 'Stop it with Ctrl-C, then run `npm run reset` again.',
    });
  }
  // A killed start leaves its database server behind; adopt it so as to stop it.
  const server = await startEmbedded({ dataDir: join(folder, 'postgres'), log: () => {} });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  console.log('The local world is deleted. `npm start` makes a new one.');
});
