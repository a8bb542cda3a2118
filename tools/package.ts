import { packageCommand } from './teams-app/command';

/** `npm run package -- --tenant … --bot … --domain …`: goldbot's Teams app as a zip to upload. */
void packageCommand(process.argv.slice(2), console.log).then((done) => {
  if (!done) process.exitCode = 1;
});
