import { scenario } from './publish';
import { runReplica } from './replica';

void runReplica(scenario, JSON.parse(process.argv[2] ?? ''));
