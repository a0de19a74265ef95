/** What several rows of the routed network are made of: tasks of the plain client, statements, and ways of packets. */
import { app, client, hops, portal, ports } from './places.ts'
import type { Row } from './row.ts'

export const knockAt = (place: { readonly address: string }, port: number): string => `knock:${place.address}:${port}`
export const shakeAt = (place: { readonly address: string; readonly name: string }, port: number): string =>
  `shake:${place.address}:${port}:${place.name}`

export const toAlternate = `ip daddr ${app.address} tcp dport ${ports.alternate}`
export const oneOfTwo = ['app-web', 'app-alternate', 'portal-alternate'] as const

type Broken = Pick<Row, 'needs' | 'forward' | 'ways' | 'tasks' | 'shows' | 'asks'>

/** One port of the app is broken, and another one is not. */
const onePort = (statement: string, shows: string, needs: Row['needs'] = []): Broken => ({
  needs,
  forward: `${toAlternate} ${statement}`,
  tasks: [knockAt(app, ports.alternate), knockAt(app, ports.https)],
  shows: `${shows}, connected`,
  asks: oneOfTwo,
})

export const portDropped = onePort('drop', 'silence')
export const portReset = onePort('reject with tcp reset', 'ECONNREFUSED', ['reject'])
export const portProhibited = onePort('reject with icmp type admin-prohibited', 'EHOSTUNREACH', ['reject'])

/** Nothing of the portal is reached, as a router says, and the app is. */
const wholePortal = {
  tasks: [knockAt(portal, ports.https), knockAt(app, ports.https)],
  shows: 'EHOSTUNREACH, connected',
  asks: ['app-web', 'portal-web'],
} as const satisfies Broken

export const hostProhibited: Broken = {
  ...wholePortal,
  needs: ['reject'],
  forward: `ip daddr ${portal.address} reject with icmp type admin-prohibited`,
}
export const hostUnreachable: Broken = {
  ...wholePortal,
  needs: ['reject'],
  forward: `ip daddr ${portal.address} reject with icmp type host-unreachable`,
}
export const noRouteOn: Broken = {
  ...wholePortal,
  ways: [
    { on: 'firewall', set: `route add unreachable ${portal.address}/32`, clear: `route del ${portal.address}/32` },
  ],
}

/** A wait that leaves the kernel the time for a keep-alive. */
export const patient = 3000

/** Connections of the client beyond three that stand at once meet this end. */
export const beyondThree = (end: string): Pick<Row, 'forward' | 'sets'> => ({
  forward: `ip saddr ${client.address} tcp flags & (syn | ack) == syn add @counted { ip saddr ct count over 3 } ${end}`,
  sets: 'set counted { type ipv4_addr; flags dynamic; }',
})

type Ways = NonNullable<Row['ways']>

/** Packets from the servers that are larger do not fit the firewall's link towards the client. */
export const narrow = (octets: number): Ways => [
  // What the servers have learnt of the path in another row is forgotten.
  { on: 'cloud', set: 'route flush cache', clear: 'route flush cache' },
  { on: 'firewall', set: `link set in mtu ${octets}`, clear: 'link set in mtu 1500' },
]

/** The client's second interface is up, and what is bound to its address goes out by it. */
export const secondWay: Ways[number] = {
  on: 'client',
  set: `link set ${client.secondDevice} up
route add default via ${hops.bypass} table 77
rule add pref 10 from ${client.second} lookup 77`,
  clear: `rule del pref 10
route flush table 77
link set ${client.secondDevice} down`,
}

/** The same, and the servers are reached by it. */
export const tunnel: Ways = [
  secondWay,
  { on: 'client', set: `route add 10.77.50.0/24 via ${hops.bypass}`, clear: 'route del 10.77.50.0/24' },
]

/** One port of every server is left out of what the tunnel carries. */
export const byPort = (action: string): Ways[number] => ({
  on: 'client',
  set: `route add default via ${hops.firewall} table 78
rule add pref 20 ipproto tcp dport ${ports.alternate} ${action}`,
  clear: `rule del pref 20
route flush table 78`,
})

/** What is asked goes by the firewall, and the answers come by the other router. */
export const answersByBypass: Ways = [
  { on: 'client', set: `link set ${client.secondDevice} up`, clear: `link set ${client.secondDevice} down` },
  {
    on: 'cloud',
    set: `route replace 10.77.1.0/24 via ${hops.backByBypass}`,
    clear: `route replace 10.77.1.0/24 via ${hops.backByFirewall}`,
  },
  {
    on: 'bypass',
    set: `route add ${client.address}/32 via ${client.second}`,
    clear: `route del ${client.address}/32`,
  },
]
