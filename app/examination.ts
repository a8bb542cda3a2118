import type { Cloud } from '../core/cloud';
import {
  type Desk,
  type Examination,
  examine,
  examineFromDesk,
  examineWithoutCatalogue,
  type HouseSettings,
  promisedIn,
  unknowable,
} from '../core/doctor';
import { isUserError, UserError } from '../core/errors';
import type { Finding } from '../core/preflight';
import { type AzureOptions, createAzure } from '../services';
import type { Password } from '../store';
import { type Bot, botOf, botSignIn } from './bot-sign-in';
import { CatalogueSource, mistakesIn } from './catalogue-files';
import { houseRead } from './house';
import { checkCloud, outsideOf } from './outside';
import { type ProductionSettings, productionSoFar } from './settings';
import { signerFrom } from './signing-key';

/** What `npm run doctor` prints and how it ends. */
export interface Examined {
  readonly lines: readonly string[];
  /** 0: nothing to mend; 1: something is; 2: not all could be looked at. */
  readonly exitCode: 0 | 1 | 2;
}

/** What a goldbot would be started with, as far as it is there. */
export interface Patient {
  readonly settings: HouseSettings;
  /** Undefined while nobody has said which. */
  readonly databaseUrl: string | undefined;
  readonly databasePassword?: Password;
  /** Why it is not asked although somebody has said which. */
  readonly databaseShut?: UserError;
  readonly catalogue: CatalogueSource | undefined;
  readonly azure: Pick<AzureOptions, 'credential' | 'httpClient' | 'cloud'>;
  /** What an environment variable holds; nothing when absent. */
  readonly secret?: (variable: string) => string | undefined;
  /** What the bot signs in with; absent where it need not, or nobody has said as whom. */
  readonly bot?: Bot;
  /** World time; nobody tells it of a sandbox. */
  readonly now?: Date;
  /** A person looks, with their own rights; goldbot's identity does when absent. */
  readonly desk?: Desk & { readonly person: string };
}

/** Looks at everything that can be looked at; no goldbot need run, and none is disturbed. */
export async function examined(patient: Patient): Promise<Examined> {
  const found = await examinationOf(patient);
  const broken = found.findings.some(({ severity }) => severity !== 'unseen');
  const unseen = found.findings.length + found.waiting.length > 0 || !patient.catalogue;
  return { lines: linesOf(found, patient), exitCode: broken ? 1 : unseen ? 2 : 0 };
}

async function examinationOf(patient: Patient): Promise<Examination> {
  const { settings, databaseUrl, databasePassword, catalogue, azure, desk, bot, secret, now } = patient;
  const password = databasePassword && { databasePassword };
  const own = {
    ...{ settings: () => settings, botSignIn: botSignIn(bot, azure.httpClient) },
    ...(secret && { secret }),
  };
  const shut = () => Promise.reject(patient.databaseShut ?? unset);
  const house = (directory: Parameters<typeof houseRead>[0]['directory']) =>
    databaseUrl === undefined
      ? {
          ...houseRead({ databaseUrl: '', directory, ...own }),
          database: shut,
          channels: shut,
          receivers: shut,
          ends: shut,
        }
      : houseRead({ databaseUrl, ...password, directory, ...own });
  if (!catalogue) return examineWithoutCatalogue(house({ deciders: shut }));
  const { subscription } = catalogue.get().azure;
  const { read, directory, consents } = createAzure({ ...azure, subscription });
  const [asks, about] = [
    { azure: read, house: house(directory) },
    { catalogue: catalogue.get(), busy: new Set<string>(), ...(now && { now }) },
  ];
  const known = { ...about, promised: await promisedIn(asks.house) };
  return desk ? examineFromDesk({ ...asks, consents }, known, desk) : examine(asks, known);
}

const unset = new UserError('DATABASE_SILENT', 'No setting says where the database is.', { hint: 'Set DATABASE_URL.' });

