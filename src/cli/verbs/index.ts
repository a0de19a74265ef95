import type { Command } from 'commander'
import type { Shell } from '../shell.ts'

/** Adds a verb's options and action to its command; the action's promise is the exit code. */
export type Configure = (command: Command, shell: Shell, done: (exitCode: number) => void) => void

/** One word of the command line: what `postern --help` lists, the completions offer and the reference describes. */
export interface Verb {
  readonly name: string
  /** The arguments after the name, as in the usage line. */
  readonly usage: string
  readonly summary: string
  /** Absent for a verb that comes later: it says so and ends with 2. */
  readonly load?: () => Promise<{ readonly configure: Configure }>
}

export const verbs: readonly Verb[] = [
  {
    name: 'up',
    usage: '[--port N] [--every SECONDS]',
    summary: 'shows everything in one process against a built-in small network (npm start)',
    load: () => import('./up.ts'),
  },
  {
    name: 'init',
    usage: '[--yes] [--role ROLE,...] [--feature FEATURE,...]',
    summary: 'writes postern.yaml from questions and from what this machine knows',
    load: () => import('./init.ts'),
  },
  {
    name: 'plan',
    usage: '[--format FORMAT] [--out FILE]',
    summary: 'shows the flows that the site needs, each with its reason',
    load: () => import('./plan.ts'),
  },
  {
    name: 'check',
    usage: '[TARGET...] [--from HOST] [--flow ID,...]',
    summary: 'proves the flows of this machine on the wire and names the cause of a failure',
    load: () => import('./check.ts'),
  },
  {
    name: 'listen',
    usage: '[--as HOST] [--port PORTS] [--address ADDRESS,...]',
    summary: 'answers on the planned ports, to prove a path before the service is installed',
    load: () => import('./listen.ts'),
  },
  {
    name: 'audit',
    usage: "[FILE...] [--flow 'SRC > DST:PORT/PROTO'] [--vendor VENDOR]",
    summary: 'proves the flows in the configuration that the firewalls have',
    load: () => import('./audit.ts'),
  },
  { name: 'capture', usage: 'FILE', summary: 'finds the flows in a packet capture' },
  { name: 'lists', usage: 'show|update|diff|effects', summary: 'Microsoft’s published lists, kept and compared' },
  { name: 'tenant', usage: 'audit', summary: 'app registrations, consent and conditional access' },
  {
    name: 'serve',
    usage: '[--site FILE] [--check]',
    summary: 'the gate: an app behind a sign-in with Microsoft Entra ID, by rules for each route',
    load: () => import('./serve.ts'),
  },
  {
    name: 'audit-log',
    usage: 'verify|export|tail [FOLDER]',
    summary: 'verifies, exports and shows the record of the gate',
    load: () => import('./auditLog.ts'),
  },
  {
    name: 'sessions',
    usage: 'list|end',
    summary: 'who is signed in at the gate, and how to end that',
    load: () => import('./sessions.ts'),
  },
  {
    name: 'watch',
    usage: '[--site FILE] [--from HOST]',
    summary: 'proves the flows again and again, and alerts once for one cause',
    load: () => import('./watch.ts'),
  },
  { name: 'agent', usage: '--hub URL', summary: 'one of many sites' },
  { name: 'hub', usage: '', summary: 'many sites together' },
  {
    name: 'explain',
    usage: 'CODE|TEXT',
    summary: 'tells what is known of a cause, flow id, port, AADSTS number or host name, and what is folklore',
    load: () => import('./explain.ts'),
  },
  {
    name: 'explain-access',
    usage: 'URL [--claims FILE] [--method METHOD]',
    summary: 'tells whether a request would pass the gate, which rule decides, and what is missing',
    load: () => import('./explainAccess.ts'),
  },
  {
    name: 'lab',
    usage: 'list|up|fault|tenant',
    summary: 'plays the small hybrid network, for tests, demos and rehearsals',
    load: () => import('./lab.ts'),
  },
  {
    name: 'doctor',
    usage: '[--ntp HOST] [--pac FILE|URL]',
    summary: 'tells what this machine, its trust store, clock, proxies and rights let Postern know',
    load: () => import('./doctor.ts'),
  },
]
