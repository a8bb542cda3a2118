import { type Cloud, clouds, cloudsOfRegion } from '../core/cloud';
import { UserError } from '../core/errors';
import { createCredential, tokenOf } from '../services';
import { noToken, type Password, passwordIn } from '../store';
import { tunnelHttps } from './proxy';
import type { ProductionSettings } from './settings';

/** How production reaches what is outside of it. */
export interface Outside {
  readonly cloud: Cloud;
  readonly credential: ReturnType<typeof createCredential>;
  /** Of the database, where neither URL nor environment has one. */
  readonly databasePassword?: Password;
}

/** By the settings as far as they are there. From now on this process uses their proxy. */
export function outsideOf(settings: Partial<ProductionSettings>, environment: NodeJS.ProcessEnv): Outside {
  const { GOLDBOT_CLOUD: name = 'Public', AZURE_CLIENT_ID: clientId, DATABASE_URL: url } = settings;
  useProxy(settings, environment);
  const cloud = clouds[name];
  const credential = createCredential({ kind: 'managed-identity', ...(clientId && { clientId }) });
  const isAsked = url !== undefined && !passwordIn(url) && !environment['PGPASSWORD'];
  return { cloud, credential, ...(isAsked && { databasePassword: databasePassword(credential, cloud.database) }) };
}

/** The libraries' own ways through a proxy are shut: they would send the identity's endpoint on this machine there too. */
function useProxy(settings: Partial<ProductionSettings>, environment: NodeJS.ProcessEnv): void {
  const { HTTPS_PROXY: url, NO_PROXY: except = '' } = settings;
  for (const name of Object.keys(environment)) if (/^(https?|all)_proxy$/i.test(name)) delete environment[name];
  if (url) tunnelHttps({ url, except });
}

/** Azure Database for PostgreSQL takes such a token as the password of the identity's user. */
function databasePassword(credential: Outside['credential'], audience: string): Password {
  const token = tokenOf(credential, `${audience}/.default`);
  return async () => {
    try {
      return await token();
    } catch (cause) {
      const why = (cause as Error).message;
      throw Object.assign(new Error(`goldbot's identity got no token for it: ${why}`, { cause }), { code: noToken });
    }
  };
}

/**
 * Both say where goldbot is: what stands in Azure is asked for at the wrong door otherwise.
 *
 * @throws UserError `SETTINGS_INVALID`
 */
export function checkCloud({ GOLDBOT_CLOUD: cloud = 'Public' }: Partial<ProductionSettings>, location: string): true {
  const possible = cloudsOfRegion(location);
  if (possible.includes(cloud)) return true;
  const message = `azure.yaml builds in ${location}, which is in the cloud ${possible.join(' or ')}; GOLDBOT_CLOUD is ${cloud}`;
  throw new UserError('SETTINGS_INVALID', message, { hint: `Set GOLDBOT_CLOUD=${possible[0]}, or correct location.` });
}
