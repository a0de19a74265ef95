import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { Attribute, Change, Client, ResultCodeError } from 'ldapts'
import { hostPort, unbracketed } from '../model/hostPort.ts'
import { trustedRoots } from './boundedFetch.ts'
import { isTrustError, placeOfName } from './dialNamed.ts'
import { errorCode } from './errno.ts'
import { wait } from './wait.ts'

export interface DirectoryWriterOptions {
  /** `ldaps://host[:port]`, or `ldap://host[:port]`, which is spoken with StartTLS. */
  readonly url: string
  readonly account: { readonly name: string; readonly password: string }
  /** PEM texts of CAs of the site, besides those that this machine and Node trust. */
  readonly trust: readonly string[]
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
  /** Of each step, in milliseconds, 100 to 60,000. */
  readonly timeoutMs: number
}

/** Why the directory did not do it: nothing of the password, and nothing that it said but the number of its result. */
export interface DirectoryFailure {
  readonly ok: false
  readonly why: 'unreachable' | 'untrusted' | 'credentials' | 'rights' | 'no-object' | 'refused' | 'aborted'
  readonly says: string
}

/** One attribute of one object, read and replaced, each time over a connection of its own that is bound. */
export interface DirectoryWriter {
  read(
    object: string,
    attribute: string,
    signal: AbortSignal,
  ): Promise<{ readonly ok: true; readonly values: readonly string[] } | DirectoryFailure>
  /** No value removes the attribute. */
  replace(
    object: string,
    attribute: string,
    values: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly ok: true } | DirectoryFailure>
}

/** @throws RangeError for what is no address of a directory */
export function createDirectoryWriter(options: DirectoryWriterOptions): DirectoryWriter {
  const { url, account, trust, names, timeoutMs } = options
  const read = URL.canParse(url) ? new URL(url) : undefined
  const isSecure = read?.protocol === 'ldaps:'
  if (read === undefined || !(isSecure || read.protocol === 'ldap:'))
    throw new RangeError('ldaps:// or ldap:// is wanted')
  const host = unbracketed(read.hostname)
  const port = Number(read.port) || (isSecure ? 636 : 389)
  const place = placeOfName(names, { host, port })
  const shown = hostPort(host, port)
  const secureContext = createSecureContext({ ca: trustedRoots(trust), minVersion: 'TLSv1.2' })
  const tls: ConnectionOptions = { secureContext, minVersion: 'TLSv1.2', ...(isIP(host) === 0 && { servername: host }) }

  /** The library waits for some things without end: all of it together has its time. */
  function bound<T>(work: (client: Client) => Promise<T>, signal: AbortSignal): Promise<T | DirectoryFailure> {
    return wait<T | DirectoryFailure>(
      { signal, timeoutMs: timeoutMs * 3 },
      (settle) => {
        const client = new Client({
          url: `${read?.protocol}//${hostPort(place.host, place.port)}`,
          timeout: timeoutMs,
          connectTimeout: timeoutMs,
          ...(isSecure && { tlsOptions: tls }),
          strictDN: false,
        })
        const ask = async (): Promise<T> => {
          // A password goes over no line that others can read.
          if (!isSecure) await client.startTLS(tls)
          await client.bind(account.name, account.password)
          return work(client)
        }
        ask().then(settle, (error: unknown) => settle(failureOf(error, shown)))
        return () => void client.unbind().catch(() => {})
      },
      (ending) =>
        ending === 'aborted'
          ? failure('aborted', `the question to ${shown} was ended`)
          : failure('unreachable', `${shown} did not answer in time`),
    )
  }

  return {
    read: (object, attribute, signal) =>
      bound(async (client) => {
        const { searchEntries } = await client.search(object, { scope: 'base', attributes: [attribute], sizeLimit: 1 })
        const [entry] = searchEntries
        if (entry === undefined) return failure('no-object', `${shown} shows no such object to the account`)
        const wanted = attribute.toLowerCase()
        const found = Object.entries(entry).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? []
        return {
          ok: true,
          values: [found].flat().map((value) => (typeof value === 'string' ? value : value.toString('utf8'))),
        }
      }, signal),
    replace: (object, attribute, values, signal) =>
      bound(async (client) => {
        const modification = new Attribute({ type: attribute, values: [...values] })
        await client.modify(object, new Change({ operation: 'replace', modification }))
        return { ok: true }
      }, signal),
  }
}

const failure = (why: DirectoryFailure['why'], says: string): DirectoryFailure => ({ ok: false, why, says })

/** Result codes of RFC 4511 appendix A.2 that mean something else than that it does not want to. */
const results: Readonly<Record<number, readonly [DirectoryFailure['why'], string]>> = {
  13: ['refused', 'wants TLS first (13)'],
  32: ['no-object', 'has no such object (32)'],
  48: ['credentials', 'lets this account not bind so (48)'],
  49: ['credentials', 'does not accept name and password (49)'],
  50: ['rights', 'does not let the account do that (50)'],
  53: ['refused', 'is unwilling to (53)'],
}

function failureOf(error: unknown, shown: string): DirectoryFailure {
  if (error instanceof ResultCodeError) {
    const [why, says] = results[error.code] ?? ['refused', `refuses with result ${error.code}`]
    return failure(why, `${shown} ${says}`)
  }
  const code = errorCode(error) ?? ''
  if (isTrustError(code))
    return failure('untrusted', `the certificate of ${shown} is not trusted for the name (${code})`)
  return failure('unreachable', `${shown} is not reached${code === '' ? '' : ` (${code})`}`)
}
