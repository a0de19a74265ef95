import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { readClientProof } from '../config/readClientProof.ts'
import { readSecret } from '../config/readSecret.ts'
import { authorities, playedAuthority } from '../identity/index.ts'
import type { SyntheticSignIn, WatchSettings } from '../model/watch.ts'
import { createNet } from '../net/createNet.ts'
import type { HistoryStore } from '../store/history/index.ts'
import type { CanaryEvent, CanaryMeans } from '../watch/canary/index.ts'
import { CanaryRunner } from '../watch/canary/index.ts'
import type { IncidentLoop } from '../watch/incidentLoop.ts'
import type { ConfirmedNews } from '../watch/news.ts'
import type { PulseClock } from '../watch/schedule/index.ts'
import type { ReadAppProof, SignInEvent, SignInMeans, SignInsWatched } from '../watch/signIn/index.ts'
import { SignInRunner } from '../watch/signIn/index.ts'
import { proxiesOf } from './proxiesOf.ts'
import type { Shell } from './shell.ts'
import { emptyStore } from './systemPipes.ts'
import { version } from './version.ts'

export interface SiteSignInsParts {
  readonly store: HistoryStore
  readonly incidents: Pick<IncidentLoop, 'take' | 'known'>
  readonly clock: PulseClock
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly say: (line: string) => void
  /** Told of what is sure. */
  readonly tell: (news: ConfirmedNews) => void
  readonly shell: Shell
  /** PEM texts that stand for the machine's own store. */
  readonly machineRoots?: readonly string[]
}

/** Sign-ins and the canary of a site, while it is watched. */
export interface SiteSignIns {
  readonly counts: SignInRunner['counts']
  run(signal: AbortSignal): Promise<void>
  reload(loaded: LoadedSite, settings: WatchSettings, from: string): Promise<void>
}

/** Tokens of the cloud come from far away: less is no patience. In milliseconds. */
const leastTimeoutMs = 10_000

/** What signs in by itself, and what changes something to see it arrive: by the site file, and by nothing else. */
export async function openSiteSignIns(
  loaded: LoadedSite,
  settings: WatchSettings,
  from: string,
  parts: SiteSignInsParts,
): Promise<SiteSignIns> {
  const { store, incidents, clock, pause, say, tell } = parts
  const begun = await watchedOf(loaded, settings, from, parts)
  const common = {
    store,
    pause,
    random: Math.random,
    onNews: (news: readonly ConfirmedNews[]) => incidents.take(news),
  }
  const signIns = new SignInRunner(begun.signIns, {
    ...common,
    clock,
    known: incidents.known,
    onEvent(event) {
      if (event.kind === 'news') tell(event.news)
      else say(signInLine(event))
    },
  })
  const late = [...incidents.known.keys()].find((subject) => subject.startsWith('canary:'))
  const canary = new CanaryRunner(begun.canary, {
    ...common,
    now: () => clock.now(),
    zone: settings.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(late !== undefined && { late }),
    onEvent(event) {
      if (event.kind === 'news') tell(event.news)
      else say(canaryLine(event))
    },
  })
  return {
    get counts() {
      return signIns.counts
    },
    async run(signal) {
      await Promise.all([signIns.run(signal), canary.run(signal)])
    },
    async reload(next, nextSettings, nextFrom) {
      const watched = await watchedOf(next, nextSettings, nextFrom, parts)
      signIns.reload(watched.signIns)
      canary.reload(watched.canary)
    },
  }
}

async function watchedOf(
  loaded: LoadedSite,
  settings: WatchSettings,
  from: string,
  parts: SiteSignInsParts,
): Promise<{ readonly signIns: SignInsWatched; readonly canary: CanaryMeans | undefined }> {
  const means = await meansOf(loaded, settings, from, parts)
  const tenanted = settings.signIns.filter(({ kind }) => kind === 'before-credentials' || means.tenant !== '')
  for (const { name } of settings.signIns) {
    if (!tenanted.some((one) => one.name === name)) {
      parts.say(
        `sign-in    ${visible(name)} is not done: the site file names no tenant, write tenant: contoso.onmicrosoft.com`,
      )
    }
  }
  const signIns = { signIns: tenanted, means, confirmations: settings.confirmations }
  return { signIns, canary: await canaryOf(loaded, settings, means, parts) }
}

