/**
 * Every command of this version: one file per verb, in the order of help. The router of conversation/ runs them; help,
 * forms and the reference read their data.
 */
import type { Command } from '../conversation';
import { access } from './access';
import { age } from './age';
import { appoint } from './appoint';
import { approvals } from './approvals';
import { approve } from './approve';
import { approveAll } from './approve-all';
import { audit } from './audit';
import { cancel } from './cancel';
import { channel } from './channel';
import { channels } from './channels';
import { classify } from './classify';
import { compliance } from './compliance';
import { confirm } from './confirm';
import { copy } from './copy';
import { cost } from './cost';
import { defer } from './defer';
import { delegate } from './delegate';
import { diff } from './diff';
import { digest } from './digest';
import { doctor } from './doctor';
import { drift } from './drift';
import { eol } from './eol';
import { exempt } from './exempt';
import { follow } from './follow';
import { forecast } from './forecast';
import { grant } from './grant';
import { help } from './help';
import { images } from './images';
import { latest } from './latest';
import { leftovers } from './leftovers';
import { lineage } from './lineage';
import { lock } from './lock';
import { logs } from './logs';
import { override } from './override';
import { parity } from './parity';
import { promote } from './promote';
import { publish } from './publish';
import { rebuild } from './rebuild';
import { reject } from './reject';
import { remediate } from './remediate';
import { replicate } from './replicate';
import { rescan } from './rescan';
import { restore } from './restore';
import { restrict } from './restrict';
import { retention } from './retention';
import { retire } from './retire';
import { review } from './review';
import { revoke } from './revoke';
import { rollback } from './rollback';
import { rollout } from './rollout';
import { runs } from './runs';
import { schedule } from './schedule';
import { share } from './share';
import { show } from './show';
import { snooze } from './snooze';
import { status } from './status';
import { subscribe } from './subscribe';
import { tattoo } from './tattoo';
import { triggers } from './triggers';
import { tryOut } from './try';
import { unappoint } from './unappoint';
import { undefer } from './undefer';
import { undelegate } from './undelegate';
import { ungrant } from './ungrant';
import { unlock } from './unlock';
import { unshare } from './unshare';
import { unsnooze } from './unsnooze';
import { unsubscribe } from './unsubscribe';
import { verify } from './verify';
import { versions } from './versions';
import { webhooks } from './webhooks';
import { whoHas } from './who-has';
import { whoUses } from './who-uses';
import { whoami } from './whoami';
import { withdraw } from './withdraw';

export { type Waiting, waitingFor } from './approvals';

/** Every command of this version, in the order of help. */
export const commands: readonly Command[] = [
  publish,
  rebuild,
  cancel,
  schedule,
  lock,
  unlock,
  override,
  confirm,
  approve,
  approveAll,
  reject,
  withdraw,
  delegate,
  undelegate,
  promote,
  rollback,
  channel,
  replicate,
  copy,
  review,
  eol,
  age,
  revoke,
  retire,
  retention,
  restore,
  grant,
  ungrant,
  share,
  unshare,
  leftovers,
  approvals,
  compliance,
  drift,
  whoUses,
  whoHas,
  forecast,
  follow,
  classify,
  exempt,
  remediate,
  rescan,
  rollout,
  defer,
  undefer,
  appoint,
  unappoint,
  restrict,
  digest,
  snooze,
  unsnooze,
  status,
  runs,
  logs,
  images,
  latest,
  subscribe,
  unsubscribe,
  triggers,
  versions,
  parity,
  cost,
  access,
  show,
  diff,
  lineage,
  tattoo,
  verify,
  audit,
  channels,
  webhooks,
  doctor,
  tryOut,
  whoami,
  help,
];
