import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Catalogue,
  type CatalogueFile,
  decidingGroups,
  describeProblems,
  parseCatalogue,
} from '../core/catalogue';
import { UserError } from '../core/errors';

/** Which of these groups have too many members to decide. One that could not be read is not among them. */
export type TooLarge = (groups: readonly string[]) => Promise<ReadonlySet<string>>;

/**
 * The catalogue in force. It follows its files: a change that parses takes effect; one with mistakes is reported once and
 * the previous configuration stays in force.
 */
export class CatalogueSource {
  private current: Catalogue;
  private seen: string;
  private timer: NodeJS.Timeout | undefined;
  private wrong: UserError | undefined;
  private tooLarge: TooLarge = async () => new Set();

  /** @throws UserError `CATALOGUE_INVALID` with every problem, file and line. */
  constructor(
    private readonly folder: string,
    private readonly report: (problem: UserError | 'reloaded') => void,
  ) {
    this.seen = fingerprint(folder);
    this.current = load(folder);
  }

  readonly get = (): Catalogue => this.current;

  /** Why the files are not in force as they are now; undefined when they are. */
  get mistakes(): UserError | undefined {
    return this.wrong;
  }

  /**
   * Checks the groups whose members decide, now and whenever the files have changed.
   *
   * @throws UserError `CATALOGUE_INVALID` with file and line of each group that is too large.
   */
  async checkGroups(tooLarge: TooLarge): Promise<void> {
    this.tooLarge = tooLarge;
    await this.checked(this.current);
  }

  /** Checks for changes every `everyMs` of machine time. `changed`: another catalogue is in force. */
  watch(everyMs: number, changed: () => void = () => {}): void {
    this.timer = setInterval(() => void this.looked(changed), everyMs);
    this.timer.unref();
  }

  private async looked(changed: () => void): Promise<void> {
    const before = this.current;
    await this.reload();
    if (this.current !== before) changed();
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Never rejects: what is wrong is reported. */
  async reload(): Promise<void> {
    try {
      const now = fingerprint(this.folder);
      if (now === this.seen) return;
      this.seen = now;
      this.current = await this.checked(load(this.folder));
      this.wrong = undefined;
      this.report('reloaded');
    } catch (error) {
      this.wrong = error instanceof UserError ? error : invalid(this.folder, String(error));
      this.report(this.wrong);
    }
  }

  private async checked(catalogue: Catalogue): Promise<Catalogue> {
    const tooLarge = await this.tooLarge(decidingGroups(catalogue));
    return tooLarge.size === 0 ? catalogue : load(this.folder, tooLarge);
  }
}

function load(folder: string, tooLarge?: ReadonlySet<string>): Catalogue {
  if (!existsSync(folder)) throw noFolder(folder);
  const parsed = parseCatalogue(readFiles(folder), tooLarge);
  if (parsed.ok) return parsed.catalogue;
  throw invalid(folder, describeProblems(parsed.problems));
}

function noFolder(folder: string): UserError {
  return new UserError('CATALOGUE_INVALID', `There is no catalogue:\nThe folder ${folder} does not exist.`, {
    hint: 'Correct GOLDBOT_CATALOG: it names the folder that has azure.yaml, roles.yaml, teams.yaml and images.',
  });
}

function invalid(folder: string, problems: string): UserError {
  return new UserError('CATALOGUE_INVALID', `The catalogue in ${folder} has mistakes:\n${problems}`, {
    hint: 'Correct these lines, and start again; a goldbot that runs takes them by itself.',
  });
}

/** Each with file and line, of an error `CATALOGUE_INVALID`: a line of its message after the first. */
export function mistakesIn({ message }: UserError): readonly string[] {
  const [first = '', ...mistakes] = message.split('\n');
  return mistakes.length > 0 ? mistakes : [first];
}

function readFiles(folder: string): CatalogueFile[] {
  return paths(folder).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

/** The catalogue's own files, and templates that images may name: in its folder and those in it, also behind a link. */
function paths(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const inside = names
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .flatMap((name) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`));
  return [...names, ...inside].filter((path) => /^(images\/)?[^/]+\.ya?ml$|\.json$/.test(path)).sort();
}

function fingerprint(folder: string): string {
  if (!existsSync(folder)) return '';
  return paths(folder)
    .map((path) => {
      const { mtimeMs, size } = statSync(join(folder, path));
      return `${path}:${mtimeMs}:${size}`;
    })
    .join('\n');
}
