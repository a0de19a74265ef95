import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { CertificateNews } from '../config/certificateFiles.ts'
import { openCertificateFiles } from '../config/certificateFiles.ts'
import type { LoadedSite } from '../config/index.ts'
import { readTrusted } from '../config/loadSite.ts'
import { readClientProof } from '../config/readClientProof.ts'
import { openAssertions } from '../gate/assertion.ts'
import type { OpenedGate } from '../gate/openGate.ts'
import { openGate } from '../gate/openGate.ts'
import type { ReadProof, SignIn } from '../gate/signIn/index.ts'
import { openSignIn } from '../gate/signIn/index.ts'
import type { Identity, KnownGroups } from '../identity/index.ts'
import { TokenVerifier } from '../identity/index.ts'
import type { Recorder } from '../model/event.ts'
import { openBackends } from '../net/backends/openBackends.ts'
import type { BoundedFetch } from '../net/boundedFetch.ts'
import { createBoundedFetch } from '../net/boundedFetch.ts'
import { systemClock } from '../net/clock.ts'
import type { Listener, ListenPlace } from '../net/listenTls.ts'
import { listenTls } from '../net/listenTls.ts'
import { openTlsContexts } from '../net/tlsContexts.ts'
import { openRecord } from '../store/record/index.ts'
import { openSessions } from '../store/sessions/index.ts'
import type { ServedGate } from './servedGate.ts'
import type { Told } from './servingEvents.ts'
import { backendEvent, certificateEvent } from './servingEvents.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** A gate that listens. */
export interface Serving {
  readonly listener: Listener
  readonly gate: OpenedGate
  /** Absent: no browser signs in. */
  readonly signIn?: SignIn
  /** Lets open requests end, for as long as the settings say, then ends everything. */
  drain(): Promise<void>
  /** Ends everything at once. */
  close(): Promise<void>
}

export interface ServingOptions {
  /** What happens, in a line for whoever watches. */
  readonly say: (line: string) => void
  /** In the place of those of the settings. */
  readonly places?: readonly ListenPlace[]
}

/** Sessions that are idle are looked for, and those that are open confirmed, so often. */
const sweepMs = 30_000

/**
 * Opens everything that a gate leans on, in the order in which it can fail, and then listens. What was opened is closed
 * again when something after it cannot be.
 *
 * @throws UsageError with what is wrong and what makes it right
 */
export async function openServing(
  served: ServedGate,
  loaded: LoadedSite,
  shell: Shell,
  options: ServingOptions,
): Promise<Serving> {
  const closing = new AbortController()
  const opened: (() => unknown)[] = [() => closing.abort(new Error('the gate has been closed'))]
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one()
  }
  try {
    return await openAll(served, loaded, shell, options, { opened, close, signal: closing.signal })
  } catch (error) {
    await close()
    throw error
  }
}

interface Closing {
  /** What ends each part, the first one last. */
  readonly opened: (() => unknown)[]
  readonly close: () => Promise<void>
  readonly signal: AbortSignal
}

