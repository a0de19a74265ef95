import { createPrivateKey, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { CertificateNews } from '../config/certificateFiles.ts'
import { openCertificateFiles } from '../config/certificateFiles.ts'
import type { LoadedSite, Remedy } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { readTrusted } from '../config/loadSite.ts'
import { readClientProof } from '../config/readClientProof.ts'
import type { ReadProof, SignIn } from '../gate/signIn/index.ts'
import { openSignIn } from '../gate/signIn/index.ts'
import type { Identity, KnownGroups } from '../identity/index.ts'
import { TokenVerifier } from '../identity/index.ts'
import type { Recorder } from '../model/event.ts'
import type { BoundedFetch } from '../net/boundedFetch.ts'
import { systemClock } from '../net/clock.ts'
import type { ListenPlace } from '../net/listenTls.ts'
import { openTlsContexts } from '../net/tlsContexts.ts'
import { openRecord } from '../store/record/index.ts'
import { openHeldSessions } from '../store/sessions/index.ts'
import { publishedRangesOf } from './publishedRanges.ts'
import type { ServedGate } from './servedGate.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * Reads everything that the gate reads before it listens, and opens nothing.
 *
 * @throws UsageError with what is wrong and what makes it right
 */
export async function checkServing(served: ServedGate, loaded: LoadedSite, shell: Shell): Promise<void> {
  await certificatesOf(served, loaded, () => {})
  await backendTrust(served.gate.backends, loaded)
  await publishedRangesOf(served, loaded)
  const { signIn } = served.gate
  if (signIn !== undefined) await firstProof(() => readClientProof(signIn.credential, shell.env, loaded.folder), loaded)
}

/** The place in the site file that leads to what cannot be used; what of the file is left out leads to `gate`. */
export function unusable({ errorAt }: LoadedSite, path: readonly string[], fault: Remedy): UsageError {
  return new UsageError(...formatConfigErrors([errorAt(['gate', ...path], fault)]))
}

export async function certificatesOf({ gate }: ServedGate, loaded: LoadedSite, news: (news: CertificateNews) => void) {
  const sources = { certificates: gate.certificates, authorities: gate.clientCertificates?.authorities ?? [] }
  const files = await openCertificateFiles(sources, loaded.folder, { clock: systemClock, news })
  if ('what' in files) throw unusable(loaded, ['certificates'], files)
  const contexts = openTlsContexts(files.ok.served)
  if ('error' in contexts) {
    throw unusable(loaded, ['certificates'], { what: contexts.error, right: 'give a certificate and its own key' })
  }
  return { files: files.ok, contexts: contexts.ok }
}

/** Asked once at the start: who finds out at the first sign-in that there is no secret has people waiting. */
export async function firstProof(proof: ReadProof, loaded: LoadedSite): Promise<void> {
  const first = await proof()
  const why = 'why' in first ? first.why : keyFault(first.ok)
  if (why === undefined) return
  throw unusable(loaded, ['sign-in'], { what: why, right: 'correct it, or what gate.sign-in names' })
}

/** Entra ID takes assertions that are signed with RSA alone, by the key of the certificate that it has. */
function keyFault(proof: Extract<Awaited<ReturnType<ReadProof>>, { readonly ok: unknown }>['ok']): string | undefined {
  if (proof.kind !== 'certificate') return undefined
  try {
    const key = createPrivateKey(proof.key)
    if (key.asymmetricKeyType !== 'rsa') return 'the key of the certificate is not of RSA, which Entra ID asks for'
    const isOfPair = new X509Certificate(proof.certificate).checkPrivateKey(key)
    return isOfPair ? undefined : 'the key is not that of the certificate'
  } catch {
    return 'the certificate or its key is not PEM that can be read'
  }
}

export async function recordOf(
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
  return opened.record
}

export interface SignInNeeds {
  readonly fetch: BoundedFetch
  readonly recorder: Recorder
  readonly signal: AbortSignal
  readonly random: (octets: number) => Uint8Array
  readonly onFault: (fault: { readonly what: string; readonly right: string }) => void
  readonly opened: (() => unknown)[]
}

export async function signInOf(
  { gate, origin, tenants, authority }: ServedGate,
  loaded: LoadedSite,
  shell: Shell,
  { fetch, recorder, signal, random, onFault, opened }: SignInNeeds,
): Promise<SignIn | undefined> {
  const { signIn: settings, sessions } = gate
  if (settings === undefined) return undefined
  const proof = (): ReturnType<ReadProof> => readClientProof(settings.credential, shell.env, loaded.folder)
  await firstProof(proof, loaded)
  const stored = openHeldSessions(resolve(loaded.folder, sessions.file), {
    now: () => systemClock.now(),
    perPerson: sessions.perPerson,
    pending: settings.pending,
    withinMinutes: settings.withinMinutes,
    onFault,
  })
  if ('fault' in stored) {
    const { fault, isHeld } = stored
    throw isHeld ? unusable(loaded, ['sessions'], fault) : new UsageError(`${fault.what}, ${fault.right}`)
  }
  const { store, close } = stored.ok
  opened.push(close)
  return openSignIn({
    origin,
    authority,
    tenants,
    settings,
    sessions,
    store,
    fetch,
    proof,
    recorder,
    clock: systemClock,
    random,
    signal,
  })
}

export function tokensOf(
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
export function toldGroups({ groups }: Identity): KnownGroups {
  return groups.kind === 'listed'
    ? { kind: 'listed', ids: new Set(groups.ids) }
    : { kind: 'unknown', because: groups.kind }
}

export async function backendTrust(
  backends: ServedGate['gate']['backends'],
  loaded: LoadedSite,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const trust: Record<string, readonly string[]> = {}
  for (const [name, backend] of Object.entries(backends)) {
    const read = await Promise.all(backend.trust.map((file) => readTrusted(resolve(loaded.folder, file), file)))
    const bad = read.find((one) => 'what' in one)
    if (bad !== undefined && 'what' in bad) {
      throw unusable(loaded, ['backends', name, 'trust'], bad)
    }
    trust[name] = read.flatMap((one) => ('pem' in one ? [one.pem] : []))
  }
  return trust
}

export function placesOf({ gate, origin }: ServedGate): readonly ListenPlace[] {
  if (gate.listen === undefined) return [{ port: Number(new URL(origin).port || 443) }]
  return gate.listen.map((place) => {
    const at = place.lastIndexOf(':')
    return { address: place.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(place.slice(at + 1)) }
  })
}

export function cannotListen(error: string, { address = 'every address', port }: ListenPlace): string {
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
