import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { openAssertions } from '../gate/assertion.ts'
import { GateMetrics } from '../gate/gateMetrics.ts'
import type { GateSpan } from '../gate/gateSpan.ts'
import { formatSpans } from '../gate/gateSpan.ts'
import type { OpenedGate } from '../gate/openGate.ts'
import { openGate } from '../gate/openGate.ts'
import type { SignIn } from '../gate/signIn/index.ts'
import { openBackends } from '../net/backends/openBackends.ts'
import { createBoundedFetch } from '../net/boundedFetch.ts'
import { systemClock } from '../net/clock.ts'
import type { Listener, ListenPlace } from '../net/listenTls.ts'
import { listenTls } from '../net/listenTls.ts'
import type { PostedBatches } from '../net/postBatches.ts'
import { postBatches } from '../net/postBatches.ts'
import { closeAll } from './closeAll.ts'
import { openAdministration } from './openAdministration.ts'
import { publishedRangesOf } from './publishedRanges.ts'
import type { ServedGate } from './servedGate.ts'
import type { Told } from './servingEvents.ts'
import { backendEvent, certificateEvent } from './servingEvents.ts'
import {
  backendTrust,
  cannotListen,
  certificatesOf,
  placesOf,
  recordOf,
  signInOf,
  tokensOf,
  toldGroups,
} from './servingParts.ts'
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

/** From the end of what is open to the cut of its connections: time for a WebSocket to say goodbye. */
const farewellSeconds = 0.5

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
    for (const error of await closeAll(opened)) {
      const why = error instanceof Error ? (error.stack ?? error.message) : 'unknown'
      shell.stderr.write(`a part of the gate could not be ended: ${why}\n`)
    }
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

  const record = await recordOf(served, at, onFault)
  const metrics = new GateMetrics()
  const recorder = metrics.over(record)
  const tellOf = ({ event, line }: Told): void => {
    recorder.tell(event)
    say(line)
  }
  opened.push(() => record.close())
  const { files, contexts } = await certificatesOf(served, loaded, (news) => tellOf(certificateEvent(news)))
  const fetch = createBoundedFetch({
    hosts: [...new Set([authority.host, authority.graphHost])],
    names: loaded.site.names,
    trust: loaded.trustPem,
    userAgent: `postern/${version}`,
    signal,
  })
  opened.push(() => fetch.close())
  const signIn = await signInOf(served, loaded, shell, { fetch, recorder, signal, random, onFault, opened })
  const publishedRanges = await publishedRangesOf(served, loaded)
  const assertions = await openAssertions({ origin, clock })
  const backends = openBackends(settings.backends, {
    trust: await backendTrust(settings.backends, loaded),
    names: loaded.site.names,
    clock,
    stickySecret: random(32),
    random,
    onNews: (news) => tellOf(backendEvent(news)),
    signal,
  })
  opened.push(() => backends.close())
  const spans = settings.traces === undefined ? undefined : tracesTo(settings.traces.endpoint, loaded, say, signal)
  if (spans !== undefined) opened.push(() => spans.close())
  const gate = openGate({
    ...(spans !== undefined && { spans }),
    settings,
    origin,
    routes,
    authority,
    ...(settings.api !== undefined && { tokens: tokensOf(served, loaded, fetch) }),
    ...(signIn !== undefined && { signIn }),
    groupsOf: signIn === undefined ? async (identity) => toldGroups(identity) : (identity) => signIn.groupsOf(identity),
    ...(publishedRanges !== undefined && { publishedRanges }),
    readiness: () => [
      ...(record.trouble === undefined ? [] : ['record']),
      ...(backends.state().some(({ state }) => state === 'well') ? [] : ['backends']),
    ],
    keys: () => JSON.stringify(assertions.keys()),
    upstream: backends,
    assertions,
    recorder,
    clock,
    random,
    // Never silenced: nobody would look for what must not happen.
    onBug: (error) =>
      shell.stderr.write(`a bug in the gate: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}\n`),
  })
  signIn?.sessions.onEnd(({ name }) => void gate.end(name))
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
  const administration = await openAdministration(settings.administrationPort, () =>
    metrics.text({
      connections: listener.connections,
      exchanges: gate.open,
      recordWaiting: record.lag.events,
      servers: backends.state().map(({ backend, server, state, inFlight }) => ({
        backend,
        server,
        isWell: state === 'well',
        inFlight,
      })),
    }),
  )
  if (administration !== undefined) opened.push(() => administration.close())
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
      const { drainSeconds } = settings.limits
      const timer = setTimeout(() => gate.goAway(), drainSeconds * 1000)
      try {
        await listener.drain(drainSeconds + farewellSeconds)
      } finally {
        clearTimeout(timer)
      }
      await close()
    },
    close,
  }
}

/** Spans for a collector, which may be away: requests are answered all the same. */
function tracesTo(
  endpoint: string,
  { trustPem }: LoadedSite,
  say: (line: string) => void,
  signal: AbortSignal,
): PostedBatches<GateSpan> {
  return postBatches<GateSpan>({
    url: new URL('/v1/traces', endpoint).href,
    trust: trustPem,
    userAgent: `postern/${version}`,
    format: (batch) => formatSpans(batch, version),
    onNews: ({ leftOut, isWell }) =>
      say(
        isWell
          ? `traces: ${endpoint} takes spans again; ${leftOut} were left out`
          : `traces: ${endpoint} takes no spans, they are left out until it does`,
      ),
    signal,
  })
}
