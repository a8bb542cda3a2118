import type { AzureRead } from '../azure';
import { parseAzureId, subscriptionId } from '../azure-id';
import { azureRoles } from '../azure-roles';
import { isUserError, UserError } from '../errors';
import { type Finding, type Grant, inOrder, inWords, itself, permissionsAt, stops } from '../preflight';
import { buildLooks } from './builds';
import { ends } from './ends';
import { type Examination, examineBy } from './examine';
import type { DatabaseAnswer, DoctorRead, House, HouseLook, HouseRead } from './house';
import { database, files, settings, signing } from './own';
import { channels, groups, noConsent, readsGroups } from './people';
import { buildGroup, gallery, regions, subscription } from './place';
import { roles } from './roles';

/**
 * The doctor from a desk: a person looks, with their own rights, and goldbot need not be there yet. What is so whoever
 * looks is looked at as ever; what goldbot may do is read from the roles of its identity; what goldbot alone can try is
 * said to be left out.
 */

export interface Desk {
  /** Object id of goldbot's identity; undefined while nobody has said which it is. */
  readonly identity: string | undefined;
  /** Its client id, where a setting has it. */
  readonly clientId?: string;
  /** Names of settings that goldbot needs and that are not there where the person is. */
  readonly unset: readonly string[];
}

export interface DeskRead extends DoctorRead {
  readonly consents: ConsentRead;
}

export interface ConsentRead {
  /**
   * Ids of the application permissions that an identity has been given; undefined: Entra has no such identity.
   *
   * @throws UserError `DIRECTORY_SILENT`
   */
  consentsOf(identity: string): Promise<readonly string[] | undefined>;
}

/** Looks at everything that can be seen from a desk, and says what cannot. */
export async function examineFromDesk(read: DeskRead, house: House, desk: Desk): Promise<Examination> {
  const answer = await databaseOf(read.house);
  const reached = answer.kind === 'open' || answer.kind === 'missing';
  const { localKey } = await read.house.settings();
  const tells = (house.catalogue.programs?.webhooks ?? []).length > 0;
  const signs = localKey || house.catalogue.azure.provenance !== undefined;
  const { identity } = desk;
  const shut = new Set<string>();
  const asked = {
    ...read,
    azure: identity === undefined ? read.azure : asIdentity(read, identity, shut),
    house: asPerson(read.house, answer),
  };
  const looks = [
    ...[settings, files, groups, subscription, buildGroup, gallery, regions, ...buildLooks],
    ...(reached ? [database, channels, ends] : []),
    ...(signs ? [signing] : []),
    ...(identity === undefined ? [] : [consentOf(identity), rolesOf(identity)]),
  ];
  const found = await examineBy(looks, asked, { ...house, seenBy: 'you' }, { who: 'You' });
  const left = [
    ...(reached ? [] : [noDatabase(answer)]),
    ...(desk.unset.length > 0 ? [notSet(desk.unset)] : []),
    ...(identity === undefined ? [noIdentity(desk)] : [otherRoles(identity)]),
    ...(shut.size > 0 ? [noAssignments([...shut])] : []),
    goldbotAlone({ signs, tells }),
  ];
  return { ...found, findings: inOrder([...found.findings.map((one) => addressed(one, identity)), ...left]) };
}

async function databaseOf(house: HouseRead): Promise<DatabaseAnswer> {
  try {
    return await house.database();
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { kind: 'refused', host: 'DATABASE_URL', why: error.message, mend: error.hint };
  }
}

/** What depends on whose machine and which user it is says nothing of goldbot, and is left to it. */
function asPerson(house: HouseRead, answer: DatabaseAnswer): HouseRead {
  return {
    ...house,
    database: async () => {
      if (answer.kind === 'missing') return { ...answer, mayBeMade: true };
      if (answer.kind !== 'open') return answer;
      return { ...answer, mayCreateTables: true, clock: { ...answer.clock, theirs: answer.clock.sent } };
    },
    deciders: (group) => house.deciders(group).catch(mayNotRead),
  };
}

/** That a person may not read it is no want of goldbot's consent. */
function mayNotRead(error: unknown): never {
  const status = isUserError(error) ? error.facts['status'] : undefined;
  if (status !== 401 && status !== 403) throw error;
  throw new UserError('DIRECTORY_SILENT', 'Microsoft Graph does not let you read that.', {
    hint: 'Look as a member of the tenant: guests may read neither groups nor identities.',
    cause: error,
  });
}

/**
 * The same Azure, in which “what may I do?” is answered for another identity, from its role assignments. `shut`: what
 * subscriptions do not tell the person about them.
 */
