import type { Gap, GapFigure, Scopes, Shortfall } from '../../core/compliance';
import { type Tint, tintList } from './blocks';
import { capital, count, list, number, oneLine } from './format';
import { moreLine, partWords } from './words';

/** Gaps are shown prominently: a missing figure is not a good one. */
export function gapTints(gaps: readonly Gap[], max = 5): readonly Tint[] {
  if (gaps.length === 0) return [];
  const sentences = gaps.slice(0, max).map((gap) => oneLine(gapWords(gap), 200));
  const head = `! ${count(gaps.length, 'figure')} ${gaps.length === 1 ? 'is' : 'are'} missing or incomplete`;
  return [
    tintList(
      'warning',
      head,
      [...sentences, moreLine(gaps.length, max)].filter((line) => line !== ''),
    ),
  ];
}

/** A gap as one sentence for people. */
export function gapWords(gap: Gap): string {
  switch (gap.reason) {
    case 'partial':
      return partialWords(gap);
    case 'shared':
    case 'too many to join':
      return sharedWords(gap);
    case 'none counted':
    case 'not among the counted':
    case 'more than counted':
      return strangerWords(gap);
    case 'claimed twice':
      return `${count(gap.machines, 'machine')} ${gap.machines === 1 ? 'carries' : 'carry'} the tags of ${listed(gap.teams, 4)} at once: no team has ${gap.machines === 1 ? 'it' : 'them'} until one of the tags goes.`;
    case 'version unknown':
    case 'no versions':
    case 'version gone':
    case 'excluded':
    case 'newer undated':
      return doubtWords(gap);
    case 'not known':
      return unheardWords(gap);
    case 'not read':
      return unreadWords(gap);
    case 'not kept':
      return `Of ${number(gap.total)} ${nouns[gap.figure] ?? gap.figure}, the first ${number(gap.first)} were kept.`;
    case 'narrowed':
      return 'Policies, guest configuration and exemptions are counted by resource group, not by image or kind; ask without those options.';
    case 'gone':
      return `Deleted since they were evaluated, or hidden from goldbot: ${gap.names.join(', ')}.`;
    case 'none seen':
      return unseenWords(gap);
    case 'other teams':
      return 'Machines of other teams are not shown to you.';
    case 'deleted since':
      return 'Machines that have been deleted since are not counted.';
    case 'recorded':
      return gap.sentence;
    default:
      return `${unansweredWords(gap.figure, gap.image)}: ${gap.message}`;
  }
}

type Of<Reason extends Gap['reason']> = Extract<Gap, { readonly reason: Reason }>;

const nouns: Readonly<Partial<Record<GapFigure, string>>> = {
  machines: 'machines',
  versions: 'golden versions',
  policy: 'policy states',
  guest: 'guest configuration',
  'foreign images': 'images that are not golden',
  'marketplace images': 'marketplace images that are retired',
  'recent machines': 'recent machines',
  agents: 'agents and extensions on machines',
  shares: 'shares of the gallery with other subscriptions and tenants',
  'own rights': 'goldbot’s own rights',
  'group names': 'names of groups',
  consumers: 'templates, versions, disks and pools that use the image',
};

function unansweredWords(figure: GapFigure, image = 'the image'): string {
  switch (figure) {
    case 'management groups':
      return 'Management groups are missing, so a team that is mapped by one may look empty';
    case 'versions':
      return 'The versions in the gallery are missing';
    case 'policy':
      return 'Policy states are missing';
    case 'guest':
    case 'tattoo check':
      return 'Guest configuration results are missing';
    case 'single machines':
      return 'Machines in shared resource groups could not be read one by one';
    case 'scale set instances':
      return 'Instance counts by scale set are missing';
    case 'neighbours':
      return 'Neighbouring machines are missing';
    case 'base':
      return `The outlook for the base of ${image} is missing`;
    default:
      return `${capital(nouns[figure] ?? figure)} are missing`;
  }
}

function partialWords({ figure, shortfalls, shared }: Of<'partial'>): string {
  const what = nouns[figure] ?? figure;
  const said = shortfalls.map(shortfallWords).join(' ');
  if (shared) return `In resource groups of several teams: ${what}: ${said}`;
  return [`${capital(what)}: ${said}`, consequences[figure]].filter(Boolean).join(' ');
}

