import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { seconds, sleep } from '../core/time';

interface Started {
  readonly pid: number;
  /** Empty while that start is in progress. */
  readonly page: string;
}

const patienceMs = seconds(30);

/** A note in the data folder by which a second `npm start` finds the first, even one that has only just begun. */
export class StartNote {
  private readonly file: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'start.json');
  }

  /**
   * Claims the folder for this start, or returns the page of the one that already has it.
   *
   * @throws UserError `PORT_TAKEN` when another start has been in progress for half a minute.
   */
  async claim(): Promise<string | undefined> {
    mkdirSync(this.folder, { recursive: true });
    for (let waited = 0; waited < patienceMs; waited += 250) {
      if (this.take()) return undefined;
      const noted = this.read();
      if (!noted || !lives(noted.pid)) this.remove();
      else if (noted.page === '') await sleep(250);
      else if (await answers(noted.page)) return noted.page;
      // The process is gone and its id now belongs to another program.
      else this.remove();
    }
    throw new UserError('PORT_TAKEN', `Another \`npm start\` in ${this.folder} has not come up.`, {
      hint: 'End that process, then run `npm start` again.',
    });
  }

  /** The page of a running start; undefined when there is none. */
  other(): string | undefined {
    const noted = this.read();
    return noted && lives(noted.pid) ? noted.page || 'another process that is starting' : undefined;
  }

  ready(page: string): void {
    writeFileSync(this.file, JSON.stringify({ pid: process.pid, page }));
  }

  remove(): void {
    rmSync(this.file, { force: true });
  }

  private take(): boolean {
    try {
      writeFileSync(this.file, JSON.stringify({ pid: process.pid, page: '' }), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  private read(): Started | undefined {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Started;
    } catch {
      // No note, or half of one from a start that was killed: nobody else is running.
      return undefined;
    }
  }
}

async function answers(page: string): Promise<boolean> {
  const signal = AbortSignal.timeout(seconds(3));
  const answer = await fetch(`${page}/_sandbox/clock`, { signal }).catch(() => undefined);
  return answer?.ok === true;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