function asIdentity({ azure, consents }: DeskRead, identity: string, shut: Set<string>): AzureRead {
  const granted = new Map<string, Promise<readonly Grant[]>>();
  const grantsIn = (id: string) => {
    const asked = granted.get(id) ?? azure.grants(id, identity);
    granted.set(id, asked);
    return asked;
  };
  // An identity that does not exist lacks everything: it is told once that there is none.
  const exists = consents.consentsOf(identity).then(
    (held) => held !== undefined,
    () => true,
  );
  return {
    ...azure,
    async ownPermissions(scope) {
      if (!(await exists)) throw nothing(scope);
      // Asked as the person: in what is not there nobody has any rights.
      await unlessForbidden(azure.ownPermissions(scope));
      const id = parseAzureId(scope)?.subscription ?? '';
      const grants = await unlessForbidden(grantsIn(id));
      if (grants) return permissionsAt(grants, scope);
      shut.add(subscriptionId(id));
      throw nothing(scope);
    },
  };
}

const nothing = (scope: string): UserError =>
  new UserError('AZ_NOT_FOUND', `There is nothing to see at ${scope}.`, { hint: 'Look where it says why.' });

async function unlessForbidden<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isUserError(error) && error.code === 'AZ_FORBIDDEN') return undefined;
    throw error;
  }
}

/** A gap of goldbot's hides nothing from the person who looks: no look waits for it. */
function rolesOf(identity: string): HouseLook {
  return {
    at: `the roles of ${identity}`,
    find: async (read, house) => (await roles.find(read, house)).map(({ lacks: _, ...finding }) => finding),
  };
}

function consentOf(identity: string) {
  return {
    at: `what ${identity} may read of Microsoft Graph`,
    find: async ({ house, consents }: DeskRead): Promise<readonly Finding[]> => {
      const asked = consents.consentsOf(identity).catch(mayNotRead);
      const [{ cloud }, held] = await Promise.all([house.settings(), asked]);
      if (!held) return [unknownIdentity(identity)];
      return held.some((id) => readsGroups.has(id)) ? [] : [noConsent(cloud.graph)];
    },
  };
}

/** Commands that are about goldbot's identity, with its id where it is known. */
const addressed = (finding: Finding, identity = itself): Finding => ({
  ...finding,
  commands: finding.commands.map((command) => command.replaceAll(itself, identity)),
});

const unknownIdentity = (identity: string): Finding =>
  stops(
    `Entra has no identity with the object id ${identity}: what goldbot may do was not looked at.`,
    'Take its object (principal) id and not its client id, and its tenant; this shows both:',
    'az ad sp show --id "<client id of goldbot’s identity>" --query "{object:id, tenant:appOwnerOrganizationId}"',
  );

const unseen = (why: string, mend: string, ...commands: readonly string[]): Finding => ({
  ...{ severity: 'unseen', why, mend, commands },
});

function noDatabase(answer: Exclude<DatabaseAnswer, { kind: 'open' | 'missing' }>): Finding {
  const why = answer.kind === 'silent' ? `it does not answer here (${answer.why})` : answer.why.replace(/\.$/, '');
  return unseen(
    `You could not see the database and the channels of the catalogue (${answer.host}): ${why}.`,
    'Name a user of your own in DATABASE_URL, with PGPASSWORD, from where the server is reached; with Entra this is its password:',
    'az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv',
  );
}

const notSet = (names: readonly string[]): Finding =>
  unseen(
    `You could not see the settings that goldbot is started with: ${inWords(names)} ${names.length === 1 ? 'is' : 'are'} not set here.`,
    'Set them here as goldbot has them, and their form is looked at; this lists what its app has:',
    'az containerapp show --resource-group "rg-goldbot-<env>" --name "goldbot-<env>" --query "properties.template.containers[0].env[].[name, value]" --output table',
  );

const noIdentity = ({ clientId = '<client id of goldbot’s identity>' }: Desk): Finding =>
  unseen(
    'You could not see what goldbot may do in Azure and Microsoft Graph: which identity is goldbot’s was not said.',
    'Add `--identity` with its object id, or with its resource id (`azd env get-value GOLDBOT_IDENTITY_ID`); this shows the first:',
    `az ad sp show --id "${clientId}" --query id --output tsv`,
  );

const noAssignments = (scopes: readonly string[]): Finding =>
  unseen(
    `You could not see the role assignments of goldbot’s identity in ${inWords(scopes)}.`,
    'Look as somebody who has the role Reader there.',
  );

/** They are given for containers and keys, whose ids the catalogue does not have. */
const ofData = azureRoles.filter(({ dataActions }) => dataActions.length > 0).map(({ name }) => name);

const otherRoles = (identity: string): Finding =>
  unseen(
    `You could not see whether goldbot’s identity has ${inWords(ofData)}, which are given for what resources hold.`,
    'docs/roles.md says where they belong; this lists all that it has:',
    `az role assignment list --all --assignee ${identity} --query "[].[roleDefinitionName, scope]" --output table`,
  );

function goldbotAlone({ signs, tells }: { readonly signs: boolean; readonly tells: boolean }): Finding {
  const left = [
    'its clock',
    'its sign-in as a bot',
    'what Azure lets it read',
    ...(signs ? [] : ['the key that signs certificates']),
    ...(tells ? ['the secrets of webhooks'] : []),
  ];
  return unseen(
    `You could not see what goldbot alone can try: ${inWords(left)}.`,
    'Ask `@goldbot doctor` in Teams once it runs, or run the doctor where its identity is.',
  );
}
