/**
 * The floors of the house: a room imports only rooms of lower floors, its own files, and what is allowed to it by name.
 * Every ban carries its reason, which the test prints, and a source that breaks it, by which the test is tested.
 */
export const floorOf: Readonly<Record<string, number>> = {
  model: 0,
  catalog: 1,
  wire: 1,
  plan: 2,
  diagnose: 2,
  identity: 2,
  firewall: 2,
  series: 2,
  net: 3,
  store: 3,
  probes: 4,
  outlets: 4,
  check: 5,
  audit: 5,
  machine: 5,
  gate: 6,
  watch: 6,
  lab: 6,
  config: 7,
  cli: 8,
}

interface Bound {
  /** Paths below `src/` of the files that are bound. */
  readonly files: RegExp
  readonly why: string
  /** A file and a line in it that break the ban. */
  readonly broken: readonly [file: string, text: string]
}

/** Import specifiers that files may not use; relative ones are given as `room/file.ts`. */
interface ImportBan extends Bound {
  readonly mayNotImport: RegExp
  /** Naming a type is no breach: who is given a socket may say so. */
  readonly typesMay?: true
}

/** Globals that files may not use, with the members that are read of them: `process.env`, `new Date()`. */
interface UseBan extends Bound {
  readonly mayNotUse: RegExp
}

export type Ban = ImportBan | UseBan

