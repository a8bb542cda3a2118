import { createServer } from 'node:net';
import { UserError } from '../core/errors';

const tried = 50;

/** `wanted` when it is set; else the first free port from `usual` on. @throws UserError `PORT_TAKEN` when a set port is taken. */
export async function choosePort(wanted: number | undefined, usual: number, variable: string): Promise<number> {
  if (wanted !== undefined) {
    if (wanted === 0 || (await isFree(wanted))) return wanted;
    throw new UserError('PORT_TAKEN', `Port ${wanted} of ${variable} is used by another program.`, {
      hint: `Stop that program, or set ${variable} to a free port.`,
    });
  }
  for (let port = usual; port < usual + tried; port++) if (await isFree(port)) return port;
  throw new UserError('PORT_TAKEN', `All ports from ${usual} to ${usual + tried - 1} are used.`, {
    hint: `Set ${variable} to a free port.`,
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
