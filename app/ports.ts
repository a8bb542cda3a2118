import { type AddressInfo, createServer } from 'node:net';
import { UserError } from '../core/errors';

const tried = 50;

/** `wanted` when it is set (0: any free one); else the first free port from `usual` on. @throws UserError `PORT_TAKEN` when a set port is taken. */
export async function choosePort(wanted: number | undefined, usual: number, variable: string): Promise<number> {
  if (wanted !== undefined) {
    const port = await listenOnce(wanted);
    if (port !== undefined) return port;
    throw new UserError('PORT_TAKEN', `Port ${wanted} of ${variable} is used by another program.`, {
      hint: `Stop that program, or set ${variable} to a free port.`,
    });
  }
  for (let port = usual; port < usual + tried; port++) if ((await listenOnce(port)) !== undefined) return port;
  throw new UserError('PORT_TAKEN', `All ports from ${usual} to ${usual + tried - 1} are used.`, {
    hint: `Set ${variable} to a free port.`,
  });
}

/** The port when it is free (0: one that is); undefined when it is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => done(found));
    });
  });
}
