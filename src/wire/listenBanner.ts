import { printableOctets } from './printable-octets.ts'

/** What `postern listen` says of itself, where it stands in for a service that is not there yet. */
export interface ListenBanner {
  /** The version of Postern. */
  readonly version: string
  /** The host of the site that it answers for. */
  readonly host: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /** Who asks, as it is seen there: `10.1.0.10:50123`, `[2001:db8::10]:50123`. */
  readonly peer: string
}

/** What can be read of a banner that was kept: as much as was not cut off. */
export interface ReadListenBanner {
  readonly host?: string
  /** `389/tcp`. */
  readonly place?: string
  readonly peer?: string
}

/** No protocol that is asked for on a planned port begins so, and no service introduces itself with it. */
const beginning = 'postern listen'
const lineEnd = '\r\n'
/** Longest texts that are written, in characters. */
const most = { version: 24, host: 63, peer: 60 } as const

/** Shorter datagrams than this are not answered: an answer is never longer than its question. In octets. */
export const shortestListenBanner = beginning.length + lineEnd.length

/** The banner, as one line of ASCII. */
export function listenBanner(said: ListenBanner): Uint8Array {
  return lineOf(formsOf(said)[0])
}

/**
 * The most of the banner that fits.
 *
 * @param length octets, of the datagram that is answered
 * @returns undefined when not even the shortest form does
 */
export function listenBannerWithin(said: ListenBanner, length: number): Uint8Array | undefined {
  const fitting = formsOf(said).find((form) => form.length + lineEnd.length <= length)
  return fitting === undefined ? undefined : lineOf(fitting)
}

/**
 * Whether octets are such a banner, whole or cut, or one that comes back from a name server, which takes it for a question
 * and changes the flags (Samba does so): a listener answers neither.
 */
export function isListenBanner(octets: Uint8Array): boolean {
  if (isPlainBanner(octets)) return true
  if (octets.length < shortestListenBanner) return false
  const flagsBack = new Uint8Array(octets.subarray(0, beginning.length + 1))
  flagsBack.set(new TextEncoder().encode(beginning).subarray(flagsAt, flagsAt + 2), flagsAt)
  return isPlainBanner(flagsBack)
}

/** Where a DNS message has its flags (RFC 1035 §4.1.1), two octets of them. */
const flagsAt = 2

function isPlainBanner(octets: Uint8Array): boolean {
  return readListenBanner(printableOctets(octets, beginning.length + 1)) !== undefined
}

/** The banner as an observation keeps it, where octets are one. */
export function listenBannerIn(octets: Uint8Array): string | undefined {
  return isPlainBanner(octets) ? printableOctets(octets) : undefined
}

/**
 * Reads a banner from the first octets of an answer.
 *
 * @param firstOctets in the notation of `printableOctets`, cut anywhere behind its first words
 * @returns undefined where it is none
 */
export function readListenBanner(firstOctets: string): ReadListenBanner | undefined {
  if (!/^postern listen(?: |\\x0D|$)/.test(firstOctets)) return undefined
  const [line = ''] = firstOctets.split('\\x0D')
  // What was cut may have lost a part of its last word: only what another one follows is known to be whole.
  const whole = line.length < firstOctets.length
  const said = /^postern listen \S+ (\S+) (\d{1,5}\/(?:tcp|udp))(?:; you are (\S+))?/.exec(line)
  if (said === null) return {}
  const [, host, place, peer] = said
  return {
    ...(host !== undefined && { host }),
    ...(place !== undefined && { place }),
    ...(peer !== undefined && whole && { peer }),
  }
}

/** The same in fewer and fewer words. */
function formsOf({ version, host, port, transport, peer }: ListenBanner): readonly [string, ...string[]] {
  const program = `${beginning} ${word(version, most.version)}`
  const place = `${program} ${hostInBanner(host)} ${port}/${transport}`
  return [`${place}; you are ${word(peer, most.peer)}`, place, program, beginning]
}

/** How a host of the site is called in a banner: the names of a site file may hold what a line of ASCII cannot. */
export function hostInBanner(host: string): string {
  return word(host, most.host)
}

function word(text: string, limit: number): string {
  const ascii = text.slice(0, limit).replaceAll(/[^\x21-\x7e]/g, '?')
  return ascii === '' ? '?' : ascii
}

function lineOf(text: string): Uint8Array {
  return new TextEncoder().encode(text + lineEnd)
}
