import { parseAddress, parseCidr } from '../model/cidr.ts'
import type { AddressRange } from './addresses.ts'
import { everyAddress } from './addresses.ts'
import type { AskedFlow } from './judged.ts'
import { rangesOfPrefix } from './rangesOfPrefix.ts'
import type { NumberRange } from './ruleset.ts'

/** What was typed, or where and why it is no flow. */
export type ParsedAskedFlow = { readonly ok: AskedFlow } | { readonly error: string; readonly right: string }

const shape = 'SRC[:PORT] > DST:PORT/PROTO, such as 10.1.0.10 > 20.190.128.1:443/tcp'
const transports = ['tcp', 'udp', 'icmp'] as const

/** Where a name is that opens connections; undefined where nothing tells it. */
export type SourceOf = (name: string) => readonly AddressRange[] | undefined

/**
 * Reads a question to a firewall: `SRC[:PORT] > DST:PORT/PROTO`, with `->` for `>` as well. An end is an address, a
 * prefix, `any` (both families), or a name; IPv6 with a port stands in brackets. A port is a number or a range `a-b`.
 * ICMP has no port: `10.1.0.10 > 10.2.0.5/icmp`. Without a protocol it is TCP.
 *
 * A name is asked for by name and goes to addresses that nobody knows; port 80 is asked of a proxy in plain, all else
 * as a tunnel.
 *
 * @param sourceOf where a name is that opens the flow; absent: only addresses open flows
 */
export function parseAskedFlow(text: string, sourceOf?: SourceOf): ParsedAskedFlow {
  const sides = text.split(/-?>/)
  if (sides.length !== 2) return { error: 'it has no ">" between two ends, or several', right: shape }
  const [left = '', right = ''] = sides.map((side) => side.trim())
  const slash = /^(.*)\/([a-z]+)$/i.exec(right)
  const word = slash?.[2]?.toLowerCase() ?? 'tcp'
  const transport = transports.find((known) => known === word)
  if (transport === undefined) {
    return { error: `its protocol is "${word}"`, right: `one of ${transports.join(', ')} behind the slash` }
  }
  const opener = endOf(left)
  const source = opener?.name === undefined ? opener?.ranges : sourceOf?.(opener.name)
  if (opener === undefined || source === undefined || source.length === 0) {
    return opener?.name === undefined || sourceOf === undefined
      ? { error: `"${left}" is no address, prefix or "any"`, right: shape }
      : {
          error: `nothing tells which address "${left}" has`,
          right: 'its address, or give the site file that has it (--site FILE) or a table of names (--names FILE)',
        }
  }
  const target = endOf(slash?.[1]?.trim() ?? right)
  if (target === undefined) {
    const word = /:([a-z][a-z0-9-]*)(?:\/[a-z]+)?$/i.exec(right)?.[1]
    return word === undefined
      ? { error: `"${right}" is no address, prefix, name or "any"`, right: shape }
      : { error: `its port is "${word}"`, right: 'a number from 1 to 65535, or a range such as 49152-65535' }
  }
  if (transport !== 'icmp' && target.ports === undefined) {
    return {
      error: 'the destination has no port',
      right: `it behind a colon, such as ${target.name ?? right}:443`,
    }
  }
  const ports = transport === 'icmp' || target.ports === undefined ? [] : [target.ports]
  return {
    ok: {
      source,
      ...(target.ranges !== undefined && { destination: target.ranges }),
      ...(target.name !== undefined && { name: target.name }),
      transport,
      ports,
      ...(opener.ports !== undefined && { sourcePorts: opener.ports }),
      request: ports.length === 1 && ports[0]?.first === 80 && ports[0].last === 80 ? 'plain' : 'connect',
    },
  }
}

interface End {
  readonly ranges?: readonly AddressRange[]
  readonly name?: string
  readonly ports?: NumberRange
}

function endOf(text: string): End | undefined {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text)
  const bare = bracketed === null && parseAddress(text) === undefined && !('ok' in parseCidr(text))
  const [, host = text, port] = bracketed ?? (bare ? /^([^:]*):(.+)$/.exec(text) : null) ?? []
  const ports = port === undefined ? undefined : portsOf(port)
  if (port !== undefined && ports === undefined) return undefined
  const ranges = rangesOf(host)
  if (ranges !== undefined) return { ranges, ...(ports !== undefined && { ports }) }
  if (!/^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(host)) return undefined
  // Digits and dots alone are a slip in an address, and no name of the internet (RFC 3696 §2).
  if (/^[\d.]+$/.test(host)) return undefined
  return { name: host.toLowerCase().replace(/\.$/, ''), ...(ports !== undefined && { ports }) }
}

function rangesOf(text: string): readonly AddressRange[] | undefined {
  const ranges = text.toLowerCase() === 'any' ? everyAddress().sure : rangesOfPrefix(text)
  return ranges.length === 0 ? undefined : ranges
}

function portsOf(text: string): NumberRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (match === null) return undefined
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return first < 1 || last > 65535 || last < first ? undefined : { first, last }
}