async function openAll(
  served: ServedGate,
  loaded: LoadedSite,
  shell: Shell,
  options: ServingOptions,
  { opened, close, signal }: Closing,
): Promise<Serving> {
  const { gate: settings, origin, routes, authority } = served
  const { say } = options
  const clock = systemClock
  const at = (path: string): string => resolve(loaded.folder, path)
  const random = (octets: number): Uint8Array => randomBytes(octets)
  const onFault = ({ what, right }: { readonly what: string; readonly right: string }): void => say(`${what}, ${right}`)

  const { tell: tellOf, record } = await recordOf(served, at, onFault)
  opened.push(() => record.close())
  const { files, contexts } = await certificatesOf(served, loaded, (news) => tellOf(certificateEvent(news), say))
  const fetch = createBoundedFetch({
    hosts: [...new Set([authority.host, authority.graphHost])],
    names: loaded.site.names,
    trust: loaded.trustPem,
    userAgent: `postern/${version}`,
    signal,
  })
  opened.push(() => fetch.close())
  const signIn = await signInOf(served, loaded, shell, { fetch, record, signal, random, onFault, opened })
  const assertions = await openAssertions({ origin, clock })
  const backends = openBackends(settings.backends, {
    trust: await backendTrust(settings.backends, loaded),
    names: loaded.site.names,
    clock,
    stickySecret: random(32),
    random,
    onNews: (news) => tellOf(backendEvent(news), say),
    signal,
  })
  opened.push(() => backends.close())
  const gate = openGate({
    settings,
    origin,
    routes,
    authority,
    ...(settings.api !== undefined && { tokens: tokensOf(served, loaded, fetch) }),
    ...(signIn !== undefined && { signIn }),
    groupsOf: signIn === undefined ? async (identity) => toldGroups(identity) : (identity) => signIn.groupsOf(identity),
    readiness: () => [
      ...(record.trouble === undefined ? [] : ['record']),
      ...(backends.state().some(({ state }) => state === 'well') ? [] : ['backends']),
    ],
    keys: () => JSON.stringify(assertions.keys()),
    upstream: backends,
    assertions,
    recorder: record,
    clock,
    random,
    onBug: (error) => say(`a bug in the gate: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`),
  })
  signIn?.sessions.onEnd(({ name }) => void gate.end({ session: name }))
  const listening = await listenTls(
    {
      places: options.places ?? placesOf(served),
      contexts,
      limits: settings.limits,
      clientCertificates: settings.clientCertificates?.ask,
      clock,
    },
    gate.handlers,
  )
  if ('error' in listening) throw new UsageError(cannotListen(listening.error, listening.place))
  const listener = listening.ok
  opened.push(() => listener.close())
  void files.watch((others) => contexts.swap(others), signal)
  const timer = setInterval(() => {
    signIn?.sweep()
    void gate.confirm()
  }, sweepMs)
  opened.push(() => clearInterval(timer))
  return {
    listener,
    gate,
    ...(signIn !== undefined && { signIn }),
    async drain() {
      await listener.drain(settings.limits.drainSeconds)
      await close()
    },
    close,
  }
}

/**
 * Reads everything that the gate reads before it listens, and opens nothing.
 *
 * @throws UsageError with what is wrong and what makes it right
 */
export async function checkServing(served: ServedGate, loaded: LoadedSite, shell: Shell): Promise<void> {
  await certificatesOf(served, loaded, () => {})
  await backendTrust(served.gate.backends, loaded)
  const { signIn } = served.gate
  if (signIn !== undefined) await firstProof(() => readClientProof(signIn.credential, shell.env, loaded.folder), loaded)
}

async function certificatesOf(
  { gate }: ServedGate,
  { file, folder }: LoadedSite,
  news: (news: CertificateNews) => void,
) {
  const sources = { certificates: gate.certificates, authorities: gate.clientCertificates?.authorities ?? [] }
  const files = await openCertificateFiles(sources, folder, { clock: systemClock, news })
  if ('what' in files) throw new UsageError(`${file}: gate.certificates: ${files.what}, ${files.right}`)
  const contexts = openTlsContexts(files.ok.served)
  if ('error' in contexts) throw new UsageError(`${file}: gate.certificates: ${contexts.error}`)
  return { files: files.ok, contexts: contexts.ok }
}

/** Asked once at the start: who finds out at the first sign-in that there is no secret has people waiting. */
async function firstProof(proof: ReadProof, { file }: LoadedSite): Promise<void> {
  const first = await proof()
  if ('why' in first) throw new UsageError(`${file}: gate.sign-in: ${first.why}`)
}

async function recordOf(
  { gate }: ServedGate,
  at: (path: string) => string,
  onFault: (fault: { readonly what: string; readonly right: string }) => void,
) {
  const pid = process.pid
  const opened = await openRecord(
    { ...gate.record, folder: at(gate.record.folder) },
    { clock: systemClock, pid, onFault },
  )
  if (!opened.ok) throw new UsageError(`${opened.fault.what}, ${opened.fault.right}`)
  const { record } = opened
  const tell = ({ event, line }: Told, say: (line: string) => void): void => {
    record.tell(event)
    say(line)
  }
  return { record, tell }
}

