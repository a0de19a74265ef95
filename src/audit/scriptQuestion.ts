import type { AddressRange } from '../firewall/addresses.ts'
import type { AskedFlow } from '../firewall/judged.ts'
import { rangeTexts } from '../firewall/rangeText.ts'
import { formatAddress } from '../model/cidr.ts'
import { bracketed } from '../model/hostPort.ts'

/** What a proxy script is asked about one flow: the requests that stand for it, and who makes them. */
export interface ScriptQuestion {
  readonly device: string
  /** Several where a flow is about many names, addresses or ports: all must be answered alike. */
  readonly urls: readonly string[]
  readonly source: readonly AddressRange[]
}

/** By which an answer is found again. */
export function questionKey({ device, urls, source }: ScriptQuestion): string {
  return [device, ...urls, ...rangeTexts(source)].join('\n')
}

/**
 * The requests of a browser that stand for a flow. Of a pattern they are for the name by which it is dialled and for one
 * that nobody expects; of many addresses or ports for the first and the last.
 *
 * @param dialled the name that is dialled, where a pattern is required
 */
export function scriptQuestion(device: string, asked: AskedFlow, dialled?: string): ScriptQuestion {
  const { ports, request, source } = asked
  const scheme = request === 'plain' ? 'http' : 'https'
  const numbers = new Set(ports.flatMap(({ first, last }) => [first, last]))
  const urls = hostsOf(asked, dialled).flatMap((host) =>
    [...numbers].flatMap((port) => {
      const url = URL.parse(`${scheme}://${bracketed(host)}:${port}/`)
      return url === null ? [] : [url.href]
    }),
  )
  return { device, urls: [...new Set(urls)], source }
}

/** A label that no rule for a name of its own speaks of. */
const anyLabel = 'any'

function hostsOf({ name, destination = [] }: AskedFlow, dialled: string | undefined): readonly string[] {
  if (name === undefined) {
    const [range] = destination
    return range === undefined ? [] : [...new Set([range.first, range.last])].map((value) => textOf(range, value))
  }
  if (!name.includes('*')) return [name]
  return [...(dialled === undefined || dialled.includes('*') ? [] : [dialled]), name.replaceAll('*', anyLabel)]
}

function textOf({ family }: AddressRange, value: bigint): string {
  return formatAddress({ family, value })
}

/** So many machines of one source ask, at most. */
const mostSources = 12

/**
 * Machines that stand for all of a source: of each range some that follow each other, the one in the middle and the
 * last, and those at the edges of the networks that the script has in its text. IPv4, which is what `myIpAddress` gives,
 * before IPv6.
 */
export function sampledSources(source: readonly AddressRange[], script: string): readonly string[] {
  const four = source.filter(({ family }) => family === 4)
  const ranges = four.length > 0 ? four : source
  const found = new Set<string>()
  for (const range of ranges) {
    const { first, last } = range
    const size = last - first + 1n
    // The first and the last address of a network belong to no machine.
    const edge = size > 3n ? 1n : 0n
    const inner = [first + edge, first + edge + 1n, first + size / 2n, last - edge]
    const edges = networksIn(script).flatMap((value) => [value - 2n, value + 1n, value + 2n])
    for (const value of [...inner, ...edges]) {
      if (first <= value && value <= last && (range.family === 4 || inner.includes(value))) {
        found.add(textOf(range, value))
      }
    }
  }
  return [...found].slice(0, mostSources)
}

/** Dotted quads of a text: networks and masks, of which masks are in no source. */
function networksIn(script: string): readonly bigint[] {
  return [...script.matchAll(/\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g)].slice(0, 256).flatMap((match) => {
    const octets = match.slice(1).map(Number)
    return octets.every((octet) => octet <= 255) ? [octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)] : []
  })
}