function shortfallWords(shortfall: Shortfall): string {
  switch (shortfall.reason) {
    case 'subscriptions':
      return 'Azure searched only the first 10,000 subscriptions; the others are not counted.';
    case 'rows':
      return `Azure returned ${number(shortfall.read)} of ${number(shortfall.total)} rows; the rest are not counted.`;
    case 'lists':
      return `Azure cut its lists short: ${count(shortfall.machines, 'machine')} ${shortfall.machines === 1 ? 'is' : 'are'} missing from the figures.`;
  }
}

/** What follows for figures that rest on the answer. */
const consequences: Readonly<Partial<Record<GapFigure, string>>> = {
  versions: 'Machines may be further behind than is shown.',
  policy: 'Fewer machines are without a state than is shown.',
  guest: 'Fewer machines are without a check than is shown.',
};

function sharedWords(gap: Of<'shared' | 'too many to join'>): string {
  if (gap.figure === 'exemptions') {
    return `${count(gap.exemptions, 'exemption')} may concern another team: the machines are in resource groups of several teams.`;
  }
  const holds = gap.scopes.total === 1 ? 'holds' : 'hold';
  const why = `${names(gap.scopes)} also ${holds} machines of other teams or of none`;
  const tooMany = gap.reason === 'shared' ? '' : ', and there are too many in all to read one by one';
  return `Policy states and guest configuration of ${count(gap.machines, 'machine')} cannot be attributed: ${why}${tooMany}.`;
}

function strangerWords(gap: Of<'none counted' | 'not among the counted' | 'more than counted'>): string {
  const has = gap.figure === 'policy' ? 'Azure Policy has states' : 'Guest configuration has results';
  const what = `${has} for ${count(gap.machines, 'machine')} in ${names(gap.scopes)}`;
  switch (gap.reason) {
    case 'none counted':
      return `${what}, where none are counted: deleted since, or hidden from goldbot.`;
    case 'not among the counted':
      return `${what} that are not among those counted there: deleted since, scale set instances, or hidden from goldbot.`;
    case 'more than counted':
      return `${what}, where only ${number(gap.counted)} VMs and Arc machines are counted: the others were deleted since, or are scale set instances.`;
  }
}

function doubtWords({ reason, image, version, machines }: Extract<Gap, { readonly figure: 'origin' }>): string {
  const who = machines === undefined ? 'It' : count(machines, 'machine');
  const what = `${who} ${(machines ?? 1) === 1 ? 'runs' : 'run'} ${[image, version].filter(Boolean).join(' ')}`;
  switch (reason) {
    case 'version unknown':
      return `${what}, but Azure does not say which version.`;
    case 'no versions':
      return `${what}, but the gallery lists no version of the image.`;
    case 'version gone':
      return `${what}, which is no longer in the gallery: its end of life is unknown.`;
    case 'excluded':
      return `${what}, which is excluded from latest, and nothing newer has been published.`;
    case 'newer undated':
      return `${what}, and the gallery does not say since when there has been a newer version.`;
  }
}

function unheardWords(gap: Of<'not known'>): string {
  if (gap.figure === 'base') {
    const which = `${gap.image} ${list(gap.versions, 3)}`;
    return `Whether the base of ${which} is deprecated is not known: the marketplace has not told goldbot yet.`;
  }
  const why = gap.message ?? 'the marketplace has not been asked yet';
  const which = gap.total > gap.first.length ? `${listed(gap.first, 1, gap.total)} are` : `${gap.first.join(', ')} is`;
  return `Whether ${which} deprecated is not known (${count(gap.machines, 'machine')}): ${why}${why.endsWith('.') ? '' : '.'}`;
}

function unseenWords({ parts }: Of<'none seen'>): string {
  const what = parts.map((part) => partWords[part]).join(' or ');
  return `No machine has ${what}, as far as goldbot sees: nobody uses it, or the role goldbot-observer is not up to date.`;
}

function unreadWords({ figure, first, total }: Of<'not read'>): string {
  const part = `the first ${number(first)} of ${number(total)}`;
  if (figure === 'scale set instances')
    return `Instances by scale set are counted among ${part} machines in scale sets.`;
  const hint = figure === 'machines' ? '; narrow the question to see the rest' : '';
  return `Only ${part} ${nouns[figure] ?? figure} were looked at${hint}.`;
}

function names({ first, total }: Scopes): string {
  return listed(
    first.map(({ resourceGroup }) => resourceGroup),
    3,
    total,
  );
}

/** `a`, `a and b`, `a, b, c and 4 more`. */
function listed(items: readonly string[], max: number, total = items.length): string {
  if (total > max) return `${items.slice(0, max).join(', ')} and ${number(total - max)} more`;
  return items.length < 2 ? list(items, max) : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
