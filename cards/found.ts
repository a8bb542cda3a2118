import type { Lineage } from '../core/compliance';
import { type Fact, facts } from './parts/blocks';
import { portalLinks } from './parts/buttons';
import { count, day, dotted, type Instant, oneLine } from './parts/format';
import { behindWords, lineageText, teamName } from './parts/words';
import type { Reply } from './reply';
import { type RunRow, runLine } from './runs';
import { sheet } from './sheet';
import template from './templates/link.json';
import { stateText, stateTone, type VersionRow } from './versions';

/** A line of what was found, as Teams lists it beside the message box. */
export interface FoundLine {
  readonly title: string;
  /** What tells it from the others. */
  readonly about: string;
}

export interface FoundMachine {
  readonly name: string;
  readonly resourceGroup: string;
  readonly team: string | null;
  /** `ubuntu-22 1.5.0`, or what else it was made of; absent when Azure does not say. */
  readonly image?: string;
  readonly lineage: Lineage;
  /** The channel that its team follows. */
  readonly follows?: string;
  readonly behind?: { readonly versions: number; readonly days?: number };
}

export const foundLine = {
  image: (image: string, os: string): FoundLine => ({ title: oneLine(image, 80), about: oneLine(os, 120) }),
  version: (image: string, row: VersionRow): FoundLine => ({
    title: oneLine(`${image} ${row.version}`, 120),
    about: dotted(withoutSign(stateText(row.state)), row.publishedAt && `published ${writtenDay(row.publishedAt)}`),
  }),
  run: (row: RunRow): FoundLine => runLine(row),
  machine: ({ name, team, resourceGroup }: Pick<FoundMachine, 'name' | 'team' | 'resourceGroup'>): FoundLine => ({
    title: oneLine(name, 120),
    about: dotted(oneLine(teamName(team), 60), oneLine(resourceGroup, 90)),
  }),
};

/** Teams shows a list as it comes and works out no dates in it. */
function writtenDay(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 10);
}

const withoutSign = (text: string): string => text.replace(/^\W+/, '');

export interface VersionGlance {
  readonly image: string;
  readonly row: VersionRow;
  /** Where it is in Azure's portal. */
  readonly portal: string;
  readonly replacedBy?: string;
  /** Absent: nobody could count them. */
  readonly machines?: number;
}

/** What goldbot knows of a version in a few lines: beside a link to it. */
export function versionGlanceCard({ image, row, portal, replacedBy, machines }: VersionGlance): Reply {
  const { version, state, channels, base, publishedAt, endOfLife } = row;
  const known: readonly Fact[] = facts(
    ['Published', publishedAt && day(publishedAt)],
    ['End of life', endOfLife && day(endOfLife)],
    ['Channels', channels?.join(', ')],
    ['Built from', base],
    ['Replaced by', replacedBy],
    ['Machines', machines === undefined ? undefined : count(machines, 'machine')],
  );
  return glance(
    { title: oneLine(`${image} ${version}`, 150), badge: { text: stateText(state), tone: stateTone(state) }, portal },
    known,
  );
}

/** The same of a machine. */
export function machineGlanceCard({ portal, ...machine }: FoundMachine & { readonly portal: string }): Reply {
  const { name, team, image, lineage, follows, behind, resourceGroup } = machine;
  const lag = behind && behind.versions > 0 ? behindWords(behind.versions, behind.days) : undefined;
  return glance(
    { title: oneLine(name, 150), portal },
    facts(
      ['Team', team === null ? 'none' : oneLine(team, 60)],
      ['Image', image && oneLine(image, 120)],
      ['Status', lag ?? lineageText(lineage, follows)],
      ['Resource group', oneLine(resourceGroup, 90)],
    ),
  );
}

interface Glance {
  readonly title: string;
  readonly badge?: Parameters<typeof sheet>[1]['badge'];
  readonly portal: string;
}

function glance({ title, badge, portal }: Glance, known: readonly Fact[]): Reply {
  const frame = { title, subtitles: [], buttons: [], links: portalLinks(portal), ...(badge && { badge }) };
  return sheet(template, frame, { facts: known });
}
