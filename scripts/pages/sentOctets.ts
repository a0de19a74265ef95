import type { Pki } from '../../src/lab/servers/pki.ts'
import type { RegisteredProbe } from '../../src/probes/index.ts'
import { helloRandom } from './helloRandom.ts'
import { recordedTalk } from './recordedTalk.ts'
import type { Talk } from './talks.ts'

/** Why an octet is another one each time: it is random, or it is a letter in large or small as chance has it. */
type Random = 'octet' | 'case'

/** One message as it leaves: what is the same each time, and where each octet is another one. */
export interface SentMessage {
  readonly octets: Uint8Array
  /** By position, of those that are not the same each time. */
  readonly random: readonly (Random | undefined)[]
}

/** What is random is this octet all over, once each: every bit of it is another one in one of them. */
const randoms = [0x2d, 0x52, 0xad] as const

/** What a probe really sends in a talk, message by message. */
export async function sentBy(probe: RegisteredProbe, talk: Talk, pki: Pki): Promise<readonly SentMessage[]> {
  const runs: (readonly Uint8Array[])[] = []
  for (const random of randoms) runs.push(await recordedTalk(probe, talk, random, pki))
  const [first = [], ...others] = runs
  return first.map((octets, at) => {
    // The randomness of TLS is that of Node, and the same octet by chance now and then: where it stands is known.
    const inHello = helloRandom(octets)
    if (inHello !== undefined) {
      return { octets, random: Array.from(octets, (_, position) => (inHello.has(position) ? 'octet' : undefined)) }
    }
    const alike = others
      .flatMap((messages) => messages.slice(at, at + 1))
      .filter(({ length }) => length === octets.length)
    const random = Array.from(octets, (octet, position) => differenceOf([octet, ...alike.map((o) => o[position] ?? 0)]))
    return { octets, random }
  })
}

function differenceOf(octets: readonly number[]): Random | undefined {
  if (new Set(octets).size === 1) return undefined
  const small = new Set(octets.map((octet) => String.fromCharCode(octet).toLowerCase()))
  return small.size === 1 ? 'case' : 'octet'
}

/** Octets as lines that a person compares with a capture: text where they are text, else sixteen a line. */
export function dump({ octets, random }: SentMessage): string {
  const isText = octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a)
  if (isText) {
    const text = Array.from(octets, (octet, at) => (random[at] ? 'x' : String.fromCharCode(octet))).join('')
    return text.replaceAll('\r\n', '\n').trimEnd()
  }
  const lines: string[] = []
  for (let at = 0; at < octets.length; at += 16) {
    const row = Array.from(octets.subarray(at, at + 16), (octet, column) => ({
      octet,
      random: random[at + column],
    }))
    const digits = row.map((one) => (one.random ? 'xx' : one.octet.toString(16).padStart(2, '0'))).join(' ')
    const text = row.map((one) => textOf(one.octet, one.random)).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${digits.padEnd(47)}  ${text}`.trimEnd())
  }
  return shortened(lines).join('\n')
}

function textOf(octet: number, random: Random | undefined): string {
  if (random === 'octet') return ' '
  const text = octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.'
  return random === 'case' ? text.toLowerCase() : text
}

/** Lines of nothing but random octets are told by their number. */
function shortened(lines: readonly string[]): readonly string[] {
  const isRandom = (line: string): boolean => /^[0-9a-f]{4} {2}(xx ){15}xx$/.test(line)
  return lines.flatMap((line, at) => {
    if (!isRandom(line)) return [line]
    if (at > 0 && isRandom(lines[at - 1] ?? '')) return []
    const run = lines.slice(at).findIndex((each) => !isRandom(each))
    return [`${line.slice(0, 4)}  ${(run === -1 ? lines.length - at : run) * 16} random octets`]
  })
}
