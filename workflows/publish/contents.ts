import type { CommandResult } from '../../core/azure';
import {
  type Contents,
  type ContentsGap,
  compareContents,
  fromCycloneDx,
  type ListingHead,
  listingHead,
  pieceCommand,
  readListing,
  summaryOf,
  toCycloneDx,
  vulnerabilitySummary,
} from '../../core/contents';
import { hashOf } from '../../core/hash';
import type { PublishData } from '../../core/runs';
import { seconds } from '../../core/time';
import type { NewContents } from '../../store';
import { again } from '../engine';
import {
  informational,
  keepsRefusing,
  type PlannedContext,
  type PublishDeps,
  type PublishStep,
  waited,
  waiting,
  waits,
} from './stage';

/**
 * Reads what is inside a machine that has passed its tests, a piece a command, and keeps it. Nothing of this fails a
 * publish: what cannot be read is a gap, which the approval card tells.
 */
export async function readContents(context: PlannedContext, machine: string): Promise<PublishStep> {
  try {
    return await nextPiece(context, machine);
  } catch (error) {
    if (!keepsRefusing(error, context.run.tries)) throw error;
    return unread({ reason: 'failed', said: firstLine((error as Error).message) });
  }
}

/** The list is not known, and the run goes on. */
export function unread(gap: ContentsGap): PublishStep {
  return again(0, { contents: { gap }, listing: undefined, waiting: undefined });
}

async function nextPiece(context: PlannedContext, id: string): Promise<PublishStep> {
  const { plan, data, read, write } = context;
  const { listing } = data;
  const piece = listing?.next ?? 0;
  const command = pieceCommand(plan.recipe.os, piece);
  const progress = `reading what is inside${listing ? ` · part ${piece + 1} of ${listing.pieces}` : ''}`;
  const result = await read.command(id, command.name);
  switch (result.state) {
    case 'done':
      return arrived(context, { id, piece }, result);
    case 'running': {
      const isLate = waited(context, command.name) > command.timeoutSeconds * 1_000 + waits.command.ms;
      return isLate
        ? unread({ reason: 'silent' })
        : again(seconds(10), { ...waiting(context, command.name), progress });
    }
    case 'absent':
      await write.runCommand({ id, location: plan.place.location }, command);
      return again(seconds(10), { progress });
  }
}

interface Piece {
  readonly id: string;
  readonly piece: number;
}

async function arrived(context: PlannedContext, { id, piece }: Piece, result: Done): Promise<PublishStep> {
  if (result.exitCode !== 0) return unread(failed(result));
  const head = context.data.listing ?? listingHead(result.output);
  if ('reason' in head) return unread(head);
  const next = piece + 1;
  if (next < head.pieces) return again(0, { listing: { ...head, next }, waiting: undefined });
  return whole(context, id, head);
}

type Done = CommandResult & { readonly state: 'done' };

function failed({ exitCode, error, output }: Done): ContentsGap {
  const said = firstLine(error || output);
  return { reason: 'failed', said: said === '' ? `exit code ${exitCode}` : said };
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.trim().slice(0, 200) ?? '';

/** Each piece is still what its command printed: nothing of the list has to be carried from step to step. */
async function whole(context: PlannedContext, id: string, head: ListingHead): Promise<PublishStep> {
  const { plan, read } = context;
  const names = Array.from({ length: head.pieces }, (_, piece) => pieceCommand(plan.recipe.os, piece).name);
  const results = await Promise.all(names.map((name) => read.command(id, name)));
  const outputs = results.map((result) => (result.state === 'done' ? result.output : ''));
  const found = readListing(head, outputs);
  if ('reason' in found) return unread(found);
  const contents = kept(context, found);
  const told = { digest: hashOf(contents.document) };
  const step: PublishStep = again(0, { contents: told, listing: undefined, waiting: undefined });
  return { ...step, contents };
}

function kept({ plan, run, now }: PlannedContext, contents: Contents): NewContents {
  const { image, version } = plan;
  return {
    image,
    version,
    runId: run.id,
    readAt: now,
    document: toCycloneDx(contents, { image, version, readAt: now }),
  };
}

/** How what was tested differs from what it replaces, for the people who decide. */
export async function compared(
  context: PlannedContext,
  { contents, catalogue }: Pick<PublishDeps, 'contents' | 'catalogue'>,
): Promise<PublishData['contents']> {
  const { plan, data } = context;
  if (data.contents === undefined || data.contents.gap) return data.contents;
  const { digest } = data.contents;
  const told = { ...(digest !== undefined && { digest }) };
  const { previousVersion: since, version } = plan;
  if (since === null) return told;
  const found = await informational(context, () => contents(plan.image, [since, version]));
  const [before, after] = [found?.get(since), found?.get(version)];
  if (!after) return { gap: { reason: 'never read' } };
  if (!before) return { ...told, since, sinceGap: { reason: 'never read' } };
  const [was, is] = [fromCycloneDx(before.document), fromCycloneDx(after.document)];
  const { vulnerabilities: list } = catalogue();
  return {
    ...{ ...told, since, changes: summaryOf(compareContents(was, is)) },
    ...(list && { vulnerabilities: vulnerabilitySummary(was, is, list) }),
  };
}
