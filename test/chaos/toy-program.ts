import { runReplica } from './replica';
import { scenario } from './toy';

void runReplica(scenario, JSON.parse(process.argv[2] ?? ''));
