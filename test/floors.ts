/**
 * The floors of the house: a room imports only rooms of lower floors, its own files, and what is allowed to it by name.
 * Every ban carries its reason, which the test prints.
 */
export const floorOf: Readonly<Record<string, number>> = {
  model: 0,
  catalog: 1,
  wire: 1,
  plan: 2,
  diagnose: 2,
  net: 3,
  probes: 4,
  check: 5,
  lab: 6,
  config: 7,
  cli: 8,
}

interface Ban {
  /** Paths below `src/` of the files that are bound. */
  readonly files: RegExp
  /** Import specifiers that they may not use; relative ones are given as `room/file.ts`. */
  readonly mayNotImport: RegExp
  readonly why: string
}

const opensSockets = /^node:(net|tls|dgram|dns|http|https|http2)(\/|$)/
const dials = /^(undici|ws|ldapts|pg|openid-client|oidc-provider|@nats-io\/.*)$/

export const bans: readonly Ban[] = [
  {
    files: /^(model)\//,
    mayNotImport: /^(?!model\/)/,
    why: 'the dashboard and every other room import the nouns: they must import nothing but each other',
  },
  {
    files: /^(catalog|wire|plan|diagnose)\//,
    mayNotImport: /^node:/,
    why: 'floors 0 to 2 touch no socket, file, clock or randomness, so that they run in a browser and replay history',
  },
  {
    files: /^(probes|check|config|cli)\//,
    mayNotImport: opensSockets,
    why: 'floors 4 and up get sockets from net as arguments; only net, store, fabric and lab open them',
  },
  {
    files: /^(?!net\/|lab\/)/,
    mayNotImport: dials,
    why: 'libraries that dial live in the room that opens sockets for them',
  },
  {
    files: /^probes\//,
    mayNotImport: /^(catalog|diagnose|plan)\//,
    why: 'a probe observes; who needs the flow and what the answer means is not its business',
  },
  {
    files: /^(?!cli\/|lab\/)/,
    mayNotImport: /^lab\//,
    why: 'the small network is for tests and demos: nothing that runs in earnest may lean on it',
  },
  {
    files: /^(?!cli\/)/,
    mayNotImport: /^cli\//,
    why: 'the command line is the outermost shell: nothing imports it',
  },
  {
    files: /^(?!config\/)/,
    mayNotImport: /^(zod|yaml)(\/|$)/,
    why: 'they cost 60 ms and more at start; only config reads the user’s files, and loads them when it does',
  },
  {
    files: /^(?!lab\/)/,
    mayNotImport: /^(@peculiar\/x509|reflect-metadata)$/,
    why: 'certificates are made in the small network only; reading them needs node:crypto alone',
  },
]
