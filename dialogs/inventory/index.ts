/**
 * What the commands share that tell about machines: whose are meant, what Azure says of them, which are listed.
 */
export { basesOf } from './forecast-bases';
export { listMachines } from './list';
export { figuresFor } from './look';
export { machineSeen, type Seen, whyMachine } from './machine';
export { meantImages } from './ref';
export { guestWords, lineageSets, stateWords } from './rows';
export { type Evidence, evidenceOf } from './tattoo-evidence';
export { chooseTeam, meantTeams, seenTeam, teamName } from './team';
export { usersOf } from './users';
