import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Started {
  readonly pid: number;
  readonly page: string;
}

/** The note by which a second `npm start` in the same folder finds the first. */
export class StartNote {
  private readonly file: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'start.json');
  }

  /** Address of the page of a start that lives and answers; undefined when there is none. */
  async other(): Promise<string | undefined> {
    const noted = this.read();
    if (!noted || !lives(noted.pid)) return undefined;
    const answers = await fetch(`${noted.page}/_sandbox/clock`, { signal: AbortSignal.timeout(3_000) }).catch(
      () => undefined,
    );
    return answers?.ok ? noted.page : undefined;
  }

  write(page: string): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.file, JSON.stringify({ pid: process.pid, page }));
  }

  remove(): void {
    rmSync(this.file, { force: true });
  }

  private read(): Started | undefined {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Started;
    } catch {
      // No note, or half of one from a start that was killed: there is no other.
      return undefined;
    }
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