interface SignInNeeds {
  readonly fetch: BoundedFetch
  readonly record: Recorder
  readonly signal: AbortSignal
  readonly random: (octets: number) => Uint8Array
  readonly onFault: (fault: { readonly what: string; readonly right: string }) => void
  readonly opened: (() => unknown)[]
}

async function signInOf(
  { gate, origin, tenants, authority }: ServedGate,
  loaded: LoadedSite,
  shell: Shell,
  { fetch, record, signal, random, onFault, opened }: SignInNeeds,
): Promise<SignIn | undefined> {
  const { signIn: settings, sessions } = gate
  if (settings === undefined) return undefined
  const proof = (): ReturnType<ReadProof> => readClientProof(settings.credential, shell.env, loaded.folder)
  await firstProof(proof, loaded)
  const stored = openSessions(resolve(loaded.folder, sessions.file), {
    now: () => systemClock.now(),
    perPerson: sessions.perPerson,
    pending: settings.pending,
    withinMinutes: settings.withinMinutes,
    onFault,
  })
  if (!stored.ok) throw new UsageError(`${stored.fault.what}, ${stored.fault.right}`)
  const { store } = stored
  opened.push(() => store.close())
  return openSignIn({
    origin,
    authority,
    tenants,
    settings,
    sessions,
    store,
    fetch,
    proof,
    recorder: record,
    clock: systemClock,
    random,
    signal,
  })
}

function tokensOf(
  { gate, tenants, authority }: ServedGate,
  { site }: LoadedSite,
  { fetchJson }: BoundedFetch,
): TokenVerifier {
  return new TokenVerifier({
    cloud: site.cloud,
    authority,
    tenants,
    audiences: gate.api?.audiences ?? [],
    accepts: gate.api?.accepts ?? 'users',
    fetchJson,
    now: () => systemClock.now(),
  })
}

/** Without an app of its own the gate asks nobody for what a token leaves out. */
function toldGroups({ groups }: Identity): KnownGroups {
  return groups.kind === 'listed'
    ? { kind: 'listed', ids: new Set(groups.ids) }
    : { kind: 'unknown', because: groups.kind }
}

async function backendTrust(
  backends: ServedGate['gate']['backends'],
  loaded: LoadedSite,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const trust: Record<string, readonly string[]> = {}
  for (const [name, backend] of Object.entries(backends)) {
    const read = await Promise.all(backend.trust.map((file) => readTrusted(resolve(loaded.folder, file), file)))
    const bad = read.find((one) => 'what' in one)
    if (bad !== undefined && 'what' in bad) {
      throw new UsageError(`${loaded.file}: gate.backends.${name}.trust: ${bad.what}, ${bad.right}`)
    }
    trust[name] = read.flatMap((one) => ('pem' in one ? [one.pem] : []))
  }
  return trust
}

function placesOf({ gate, origin }: ServedGate): readonly ListenPlace[] {
  if (gate.listen === undefined) return [{ port: Number(new URL(origin).port || 443) }]
  return gate.listen.map((place) => {
    const at = place.lastIndexOf(':')
    return { address: place.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(place.slice(at + 1)) }
  })
}

function cannotListen(error: string, { address = 'every address', port }: ListenPlace): string {
  const why =
    error === 'EADDRINUSE'
      ? 'another program listens there: end it, or choose another port with gate.listen'
      : error === 'EACCES'
        ? 'this user may not: ports below 1024 need CAP_NET_BIND_SERVICE'
        : error === 'EADDRNOTAVAIL'
          ? 'this machine does not have that address: correct gate.listen'
          : error
  return `the gate cannot listen at port ${port} of ${address}: ${why}`
}