const pure = /^(model|catalog|wire|plan|diagnose|identity|firewall|series)\//
/** What takes sockets, files and clock from others: a room above the pure ones that is not made to touch the machine. */
const given = /^(probes|check|audit|machine|outlets|watch)\//
const opensSockets = /^node:(net|tls|dgram|dns|http|https|http2|quic)(\/|$)/
const dials = /^(undici|ws|ldapts|nodemailer|pg|oidc-provider|@nats-io\/.*)$/
const touchesMachine = /^node:(fs|os|child_process|worker_threads|cluster|sqlite|v8|vm|inspector|process)(\/|$)/
const readsClock = /^(Date(\.now)?|Date\(\)|new Date\(\)|performance(\..*)?|Temporal\.Now(\..*)?)$/
const isRandom = /^(Math|Math\.random|crypto|crypto\.(random|getRandom|subtle\.generate).*)$/
const waits = /^(setTimeout|setInterval|setImmediate|queueMicrotask|AbortSignal\.timeout)(\.|$)/
const fetches = /^(fetch|WebSocket|EventSource|XMLHttpRequest|new (WebSocket|EventSource|XMLHttpRequest)\(.*)$/
const environment = /^(process|navigator|localStorage|sessionStorage|globalThis)(\.|$)/

export const bans: readonly Ban[] = [
  {
    files: /^(model)\//,
    mayNotImport: /^(?!model\/|node:)/,
    why: 'the dashboard and every other room import the nouns: they must import nothing but each other',
    broken: ['model/flow.ts', "import { z } from '@nouns/kit'"],
  },
  {
    files: pure,
    mayNotImport: /^node:/,
    why: 'floors 0 to 2 touch no socket, file, clock or randomness, so that they run in a browser and replay history',
    broken: ['wire/dns.ts', "const { randomInt } = await import('node:crypto')"],
  },
  {
    files: pure,
    mayNotUse: readsClock,
    why: 'a judgement with a clock says something else tomorrow: the time is an argument, and history can be replayed',
    broken: ['diagnose/time.ts', 'export const isOld = (at: number): boolean => at < Date.now()'],
  },
  {
    files: pure,
    mayNotUse: isRandom,
    why: 'with randomness of its own a pure room gives two answers to one question: ids and choices are arguments',
    broken: ['wire/dns.ts', 'export const id = Math.floor(Math.random() * 65536)'],
  },
  {
    files: pure,
    mayNotUse: waits,
    why: 'a pure room waits for nothing: it is given what was seen',
    broken: ['plan/planFlows.ts', 'setTimeout(() => {}, 10)'],
  },
  {
    files: /^(?!net\/|lab\/)/,
    mayNotUse: fetches,
    why: 'fetch follows redirects, pools, and hides the address that was dialled: only net and lab open sockets',
    broken: ['probes/http.ts', "export const page = () => fetch('http://a.example/')"],
  },
  {
    files: /^(?!cli\/|net\/)/,
    mayNotUse: environment,
    why: 'only the outermost shell, and net where it asks the platform, read the process they run in; others are given it',
    broken: ['config/loadSite.ts', "export const home = process.env['HOME']"],
  },
  {
    files: /^(probes|check|audit|machine|gate|outlets|watch|store|config|cli)\//,
    mayNotUse: readsClock,
    why: 'there is one clock, in net: a second one would put times side by side that were not measured alike',
    broken: ['check/check.ts', 'export const startedAt = new Date().toISOString()'],
  },
  {
    files: given,
    mayNotUse: isRandom,
    why: 'a check that rolls dice cannot be repeated: message ids and ports are drawn in net',
    broken: ['probes/dns.ts', 'export const id = crypto.getRandomValues(new Uint16Array(1))'],
  },
  {
    files: /^(probes|check|audit|machine|gate|outlets|watch|store|config|cli)\//,
    mayNotImport: opensSockets,
    typesMay: true,
    why: 'floors 4 and up get sockets from net as arguments; only net, store, fabric and lab open them',
    broken: ['probes/tcp.ts', "import { connect } from 'node:net'"],
  },
  {
    files: /^(probes|check|audit|machine|gate|outlets|watch)\//,
    mayNotImport: touchesMachine,
    why: 'what a check reads of the machine comes from net, config and cli, so that a test can give it another',
    broken: ['check/check.ts', "import { readFileSync } from 'node:fs'"],
  },
  {
    files: /^net\//,
    mayNotImport: /^node:(fs|sqlite)(\/|$)/,
    why: 'net is sockets, the platform’s resolution and stores, and the clock; files are read by config and cli',
    broken: ['net/trustStores.ts', "import { readFile } from 'node:fs/promises'"],
  },
  {
    files: /^(?!net\/|lab\/)/,
    mayNotImport: dials,
    why: 'libraries that dial live in the room that opens sockets for them',
    broken: ['cli/runUp.ts', "import { request } from 'undici'"],
  },
  {
    files: /^(?!gate\/)/,
    mayNotImport: /^openid-client$/,
    why: 'people sign in at the gate alone, which gives the library a fetch of its own',
    broken: ['cli/runUp.ts', "import { discovery } from 'openid-client'"],
  },
  {
    files: /^probes\//,
    mayNotImport: /^(catalog|diagnose|plan)\//,
    why: 'a probe observes; who needs the flow and what the answer means is not its business',
    broken: ['probes/tcp.ts', "import type { Case } from '../diagnose/case.ts'"],
  },
  {
    files: /^(?!cli\/|lab\/)/,
    mayNotImport: /^lab\//,
    why: 'the small network is for tests and demos: nothing that runs in earnest may lean on it',
    broken: ['config/loadSite.ts', "export { openLab } from '../lab/index.ts'"],
  },
  {
    files: /^(?!cli\/)/,
    mayNotImport: /^cli\//,
    why: 'the command line is the outermost shell: nothing imports it',
    broken: ['check/index.ts', "export type { Shell } from '../cli/shell.ts'"],
  },
  {
    files: /^(?!config\/|firewall\/vendors\/)/,
    mayNotImport: /^(zod|yaml)(\/|$)/,
    why: 'they cost 60 ms and more at start: config loads them with the user’s files, a vendor with its own first file',
    broken: ['cli/siteFrom.ts', "import { parse } from 'yaml'"],
  },
  {
    files: /^probes\//,
    mayNotImport: /^firewall\//,
    why: 'what is on the wire and what is on paper meet in a report, after both were read',
    broken: ['probes/tcp.ts', "import { judge } from '../firewall/judge.ts'"],
  },
  {
    files: /^(?!lab\/)/,
    mayNotImport: /^(@peculiar\/x509|reflect-metadata)$/,
    why: 'certificates are made in the small network only; reading them needs node:crypto alone',
    broken: ['net/chain.ts', "import 'reflect-metadata'"],
  },
  {
    files: /./,
    mayNotImport: /^\(computed\)$/,
    why: 'from an import whose name is computed neither the floors nor the bundler can read what is leant on',
    broken: ['probes/index.ts', "export const load = (scheme: string) => import('./' + scheme)"],
  },
]