/** The settings of `npm run serve`, right or wrong. */
export function patientOf(environment: NodeJS.ProcessEnv): Patient {
  const { settings, malformed, missing } = productionSoFar(environment);
  const { databasePassword, ...azure } = outsideOf(settings, environment);
  const bot = botOf(settings, azure.cloud.bot);
  return {
    ...settled(settings, { azure, wrong: [...malformed, ...missing.values()] }),
    databaseUrl: settings.DATABASE_URL,
    azure,
    secret: (variable) => environment[variable],
    now: new Date(),
    ...(databasePassword && { databasePassword }),
    ...(bot && { bot }),
  };
}

/** What the files say that the settings name; `wrong`: what is known of the settings themselves. */
export function settled(
  settings: Partial<ProductionSettings>,
  { azure, wrong }: { readonly azure: { readonly cloud: Cloud }; readonly wrong: readonly string[] },
): Pick<Patient, 'settings' | 'catalogue'> {
  const { GOLDBOT_CATALOG: folder, GOLDBOT_SIGNING_KEY_FILE: keyFile, MicrosoftAppTenantId: tenant } = settings;
  const catalogue = folder === undefined ? undefined : attempt(() => new CatalogueSource(folder, () => {}));
  const key = keyFile === undefined ? undefined : attempt(() => signerFrom(keyFile));
  const place =
    isUserError(catalogue) || !catalogue ? true : attempt(() => checkCloud(settings, catalogue.get().azure.location));
  return {
    settings: {
      wrong: [...wrong, ...[key, place].flatMap((one) => (isUserError(one) ? [one.message] : []))],
      mistakes: isUserError(catalogue) ? mistakesIn(catalogue) : [],
      isRunning: false,
      cloud: azure.cloud,
      ...(tenant !== undefined && { tenant }),
      localKey: key !== undefined && !isUserError(key),
    },
    catalogue: isUserError(catalogue) ? undefined : catalogue,
  };
}

function attempt<T>(what: () => T): T | UserError {
  try {
    return what();
  } catch (error) {
    if (isUserError(error)) return error;
    throw error;
  }
}

const headings: readonly (readonly [Finding['severity'], string])[] = [
  ['stops', 'Broken'],
  ['warns', 'Works, but will cause trouble'],
  ['unseen', 'Not checked'],
];

/** A person must not take what they see for what goldbot sees. */
function whose(desk: Patient['desk']): readonly string[] {
  if (!desk) return [];
  const { person, identity } = desk;
  const goldbots =
    identity === undefined ? 'What goldbot may do was not looked at.' : `What goldbot may do is that of ${identity}.`;
  return [`Looked at with the rights of ${person}: these are yours, not goldbot's. ${goldbots}`, ''];
}

function linesOf({ findings, fine, waiting }: Examination, { catalogue, desk }: Patient): readonly string[] {
  const blocks = headings.flatMap(([severity, heading]) => {
    const found = findings.filter((finding) => finding.severity === severity);
    return found.length === 0 ? [] : [`${heading}:`, ...found.flatMap(findingLines), ''];
  });
  const later = [
    ...(waiting.length > 0 ? [`Checked once the above is fixed: ${waiting.join(', ')}.`] : []),
    ...(catalogue ? [] : ['Azure, Teams and people are looked at once there is a catalogue without mistakes.']),
  ];
  const clean = findings.length === 0 ? ['Nothing to fix in what was checked.'] : [];
  return [...whose(desk), ...blocks, ...clean, ...later, `Fine: ${fine.join(', ') || 'nothing yet'}.`, ...unknowable];
}

function findingLines({ severity, why, so, mend, commands }: Finding): readonly string[] {
  const sign = severity === 'unseen' ? '?' : '!';
  return [
    `  ${sign} ${why}`,
    ...(so === undefined ? [] : [`    ${so}`]),
    `    ${mend}`,
    ...commands.map((command) => `      ${command}`),
  ];
}
