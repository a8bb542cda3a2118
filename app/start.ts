import { startLocalGoldbot, startSandboxProcess } from './local';
import { onLeave, runCommand, withoutArguments } from './run';
import { type LocalSettings, localSettings } from './settings';
import { StartNote } from './start-note';

/** `npm start`: PostgreSQL, an Azure, a Teams and a bot on this machine; prints the address of the page. */
runCommand('npm start: a whole Azure, Teams and goldbot on this machine. Settings: docs/sandbox.md', async () => {
  withoutArguments();
  const settings = localSettings({ LOG_LEVEL: 'error', ...process.env });
  const note = new StartNote(settings.GOLDBOT_DATA);
  const other = await note.claim();
  if (other) {
    console.log(`goldbot is already running: ${other}`);
    return;
  }
  const { sandbox, bot } = await bringUp(settings).catch((error: unknown) => {
    note.remove();
    throw error;
  });
  const page = sandbox.teams.replace('127.0.0.1', 'localhost');
  note.ready(page);
  onLeave(async () => {
    console.log('Shutting down: finishing the steps in progress.');
    await bot.drain();
    await sandbox.stop();
    note.remove();
  });
  console.log(`Bot: ${bot.url} · Azure: ${sandbox.azure}`);
  console.log(`Ready: ${page}`);
});

async function bringUp(settings: LocalSettings) {
  const sandbox = await startSandboxProcess(process.env);
  const bot = await startLocalGoldbot(settings, sandbox, { say: console.log, alone: true }).catch(
    async (error: unknown) => {
      await sandbox.stop();
      throw error;
    },
  );
  return { sandbox, bot };
}
