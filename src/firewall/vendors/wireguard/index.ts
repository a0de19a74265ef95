import type { AddressRange } from '../../addresses.ts'
import { addressesOf } from '../../addresses.ts'
import type { Reader } from '../../reader.ts'
import type { Route, Rule, Stage } from '../../ruleset.ts'
import { doubtsOf, fewDoubts } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { routesPast, tunnelPlace, tunnelPlaces } from '../tunnelRoutes.ts'
import type { WireguardInterface } from './wireguardFile.ts'
import { wireguardFile } from './wireguardFile.ts'

/**
 * Reads WireGuard: files of wg-quick, `wg showconf`, `wg show` and its dump. Each of AllowedIPs is a route into the
 * tunnel, what fits none goes past it, and the tunnel itself takes no packet to and none from other addresses. Of a
 * prefix that several peers have, the last has it.
 *
 * More specific routes of the machine come before those of the tunnel: they are not in the file.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const found = files.map(wireguardFile)
  for (const { understood, unread } of found) {
    statements.understood(understood)
    for (const { span, why } of unread) statements.unread(span, why)
  }
  const interfaces = found.flatMap((file) => file.interfaces)
  const [first] = interfaces
  const coverage = statements.coverage()
  if (first === undefined) return { ruleSets: [], coverage }
  const tables = interfaces.map(routesOf)
  const setsRoutes = tables.every((table) => table.routes !== undefined)
  const routes = setsRoutes ? [...tables.flatMap((table) => table.routes ?? []), ...routesPast(first.span)] : undefined
  const inbound = interfaces.flatMap((each) => filterOf(each, 'in'))
  const outbound = interfaces.flatMap((each) => filterOf(each, 'out'))
  return {
    ruleSets: [
      {
        vendor: 'wireguard',
        name: interfaces.map(({ name }) => name).join(', '),
        stages: [
          stage('AllowedIPs of what leaves', 'postrouting', 'to the tunnel'),
          stage('AllowedIPs of what arrives', 'prerouting', 'from the tunnel'),
        ],
        chains: { 'to the tunnel': outbound, 'from the tunnel': inbound },
        places: tunnelPlaces(new Map(interfaces.map((each) => [tunnelPlace(each.name), each.own]))),
        ...(routes !== undefined && { routes }),
        doubts: [...fewDoubts(tables.flatMap(({ doubts }) => doubts)), ...doubtsOf(coverage.unread)],
      },
    ],
    coverage,
  }
}

function stage(name: string, hook: Stage['hook'], chain: string): Stage {
  const otherwise = { action: 'allow' as const, name: 'not by the tunnel' }
  return { name, hook, kind: 'filter', chain, otherwise, stateful: true, addresses: 'current' }
}

function routesOf(each: WireguardInterface): {
  readonly routes?: readonly Route[]
  readonly doubts: readonly Unknown[]
} {
  const { name, table, peers, addresses, commands } = each
  const doubts = commands.map(
    ({ key, command, span }): Unknown => ({
      kind: 'unread',
      what: `what ${key === 'preup' ? 'PreUp' : 'PostUp'} does in line ${span.line}: ${command}`,
    }),
  )
  if (table === undefined || table === 'off') {
    const why = table === 'off' ? 'Table = off' : 'wg itself sets none'
    return { doubts: [...doubts, { kind: 'place', what: `which routes lead into ${name} (${why})` }] }
  }
  if (table !== 'auto' && table !== 'main' && table !== '254') {
    doubts.push({
      kind: 'packet',
      what: `which packets look into the routing table ${table}, where ${name} has its routes`,
    })
  }
  const out = tunnelPlace(name)
  const byPrefix = new Map<string, Route>()
  for (const { range, span } of addresses) {
    if (range.first !== range.last) byPrefix.set(keyOf(range), { to: range, out, kind: 'unicast', span })
  }
  for (const peer of peers) {
    for (const { range, span } of peer.allowed) {
      byPrefix.set(keyOf(range), { to: range, out, via: `peer ${peer.name}`, kind: 'unicast', span })
    }
  }
  return { routes: [...byPrefix.values()], doubts }
}

function keyOf({ family, first, last }: AddressRange): string {
  return `${family} ${first} ${last}`
}

/** The far end of what goes by the tunnel has to be among AllowedIPs: what leaves is else refused, what arrives dropped. */
function filterOf(each: WireguardInterface, way: 'in' | 'out'): readonly Rule[] {
  const places = { names: [tunnelPlace(each.name)] }
  const allowed = addressesOf(each.peers.flatMap((peer) => peer.allowed.map(({ range }) => range)))
  const end = way === 'in' ? 'source' : 'destination'
  return [
    {
      name: `AllowedIPs of ${each.name}`,
      span: each.peers[0]?.allowed[0]?.span ?? each.span,
      match: { [way]: places, [end]: allowed },
      action: { kind: 'allow' },
      unknowns: [],
    },
    {
      name: `no peer of ${each.name} has the address`,
      span: each.span,
      match: { [way]: places },
      action: { kind: way === 'in' ? 'drop' : 'reject' },
      unknowns: [],
      implied: true,
    },
  ]
}
