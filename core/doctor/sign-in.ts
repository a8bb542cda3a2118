import { sameId } from '../azure-id';
import { type Finding, stops, warns } from '../preflight';
import { type BotSignIn, ownLook, so } from './house';

/** Whether goldbot can answer in Teams: without a token it hears, and is not heard. */
export const signIn = ownLook<BotSignIn | undefined>({
  at: 'whether Entra lets goldbot in as its bot',
  read: ({ house }) => house.botSignIn(),
  judge: (found) => (found ? findingsOf(found) : []),
});

function findingsOf({ appId, tenant, answer }: BotSignIn): readonly Finding[] {
  if (answer.kind === 'refused') return [refused(appId, tenant, answer.why)];
  if (answer.tenant === undefined || sameId(answer.tenant, tenant)) return [];
  return [
    so(
      'What compares tenants goes by the wrong one.',
      warns(
        `The bot’s identity ${appId} is of the tenant ${answer.tenant}; MicrosoftAppTenantId says ${tenant}.`,
        'Correct MicrosoftAppTenantId; this shows the tenant that you are signed in to:',
        'az account show --query tenantId --output tsv',
      ),
    ),
  ];
}

/** What mends it, by Entra's own number; what has none is mended as an app that is not there. */
const mends: readonly (readonly [said: RegExp, mend: string, ...commands: readonly string[]])[] = [
  [
    /AADSTS90002:|AADSTS900023:/,
    'Correct MicrosoftAppTenantId; this lists the tenants that you can see:',
    'az account list --query "[].tenantId" --output tsv',
  ],
  [
    /AADSTS70002(15|22):/,
    'Make a new secret, and set it as MicrosoftAppPassword:',
    'az ad app credential reset --append --display-name goldbot --id',
  ],
  [
    /Identity not found/,
    'Assign the identity of this client id to goldbot’s app, or correct MicrosoftAppId; this shows those that it has:',
    'az containerapp identity show --resource-group "rg-goldbot-<env>" --name "goldbot-<env>"',
  ],
];

function refused(appId: string, tenant: string, said: string): Finding {
  const known = mends.find(([pattern]) => pattern.test(said));
  const [, mend, ...commands] = known ?? [
    undefined,
    'Set MicrosoftAppTenantId to the tenant in which the app is registered, or correct MicrosoftAppId; this shows whether it is in that tenant:',
    `az login --tenant ${tenant} --allow-no-subscriptions`,
    'az ad app show --query "{name:displayName, audience:signInAudience}" --output table --id',
  ];
  return so(
    'goldbot hears what people say in Teams, and can answer nothing.',
    stops(
      `Entra does not let goldbot in as its bot, ${appId} of the tenant ${tenant}: ${said.replace(/\.$/, '')}.`,
      mend,
      ...commands.map((command) => (command.endsWith('--id') ? `${command} ${appId}` : command)),
    ),
  );
}
