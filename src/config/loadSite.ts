import { X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { Site } from '../model/site.ts'
import type { ConfigError, Remedy } from './configError.ts'
import { maxSiteBytes, parseSite, tooLarge } from './parseSite.ts'
import type { Path } from './parseYaml.ts'
import { quoted } from './quoted.ts'
import type { Input } from './readBounded.ts'
import { readBounded, readInput } from './readBounded.ts'

/** A site file that was read whole, with what it points to. */
export interface LoadedSite {
  readonly site: Site
  /** As the user gave it. */
  readonly file: string
  /** Absolute: the folder that paths in the file are relative to. */
  readonly folder: string
  /** The file as it stands. */
  readonly text: string
  /** PEM texts of `trust.certificates`, one a file. */
  readonly trustPem: readonly string[]
  /** SHA-256 of every certificate in them, in upper-case hexadecimal digits without colons. */
  readonly trustFingerprints: readonly string[]
  /** What is wrong with the value at a path of the file, as an error with its place: for what only its use shows. */
  readonly errorAt: (path: Path, remedy: Remedy) => ConfigError
  /** Where the key at a path of the file stands, or the nearest thing around it that does; both count from 1. */
  readonly placeOf: (path: Path) => Pick<ConfigError, 'line' | 'column'>
}

/** A root certificate has 2 KB; a bundle of every public one 250. */
const maxTrustBytes = 4 * 1024 * 1024

/**
 * Reads a site file and the certificate files that it names.
 *
 * @param file relative to `cwd`, or absolute; `-` is the input, whose folder is `cwd`
 * @returns the site, or every error with its place; never rejects for a file that is missing or unreadable
 */
export async function loadSite(
  file: string,
  cwd: string,
  { input, signal }: { readonly input?: Input | undefined; readonly signal?: AbortSignal } = {},
): Promise<{ readonly ok: LoadedSite } | { readonly errors: readonly ConfigError[] }> {
  const path = resolve(cwd, file)
  const folder = dirname(path)
  const whole = (remedy: Remedy, line = 1, column = 1) => ({ errors: [{ file, line, column, ...remedy }] })
  const reading = { pipes: true, ...(signal !== undefined && { signal }) }
  const read =
    file === '-' && input !== undefined
      ? await readInput(input, maxSiteBytes, signal)
      : await readBounded(path, maxSiteBytes, reading)
  if ('why' in read) {
    return whole({ what: `the site file cannot be read: ${read.why}`, right: 'name one that can with --site FILE' })
  }
  if ('tooLarge' in read) return whole(tooLarge(read.tooLarge))
  const text = decode(read.octets)
  if (typeof text !== 'string') {
    const { line, column, ...remedy } = text
    return whole(remedy, line, column)
  }
  const parsed = parseSite(text, file)
  if ('errors' in parsed) return parsed
  const trusted: Trusted[] = []
  const errors: ConfigError[] = []
  for (const [index, name] of parsed.site.trust.certificates.entries()) {
    const read = await readTrusted(resolve(folder, name), name)
    if ('pem' in read) trusted.push(read)
    else errors.push(parsed.errorAt(['trust', 'certificates', index], read))
  }
  if (errors.length > 0) return { errors }
  const trustPem = trusted.map(({ pem }) => pem)
  const trustFingerprints = trusted.flatMap(({ fingerprints }) => fingerprints)
  const { site, errorAt, placeOf } = parsed
  return { ok: { site, file, folder, text, trustPem, trustFingerprints, errorAt, placeOf } }
}

export interface Trusted {
  readonly pem: string
  readonly fingerprints: readonly string[]
}

/** A PEM file of certificates that somebody trusts. */
export async function readTrusted(path: string, name: string): Promise<Trusted | Remedy> {
  const read = await readBounded(path, maxTrustBytes)
  if ('why' in read)
    return { what: `${quoted(name)} cannot be read: ${read.why}`, right: 'paths are relative to the site file' }
  const right = 'name a file that begins with -----BEGIN CERTIFICATE-----'
  if ('tooLarge' in read) return { what: `${quoted(name)} is larger than any list of certificates`, right }
  const pem = new TextDecoder().decode(read.octets)
  if (!pem.includes(begin)) return { what: `${quoted(name)} holds no PEM certificate`, right }
  // What stands before the first certificate is explanation (RFC 7468 §2).
  const fingerprints = pem.split(begin).slice(1).map(fingerprintOf)
  const bad = fingerprints.indexOf(undefined)
  if (bad !== -1) {
    const what = `certificate ${bad + 1} of ${quoted(name)} cannot be read`
    return { what, right: 'export it again as PEM (Base64), from BEGIN to END' }
  }
  return { pem, fingerprints: fingerprints.filter((each) => each !== undefined) }
}

const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** @param rest what follows a line that begins a certificate */
function fingerprintOf(rest: string): string | undefined {
  const length = rest.indexOf(end)
  if (length === -1) return undefined
  try {
    return new X509Certificate(begin + rest.slice(0, length) + end).fingerprint256.replaceAll(':', '')
  } catch {
    return undefined
  }
}

/** UTF-8 without its byte order mark, or the place where the octets are something else. */
function decode(octets: Uint8Array): string | (Remedy & { readonly line: number; readonly column: number }) {
  const [first, second] = octets
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { line: 1, column: 1, what: 'the file is UTF-16 text', right: 'save it as UTF-8' }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    const before = new TextDecoder().decode(octets).split('\uFFFD', 1)[0]?.split('\n') ?? ['']
    const column = (before.at(-1)?.length ?? 0) + 1
    return { line: before.length, column, what: 'this is not UTF-8 text', right: 'save the file as UTF-8' }
  }
}