/** The tenant of a site, and the way to it. */
export async function meansOf(
  loaded: LoadedSite,
  settings: WatchSettings,
  from: string,
  {
    shell,
    machineRoots,
    maxBodyBytes,
  }: Pick<SiteSignInsParts, 'shell' | 'machineRoots'> & { readonly maxBodyBytes?: number },
): Promise<SignInMeans> {
  const { site, trustPem, folder } = loaded
  const { places, credentials } = await proxiesOf(loaded, [], shell)
  const name = Object.entries(site.proxies).find(([, { usedBy }]) => usedBy.includes(from))?.[0]
  const place = name === undefined ? undefined : places[name]
  const proof: ReadAppProof = async (signIn) => proofOf(signIn, shell, folder)
  return {
    net: createNet({
      trust: { site: trustPem, ...emptyStore(shell.env), ...(machineRoots !== undefined && { machine: machineRoots }) },
      userAgent: `postern/${version}`,
      names: site.names,
      proxyCredentials: credentials,
      ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    }),
    authority: site.gate?.authority === undefined ? authorities[site.cloud] : playedAuthority(site.gate.authority),
    isPlayed: site.gate?.authority !== undefined,
    tenant: site.tenant ?? site.gate?.tenants?.[0] ?? '',
    audiences: [
      ...(site.gate?.api?.audiences ?? []),
      ...(site.gate?.signIn === undefined ? [] : [site.gate.signIn.client]),
    ],
    names: site.names,
    ...(name !== undefined && place !== undefined && { proxy: { name, host: place.host, port: place.port } }),
    proof,
    timeoutMs: Math.max(leastTimeoutMs, settings.timeoutMs),
  }
}

async function proofOf({ certificate, secret }: SyntheticSignIn, { env }: Shell, folder: string) {
  const credential =
    certificate === undefined
      ? ({ kind: 'secret', reference: secret ?? '' } as const)
      : ({ kind: 'certificate', files: certificate } as const)
  const read = await readClientProof(credential, env, folder)
  if ('why' in read) return read
  return read.ok.kind === 'assertion' ? { why: 'it proves itself by certificate or secret' } : { ok: read.ok }
}

/** Libraries that speak LDAP are loaded where there is a canary, and not before. */
async function canaryOf(
  loaded: LoadedSite,
  { canary, signIns }: WatchSettings,
  signInMeans: SignInMeans,
  { shell, say }: SiteSignInsParts,
): Promise<CanaryMeans | undefined> {
  if (canary === undefined) return undefined
  const { name, password: reference } = canary.account
  const password = await readSecret(reference, shell.env, loaded.folder, 'PASSWORD')
  if (!('ok' in password)) {
    say(`canary     is not let out: the password of ${visible(name)}: ${password.what}, ${password.right}`)
    return undefined
  }
  const { createDirectoryWriter } = await import('../net/directoryWriter.ts')
  const { signIn: wanted, token } = canary.target
  const apps = signIns.filter(({ kind }) => kind === 'client-credentials')
  const reader = wanted === undefined ? apps[0] : apps.find((one) => one.name === wanted)
  return {
    canary,
    site: loaded.site.site,
    directory: createDirectoryWriter({
      url: canary.directory,
      account: { name, password: password.ok },
      trust: loaded.trustPem,
      names: loaded.site.names,
      timeoutMs: leastTimeoutMs,
    }),
    signInMeans,
    ...(reader !== undefined && { reader }),
    token: async () => {
      const read = await readSecret(token ?? '', shell.env, loaded.folder, 'TOKEN')
      return 'ok' in read ? read : { why: `${read.what}, ${read.right}` }
    },
  }
}

function signInLine(event: Exclude<SignInEvent, { kind: 'news' }>): string {
  switch (event.kind) {
    case 'failing':
      return `fails      sign-in ${visible(event.name)}: ${event.says}; it is tried again`
    case 'put-off':
      return `put off    sign-in ${visible(event.name)}: ${event.says}`
    case 'not-done':
      return `not done   sign-in ${visible(event.name)}: ${event.says}`
    case 'trouble':
      return `bug        a sign-in ended in an error: ${visible(event.why)}`
    default:
      return event satisfies never
  }
}

function canaryLine(event: Exclude<CanaryEvent, { kind: 'news' }>): string {
  switch (event.kind) {
    case 'arrived':
      return `canary     arrived after ${Math.round(event.lagMs / 1000)} s`
    case 'not-done':
      return `canary     ${event.says}`
    case 'not-back':
      return `canary     ${event.says}`
    case 'trouble':
      return `bug        a canary ended in an error: ${visible(event.why)}`
    default:
      return event satisfies never
  }
}
