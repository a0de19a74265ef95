import { hops, ports } from './places.ts'
import type { Expected } from './row.ts'
import { beyond, frontPorts, siteByProxy } from './wholeSite.ts'
import type { WholeRow } from './wholeWays.ts'
import { leadHere, socketAt } from './wholeWays.ts'

const tunnelBy = (port: number): string => `tunnel:${hops.firewall}:${port}:${beyond.bus.name}:${ports.https}`

const stripped: Pick<Expected, 'verdict' | 'cause' | 'owner'> = {
  verdict: 'blocked',
  cause: 'upgrade-stripped',
  owner: 'proxy',
}

/** What strips the upgrade to a WebSocket on its way to Service Bus. */
export const upgradeFaults: readonly WholeRow[] = [
  {
    id: 'upgrade-stripped-by-front',
    breaks: 'A reverse proxy of nginx before Service Bus, with its certificate, does not hand on the upgrade.',
    leads: leadHere(ports.https, frontPorts.strips),
    tasks: [socketAt(ports.https), socketAt(ports.http)],
    shows: '426, 101',
    asks: ['bus-socket', 'bus-plain', 'bus-amqps'],
    expect: { flows: ['bus-socket'], ...stripped, confidence: 'likely' },
  },
  {
    id: 'upgrade-stripped-by-squid',
    breaks: 'The firewall leads plain HTTP through squid, which hands on no upgrade.',
    leads: leadHere(ports.http, frontPorts.squidStrips),
    tasks: [socketAt(ports.http), socketAt(ports.https)],
    shows: '426, 101',
    asks: ['bus-socket', 'bus-plain', 'bus-amqps'],
    // What squid hands back no longer says which protocol the server wants.
    expect: { flows: ['bus-plain'], ...stripped, confidence: 'possible' },
  },
  {
    id: 'upgrade-stripped-by-bumping',
    breaks: 'The proxy opens TLS, with an authority that has been rolled out, and hands on no upgrade.',
    site: siteByProxy(frontPorts.squidBumps),
    environment: { NODE_EXTRA_CA_CERTS: '$FOLDER/inspector.pem' },
    tasks: [tunnelBy(frontPorts.squidBumps), socketAt(ports.https)],
    shows: '200, 101',
    asks: ['bus-socket'],
    expect: { flows: ['bus-socket'], ...stripped, confidence: 'likely' },
  },
]

/** What hands it on. */
export const upgradeOddities: readonly WholeRow[] = [
  {
    id: 'front-that-hands-on',
    breaks: 'A reverse proxy of nginx before Service Bus hands on the upgrade, and takes out who asks.',
    leads: leadHere(ports.https, frontPorts.passes),
    tasks: [socketAt(ports.https)],
    shows: '101',
    asks: ['bus-socket'],
  },
  {
    id: 'squid-that-hands-on',
    breaks: 'The firewall leads plain HTTP through squid, which hands on the upgrade, and takes out who asks.',
    leads: leadHere(ports.http, frontPorts.squidPasses),
    tasks: [socketAt(ports.http)],
    shows: '101',
    asks: ['bus-plain'],
  },
  {
    id: 'proxy-that-hands-on',
    breaks: 'Everything goes out by squid, which opens tunnels and looks into none.',
    site: siteByProxy(frontPorts.squidPlain),
    tasks: [tunnelBy(frontPorts.squidPlain)],
    shows: '200',
    asks: ['bus-socket'],
  },
]
