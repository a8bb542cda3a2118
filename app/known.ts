import type { Catalogue } from '../core/catalogue';
import { definitionsOf, groupsAbove } from '../core/compliance';
import { minutes, sleep } from '../core/time';
import type { SharedAnswers } from '../services';
import type { Log } from './run';

/** Machine time between two looks: shorter than `remembered` keeps an answer. */
const everyMs = minutes(1);
/** Of looks, each that also asks which machines lack an agent: a question about every machine there is. */
const agentsEvery = 5;

export interface KnownAnswers {
  /** Looks at once, and then every minute. */
  start(): void;
  /** What is known is old: looks now, without being waited for. */
  renew(): void;
  drain(): void;
}

/**
 * Versions of the golden images, the management groups and what machines lack are part of many answers and move slowly:
 * they are asked in the background, so that a question costs Azure only what it is about.
 */
export function knownAnswers(answers: SharedAnswers, catalogue: () => Catalogue, log: Log): KnownAnswers {
  const stopping = new AbortController();
  let silent = false;
  const look = async ({ agents }: { readonly agents: boolean }): Promise<void> => {
    try {
      await answers.renew((read) =>
        Promise.all([
          read.publishedVersions(definitionsOf(catalogue())),
          groupsAbove(read, catalogue()),
          agents && read.lackingMachines(),
          agents && read.machineTotals(),
        ]),
      );
      silent = false;
    } catch (err) {
      // Whoever asks next is told what is missing; the log hears of each silence once.
      if (!silent && !stopping.signal.aborted)
        log.warn({ err }, 'versions, management groups and missing agents could not be asked ahead');
      silent = true;
    }
  };
  const run = async (): Promise<void> => {
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      await look({ agents: round % agentsEvery === 0 });
      await sleep(everyMs, stopping.signal);
    }
  };
  return { start: () => void run(), renew: () => void look({ agents: false }), drain: () => stopping.abort() };
}
