import { z } from 'zod';
import { complianceCard, complianceOfTeamsCard, noticeCard } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { call, type Values } from '../../core/command-call';
import type { ComplianceFigures, Only } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { isVersion } from '../../core/images';
import {
  type Answer,
  type CommandContext,
  choice,
  count,
  defineCommand,
  flag,
  imageName,
  versionWord,
  word,
} from '../conversation';
import {
  chooseTeam,
  dashboardOf,
  figuresFor,
  guestWords,
  lineageSets,
  listMachines,
  meantTeams,
  stateWords,
  teamName,
  whyMachine,
} from '../inventory';

const args = z.object({
  team: teamName.optional(),
  image: imageName.optional(),
  version: versionWord.optional(),
  class: choice('Only pets, only cattle, or only undecided machines', ['pet', 'cattle', 'undecided']).optional(),
  why: word('Explain one machine', 'vm|resource id', {
    example: 'vm-payments-api-001',
    form: false,
  }).optional(),
  list: flag('List the machines behind the numbers', { form: false }),
  state: choice('List by policy state', stateWords).optional(),
  guest: choice('List by guest configuration', guestWords).optional(),
  lineage: choice('List by lineage', lineageSets).optional(),
  type: choice('List by type of machine', ['vm', 'instance', 'arc']).optional(),
  from: count('Number of the first machine to list', 1_000_000, { example: '16', form: false }).optional(),
});

/** `compliance [team]`: where a team stands, and the rows behind each of its numbers. */
export const compliance = defineCommand({
  verb: 'compliance',
  summary: "Shows a team's compliance figures: policies, images, pets and cattle, exemptions.",
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args,
  examples: [
    'compliance',
    'compliance payments',
    'compliance all',
    'compliance payments --image ubuntu-22 --class pet',
    'compliance payments --list --state not-compliant',
    'compliance payments --list --lineage behind',
    'compliance --why vm-payments-api-001',
  ],

  async run(ctx, asked, deps) {
    if (asked.why !== undefined) return whyMachine(ctx, asked.why, deps);
    if (asked.version !== undefined && !isVersion(asked.version)) throw noNumber(asked.version);
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, asked.team, (team) => call('compliance', { ...given(asked), team }));
    if (meant.kind === 'choose') return chooseTeam('compliance', meant.among, given(asked));
    const lists = asked.list || (asked.state ?? asked.guest ?? asked.lineage ?? asked.type) !== undefined;
    const teams = meant.kind === 'one' ? [meant.team] : meant.teams;
    if (lists) return listMachines(ctx, { ...asked, teams }, deps);
    const only = {
      ...(asked.image && { image: asked.image }),
      ...(asked.version && { version: asked.version }),
      ...(asked.class && { class: asked.class }),
    };
    // Machines of nobody can lie anywhere.
    const own = meant.kind === 'one' && meant.team !== null ? { team: meant.team } : {};
    const { figures } = await figuresFor(deps, { catalogue, ...only, ...own, now: ctx.now });
    return meant.kind === 'one'
      ? ofTeam(ctx, figures, { team: meant.team, only, catalogue })
      : complianceOfTeamsCard({
          figures: figures.filter(({ team }) => meant.teams.includes(team)),
          all: ctx.rights.seesAll,
          ...only,
          now: ctx.now,
        });
  },
});

function ofTeam(
  ctx: CommandContext,
  figures: readonly ComplianceFigures[],
  { team, only, catalogue }: { readonly team: string | null; readonly only: Only; readonly catalogue: Catalogue },
): Answer {
  const own = figures.find((s) => s.team === team);
  if (!own) return noticeCard({ message: 'Every machine that goldbot sees belongs to a team.' });
  return complianceCard({
    ...{ figures: own, now: ctx.now, ...only, canAct: ctx.rights.actsFor(team) },
    dashboard: dashboardOf(catalogue, team),
  });
}

function noNumber(version: string): UserError {
  return new UserError('BAD_COMMAND', `--version of compliance takes three numbers, not "${version}".`, {
    hint: 'Write it like 1.6.0, or ask for the machines on the latest version.',
    next: [call('compliance', { lineage: 'latest' })],
  });
}

/** What is carried along with the choice of a team. */
function given({ team: _, list, from: __, ...options }: z.output<typeof args>): Values {
  const named = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries([...named, ...(list ? [['list', true]] : [])]);
}
