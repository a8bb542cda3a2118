import type { Ledger } from './ledger';
import { type Exception, exceptions } from './recordings/exceptions';
import type { Expected } from './recordings/expectation';
import { expected } from './recordings/expected';
import { type Played, play } from './recordings/player';
import { shapeOf, type Tape, tapes } from './recordings/tape';
import { through } from './recordings/through';
import { used } from './used';
import { providerOf } from './wire';

/**
 * Recorded traffic of the real Azure: each answer of an operation that goldbot uses goes through its services, and the
 * sandbox is asked what Azure was asked. To be called inside of `judged`.
 */
export function recordingsSection(ledger: Ledger): void {
  describe('recorded traffic', () => {
    const all = tapes();
    it('is read for every operation that goldbot uses', () => {
      const missing = used.filter(({ operation }) => !expected.some((one) => one.operation === operation));
      expect(missing.map(({ operation }) => operation)).toEqual([]);
    });
    servicesSection(all);
    sandboxSection(all, ledger);
  });
}

const known = new Map(expected.map((one) => [one.shape.toLowerCase(), one]));

function expectedOf(method: string, url: string): Expected | undefined {
  return known.get(shapeOf(method, url).toLowerCase());
}

function servicesSection(all: readonly Tape[]): void {
  /** Excuses that were needed, as `operation path`. */
  const needed = new Set<string>();

  for (const tape of all) {
    const mine = tape.exchanges.flatMap(({ request }, index) => {
      const found = expectedOf(request.method, request.url);
      const recorded = tape.exchanges[index];
      return found && recorded && (found.ours?.(recorded) ?? true) ? [{ index, found }] : [];
    });
    if (mine.length === 0) continue;
    it(`of ${tape.name} comes out of goldbot's services without loss (${mine.length} answers)`, async () => {
      for (const { index, found } of mine) {
        const unsaid = await through(tape, index, found);
        const lost = unsaid.filter((path) => !excuse(found, path, needed));
        expect({ operation: found.operation, index, lost }).toEqual({ operation: found.operation, index, lost: [] });
      }
    });
  }

  it('has everything that goldbot is excused from saying', () => {
    const excuses = expected.flatMap(({ operation, wordless = {} }) =>
      Object.keys(wordless).map((path) => `${operation} ${path}`),
    );
    expect(excuses.filter((one) => !needed.has(one))).toEqual([]);
  });
}

/** A path is excused with everything below it. */
function excuse({ operation, wordless = {} }: Expected, path: string, needed: Set<string>): boolean {
  const found = Object.keys(wordless).find(
    (one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`),
  );
  if (found !== undefined) needed.add(`${operation} ${found}`);
  return found !== undefined;
}

function sandboxSection(all: readonly Tape[], ledger: Ledger): void {
  const unmet = new Set<Exception>(exceptions);
  const others: string[] = [];

  for (const tape of all) {
    const plays = tape.exchanges.some(({ request }) => expectedOf(request.method, request.url));
    if (!plays) {
      others.push(...notAsked(tape));
      continue;
    }
    it(`of ${tape.name} is answered by the sandbox as by Azure (${tape.exchanges.length} requests)`, async () => {
      const played = await play(tape);
      for (const { recorded } of played) ledger.recording(providerOf(recorded.request.url));
      const { wrong, cannotYet } = judge(tape.name, played, unmet);
      others.push(...cannotYet.map((line) => `${tape.name}: ${line}`));
      expect(wrong).toEqual([]);
    });
  }

  it('differs from the sandbox in nothing that is excepted in vain', () => {
    expect([...unmet].map(({ where, what }) => `${where} ${what}`)).toEqual([]);
  });

  afterAll(() => {
    if (others.length > 0) process.stderr.write(`recorded, but not used by goldbot:\n  ${others.join('\n  ')}\n`);
  });
}

/** What differs and may not, and per operation that goldbot does not use what the sandbox cannot do. */
function judge(
  tape: string,
  played: readonly Played[],
  unmet: Set<Exception>,
): { wrong: string[]; cannotYet: string[] } {
  const wrong = new Set<string>();
  const cannotYet: string[] = [];
  for (const { shape, recorded, differences, cannotYet: cannot } of played) {
    for (const what of differences) {
      const excused = exceptions.filter((one) => isExcepted(one, tape, shape, what));
      for (const one of excused) unmet.delete(one);
      if (excused.length > 0) continue;
      if (cannot && !isUsed(shape, recorded.request)) cannotYet.push(`${brief(shape)}: ${what.slice(0, 60)}`);
      else wrong.add(`${shape}: ${what}`);
    }
  }
  return { wrong: [...wrong], cannotYet: counted(cannotYet) };
}

function isExcepted(exception: Exception, tape: string, shape: string, what: string): boolean {
  return (exception.tapes?.test(tape) ?? true) && exception.where.test(shape) && exception.what.test(what);
}

/** Also polls of what an operation that goldbot uses has started. */
function isUsed(shape: string, { method, url }: { method: string; url: string }): boolean {
  return known.has(shape.replace('poll of ', '').toLowerCase()) || expectedOf(method, url) !== undefined;
}

function notAsked({ name, exchanges }: Tape): string[] {
  const shapes = exchanges.map(({ request }) => brief(shapeOf(request.method, request.url)));
  return counted(shapes).map((line) => `${name}: ${line}: not asked, goldbot uses nothing of this recording`);
}

/** From the last provider on: whatever the scope is. */
function brief(shape: string): string {
  return shape.replace(/ \/.*\/providers\//, ' …/');
}

function counted(lines: readonly string[]): string[] {
  return [...new Set(lines)].map((line) => `${lines.filter((one) => one === line).length} × ${line}`);
}
