import type { AnswerLength } from './answerLength.ts'
import { badLength, noAnswer } from './answerLength.ts'
import type { Element } from './der.ts'
import { elements, encoded, encodedInteger, integer, tags } from './der.ts'
import { printableOctets } from './printable-octets.ts'

/** The types of ASN.1 that the messages of Kerberos are made of (RFC 4120 §5.2, §5.3), and how a message goes over TCP. */

/** Tags of the messages, `[APPLICATION n]`; n is the msg-type as well (§7.5.7), except for a ticket. */
export const messages = {
  ticket: 1,
  asRequest: 10,
  asReply: 11,
  apRequest: 14,
  apReply: 15,
  priv: 21,
  error: 30,
} as const
export const kerberosVersion = 5

/** Kinds of names (§6.2): a person or an account; a service and its instance, such as `krbtgt/REALM`. */
export const nameTypes = { principal: 1, serviceInstance: 2 } as const
/** Types of encryption (RFC 3962 §7). */
export const encryptionTypes = { aes256: 18, aes128: 17 } as const

/** Octets of length that stand before each message over TCP (RFC 4120 §7.2.2). */
export const kerberosPrefixLength = 4
const longestRealm = 255
const longestName = 255
const longestWords = 200
const mostNameParts = 8

/** A message as it goes over TCP: four octets of length before it, the first bit of which is reserved (RFC 4120 §7.2.2). */
export function prefixedKerberosMessage(message: Uint8Array): Uint8Array {
  const octets = new Uint8Array(kerberosPrefixLength + message.length)
  new DataView(octets.buffer).setUint32(0, message.length)
  octets.set(message, kerberosPrefixLength)
  return octets
}

/**
 * How long a message over TCP is, by the octets it begins with.
 *
 * @param whyNot why the octets behind the length, some of them or all or none yet, can be no answer's
 * @returns octets of the whole, length included; undefined while that cannot be said; no answer is also one of more than
 *   65,535 octets (errors have 100 to 700, tickets up to 48,000: MaxTokenSize of Windows)
 */
export function lengthOfPrefixed(
  octets: Uint8Array,
  whyNot: (message: Uint8Array, length: number) => string | undefined,
): AnswerLength {
  const [first = 0, second = 0, third, fourth] = octets
  // Whatever is longer, or has the reserved bit set, has one of the upper 16 bits set.
  if (first !== 0 || second !== 0) {
    const said = (first * 256 + second) * 65_536 + (third ?? 0) * 256 + (fourth ?? 0)
    return fourth === undefined ? noAnswer(`the length is over ${mostLength}`) : badLength(said, `over ${mostLength}`)
  }
  if (third === undefined || fourth === undefined) return undefined
  const length = third * 256 + fourth
  const whole = kerberosPrefixLength + length
  if (length === 0) return noAnswer('the length is 0')
  const why = whyNot(octets.subarray(kerberosPrefixLength, whole), length)
  return why === undefined ? whole : noAnswer(why)
}

const mostLength = 65_535

/** A field of a SEQUENCE, `[n]`, with what it holds. */
export function field(number: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return encoded(tags.context(number), ...contents)
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return encoded(tags.sequence, ...contents)
}

/** A message, `[APPLICATION n]`: its fields in their order. */
export function message(number: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return encoded(tags.application(number), sequence(...fields))
}

/** KerberosFlags (§5.2.8): 32 bits of which the first is the highest. */
export function kerberosFlags(bits: number): Uint8Array {
  const octets = new Uint8Array(5)
  // The first octet counts the bits that are not used.
  new DataView(octets.buffer).setUint32(1, bits)
  return encoded(tags.bitString, octets)
}

export function kerberosString(text: string): Uint8Array {
  return encoded(tags.generalString, new TextEncoder().encode(text))
}

export function principalName(type: number, ...parts: readonly string[]): Uint8Array {
  return sequence(field(0, encodedInteger(type)), field(1, sequence(...parts.map(kerberosString))))
}

/** EncryptedData (§5.2.9) without the number of the key. */
export function encryptedData(encryptionType: number, cipher: Uint8Array): Uint8Array {
  return sequence(field(0, encodedInteger(encryptionType)), field(2, encoded(tags.octetString, cipher)))
}

/** @throws RangeError when the realm is empty or longer than a name of the DNS */
export function checkRealm(realm: string): void {
  const { length } = new TextEncoder().encode(realm)
  if (length < 1 || length > longestRealm) {
    throw new RangeError(`a realm has 1 to ${longestRealm} octets, not ${length}`)
  }
}

/** The fields of a message by their numbers: the contents of each `[n]`; undefined when it is not that message. */
export function fieldsOf(octets: Uint8Array, number: number): ReadonlyMap<number, Element> | undefined {
  const [outer] = elements(octets, 0, octets.length)
  if (outer?.tag !== tags.application(number)) return undefined
  const [inner] = elements(octets, outer.from, outer.to)
  return inner?.tag === tags.sequence ? numbered(octets, inner) : undefined
}

/** What each `[n]` of a SEQUENCE holds; of two with the same number the first counts. */
function numbered(octets: Uint8Array, { from, to }: Element): ReadonlyMap<number, Element> {
  const fields = new Map<number, Element>()
  for (const { tag, from: start, to: end } of elements(octets, from, to)) {
    const number = tag - tags.context(0)
    const [held] = elements(octets, start, end)
    // Numbers from 31 on have tags of several octets, which no message uses.
    if (number >= 0 && number < 31 && held !== undefined && !fields.has(number)) fields.set(number, held)
  }
  return fields
}

/** The number that a field holds; undefined when there is no such field, or no INTEGER in it. */
export function numberIn(octets: Uint8Array, held: Element | undefined): number | undefined {
  return held?.tag === tags.integer ? integer(octets, held) : undefined
}

/** A KerberosString as a report may show it; undefined when the field is none. */
export function textOf(octets: Uint8Array, { tag, from, to }: Element): string | undefined {
  return tag === tags.generalString ? printableOctets(octets.subarray(from, to), longestName) : undefined
}

/** A PrincipalName as a report may show it, its parts with slashes between them: `krbtgt/CORP.EXAMPLE`. */
export function nameOf(octets: Uint8Array, principal: Element): string | undefined {
  const parts = principal.tag === tags.sequence ? numbered(octets, principal).get(1) : undefined
  if (parts?.tag !== tags.sequence) return undefined
  const texts = elements(octets, parts.from, parts.to)
    .take(mostNameParts)
    .map((part) => textOf(octets, part))
    .toArray()
  return texts.includes(undefined) ? undefined : texts.join('/').slice(0, longestName)
}

/** Words for people as a report may show them, without the line end or zeros that some servers put behind them. */
export function wordsOf(octets: Uint8Array): string {
  const end = octets.findLastIndex((octet) => octet > 0x20) + 1
  return printableOctets(octets.subarray(0, end), longestWords)
}
