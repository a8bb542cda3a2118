import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { SandboxResponse } from '../../kernel/types';
import { changeNotAllowed, invalidParameter, missingParameter } from './errors';
import { type JsonObject, list, object, text } from './resource';

/** After the image is known: a specialized one already has its users, a generalized one needs to be given one. */
export function osProfileProblem(properties: JsonObject, specialized: boolean): SandboxResponse | undefined {
  if (specialized) {
    return properties['osProfile'] === undefined
      ? undefined
      : invalidParameter("Parameter 'osProfile' is not allowed.", 'osProfile');
  }
  if (properties['osProfile'] === undefined) return missingParameter('osProfile');
  const profile = object(properties['osProfile']);
  if (!text(profile['adminUsername'])) return missingParameter('osProfile.adminUsername');
  const name = text(profile['computerName']);
  if (name === undefined || name.length <= 64) return undefined;
  return invalidParameter(
    'Linux host name cannot exceed 64 characters in length or contain the following characters.',
    'computerName',
  );
}

/** After the image is known: what its operating system asks of the profile. */
export function loginProblem(
  osType: 'Linux' | 'Windows',
  name: string,
  profile: JsonObject,
): SandboxResponse | undefined {
  return (
    configurationProblem(osType, profile) ??
    userNameProblem(osType, text(profile['adminUsername']) ?? '') ??
    passwordProblem(osType, text(profile['adminPassword'])) ??
    (osType === 'Windows' ? windowsProblem(name, profile) : linuxProblem(profile))
  );
}

/** The settings of one system are refused for the other. */
function configurationProblem(osType: 'Linux' | 'Windows', profile: JsonObject): SandboxResponse | undefined {
  const foreign = osType === 'Windows' ? 'linuxConfiguration' : 'windowsConfiguration';
  if (profile[foreign] === undefined) return undefined;
  return invalidParameter(`Parameter '${foreign}' is not allowed.`, foreign);
}

/** Documented: names that everybody tries. */
const bannedNames =
  'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5'.split(
    ' ',
  );

function userNameProblem(osType: 'Linux' | 'Windows', name: string): SandboxResponse | undefined {
  if (bannedNames.includes(name.toLowerCase())) {
    return invalidParameter('The Admin Username specified is not allowed.', 'adminUsername');
  }
  if (osType === 'Linux' || (name.length <= 20 && !/\.$|[\\/"[\]:|<>+=;,?*@]/.test(name))) return undefined;
  return invalidParameter(
    'Windows admin user name cannot be more than 20 characters long, end with a period(.), or contain the following characters: \\ / " [ ] : | < > + = ; , ? * @.',
    'adminUsername',
  );
}

/** Documented: passwords that everybody tries, in any case. */
const bannedPasswords =
  'abc@123 p@$$w0rd p@ssw0rd p@ssword123 pa$$word pass@word1 password! password1 password22 iloveyou!'.split(' ');

const lengths = { Linux: [6, 72], Windows: [8, 123] } as const;

function passwordProblem(osType: 'Linux' | 'Windows', password: string | undefined): SandboxResponse | undefined {
  if (password === undefined) return undefined;
  const [least, most] = lengths[osType];
  const kinds = [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length < least || password.length > most || kinds < 3) {
    return invalidParameter(
      `The supplied password must be between ${least}-${most} characters long and must satisfy at least 3 of password complexity requirements from the following:\r\n1) Contains an uppercase character\r\n2) Contains a lowercase character\r\n3) Contains a numeric digit\r\n4) Contains a special character\r\n5) Control characters are not allowed`,
      'adminPassword',
    );
  }
  if (!bannedPasswords.includes(password.toLowerCase())) return undefined;
  return invalidParameter('The Admin Password specified is not allowed.', 'adminPassword');
}

function windowsProblem(name: string, profile: JsonObject): SandboxResponse | undefined {
  if (!text(profile['adminPassword'])) return missingParameter('adminPassword');
  const host = text(profile['computerName']) ?? name;
  if (host.length <= 15 && !/^\d+$/.test(host) && /^[\w-]+$/.test(host)) return undefined;
  return invalidParameter(
    'Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain the following characters: ` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : . \' " , < > / ?.',
    'computerName',
  );
}

function linuxProblem(profile: JsonObject): SandboxResponse | undefined {
  const keys = list(object(object(profile['linuxConfiguration'])['ssh'])['publicKeys']).map(object);
  const bad = keys.find((k) => !/^(ssh-rsa|ssh-ed25519|ecdsa-)/.test(text(k['keyData']) ?? ''));
  if (bad)
    return invalidParameter(
      'The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.',
      'linuxConfiguration.ssh.publicKeys.keyData',
    );
  if (text(profile['adminPassword']) || keys.length > 0) return undefined;
  return invalidParameter(
    'Authentication using either SSH or by user name and password must be enabled in Linux profile.',
    'linuxConfiguration',
  );
}

/** What is never shown again, as Compute compares it with what a later request has. */
export type Secrets = Readonly<Record<string, string>>;

const secret = ['adminPassword', 'customData'];
const shown = [['disablePasswordAuthentication'], ['ssh', 'publicKeys']];

export function secretsOf(profile: JsonObject): Secrets {
  const given = secret.flatMap((name) => {
    const value = text(profile[name]);
    return value === undefined ? [] : [[name, createHash('sha256').update(value).digest('hex')] as const];
  });
  return Object.fromEntries(given);
}

/** A machine that is there keeps the login that it was made with: a second PUT with another one is refused. */
export function changedLogin(
  before: { readonly profile: JsonObject; readonly secrets: Secrets },
  asked: JsonObject,
): SandboxResponse | undefined {
  const named = Object.entries(secretsOf(asked)).find(([name, digest]) => before.secrets[name] !== digest);
  if (named) return changeNotAllowed(named[0]);
  const [had, wanted] = [before.profile, asked].map((profile) => object(profile['linuxConfiguration']));
  const at = (from: JsonObject | undefined, path: readonly string[]) =>
    path.reduce<unknown>((value, name) => object(value)[name], from);
  const changed = shown.find((path) => {
    const value = at(wanted, path);
    return value !== undefined && !isDeepStrictEqual(value, at(had, path));
  });
  return changed && changeNotAllowed(`linuxConfiguration.${changed.join('.')}`);
}
