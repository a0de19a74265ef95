import { runUp } from '../runUp.ts'
import type { Configure } from './index.ts'
import { wholeNumber } from './sharedOptions.ts'

export interface UpOptions {
  readonly port?: number
  readonly every: number
  readonly gate: boolean
  readonly gatePort?: number
  readonly fault: string
  readonly rounds?: number
  readonly color: boolean
  readonly quiet?: boolean
}

/** `postern up`, which is `npm start`: the whole idea on one machine, in one process, with nothing to set up. */
export const configure: Configure = (command, shell, done) => {
  command
    .option(
      '--port <n>',
      'port of the report page on 127.0.0.1 (default: 8480, or a free one)',
      wholeNumber(0, 65_535, 'ports'),
    )
    .option(
      '--gate-port <n>',
      'port of the gate (default: 8443, or the next free one)',
      wholeNumber(1, 65_535, 'ports'),
    )
    .option('--no-gate', 'without the gate and its sample app')
    .option('--every <seconds>', 'how often each flow is looked at again', wholeNumber(1, 86_400, 'seconds'), 5)
    .option('--fault <name>', 'the fault that is shown first; postern lab list names them', 'reset-after-clienthello')
    .option(
      '--rounds <n>',
      'end after so many further looks at each flow instead of going on',
      wholeNumber(0, 1_000_000, 'rounds'),
    )
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colour; colour is used on a terminal only')
    .addHelpText(
      'after',
      `
Starts a small hybrid network on loopback, checks a sample site against it, breaks one thing, shows how the verdict
changes, heals it, and watches: faults come and go by themselves, and each is told as one incident with all that suffers
from it. The report, the API and the metrics are on one port of 127.0.0.1 meanwhile, and the gate is open, with a sample
app behind it and a tenant of its own to sign in at. Needs no rights, no network and no settings; Ctrl-C ends all of it.

Examples:
  postern up                            the report is at http://127.0.0.1:8480 meanwhile
  postern up --fault expired            with another fault
  postern up --rounds 0                 the demonstration alone
  postern up --no-gate --rounds 0       and that without the gate
`,
    )
    .action(async (options: UpOptions) => done(await runUp(options, shell)))
}
