/**
 * What the commands about machines share: whose machines and which images a person means, the figures for somebody who is
 * waiting, the machines behind a figure, what is known about one machine, who uses an image, what becomes of its base.
 * Called by dialogs/commands and dialogs/present; it reads Azure and changes nothing.
 */

export { listDrift } from './drift';
export { figuresFor } from './figures';
export { type Bases, basesKnown, basesOf } from './forecast';
export { holdersOf } from './holders';
export { listMachines } from './list';
export {
  chooseMachine,
  type Evidence,
  evidenceOf,
  machineSeen,
  mayBeRead,
  type Seen,
  unknownMachine,
  whyMachine,
} from './machine';
export { guestWords, lineageSets, stateWords } from './machines';
export {
  actingTeam,
  chooseTeam,
  dashboardOf,
  mayNotAct,
  meantImages,
  meantTeams,
  mustAct,
  noSuchTeam,
  seenTeam,
  type TeamsMeant,
  teamName,
  teamOfPlace,
} from './meant';
export { type Letters, type Offered, offered } from './offered';
export { usersOf } from './users';
