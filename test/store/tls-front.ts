import { type AddressInfo, connect, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certified } from '../support/certificates';

export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

/** TLS as a PostgreSQL server speaks it, before one that has none: what is inside goes there in the clear. */
export async function tlsFront(serverPort: number, { cert, key }: Certified): Promise<TlsFront> {
  const open = new Set<{ destroy(): void }>();
  const server = createServer((raw) => {
    open.add(raw);
    raw.on('error', () => {});
    // SSLRequest: eight bytes, the last four 80877103.
    raw.once('data', () => {
      raw.write('S');
      const secure = new TLSSocket(raw, { isServer: true, cert, key });
      const inside = connect(serverPort, '127.0.0.1');
      open.add(inside);
      for (const socket of [secure, inside]) socket.on('error', () => {});
      secure.pipe(inside).pipe(secure);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise<void>((done) => server.close(() => done()));
    },
  };
}
