import { startLocalGoldbot } from './local';
import { onLeave, runCommand, withoutArguments } from './run';
import { localSettings } from './settings';

/** `npm run bot`: one more bot for a sandbox that is already running; several bots may share it and one DATABASE_URL. */
runCommand('npm run bot: one more bot for the sandbox of `npm run sandbox`. Settings: docs/sandbox.md', async () => {
  withoutArguments();
  const settings = localSettings({ LOG_LEVEL: 'warn', ...process.env });
  const azure = settings.SANDBOX_AZURE_URL ?? 'http://127.0.0.1:7071';
  const teams = settings.SANDBOX_TEAMS_URL ?? 'http://127.0.0.1:3979';
  const bot = await startLocalGoldbot(settings, { azure, teams }, { say: console.log, alone: false });
  onLeave(() => bot.drain());
  console.log(`Bot: ${bot.url}`);
});
