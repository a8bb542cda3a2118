import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A cable between goldbot and its database that a test can pull out, or let snap at the worst moment. */
export class Cable {
  /** The same database through the cable. */
  readonly url: string;
  private readonly sockets = new Set<Socket>();
  private pulled = false;
  private snapAtCommit = false;
  private onCommit: (() => void) | undefined;

  private constructor(
    private readonly server: Server,
    target: URL,
  ) {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
  }

  static async to(databaseUrl: string): Promise<Cable> {
    const target = new URL(databaseUrl);
    let cable: Cable | undefined;
    const server = createServer((socket) => cable?.plug(socket, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cable = new Cable(server, target);
    return cable;
  }

  pull(): void {
    this.pulled = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.pulled = false;
  }

  /** The next commit reaches the server, its answer does not come back. */
  snapAtNextCommit(): void {
    this.snapAtCommit = true;
  }

  /** Once, when a commit has been sent and nobody knows yet whether the server has done it. */
  atNextCommit(then: () => void): void {
    this.onCommit = then;
  }

  async close(): Promise<void> {
    this.pull();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private plug(near: Socket, target: URL): void {
    if (this.pulled) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port || 5432), target.hostname);
    let deaf = false;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (data) => {
      const { onCommit } = this;
      if (onCommit && data.includes('commit\0')) {
        this.onCommit = undefined;
        far.write(data, onCommit);
        return;
      }
      if (this.snapAtCommit && data.includes('commit\0')) {
        this.snapAtCommit = false;
        deaf = true;
      }
      far.write(data);
    });
    far.on('data', (data) => (deaf ? near.destroy() : near.write(data)));
  }
}
