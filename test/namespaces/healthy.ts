import { app, client, portal, ports } from './places.ts'
import type { Row } from './row.ts'
import { beyondThree, knockAt, narrow, patient, secondWay, shakeAt } from './ways.ts'

/** What is odd, or broken elsewhere, and breaks none of the flows that are asked for. */
export const healthy: readonly Row[] = [
  {
    id: 'as-it-should-be',
    breaks: 'Nothing.',
    tasks: [shakeAt(app, ports.https), shakeAt(portal, ports.https), 'ask:udp', 'ask:tcp'],
    shows: 'handshake, handshake, answer, connected',
    asks: ['app-web', 'app-alternate', 'app-port', 'app-plain', 'portal-web', 'names-udp', 'names-tcp'],
  },
  {
    id: 'icmp-blocked',
    breaks: 'The firewall drops every ICMP message.',
    forward: 'ip protocol icmp drop',
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    asks: ['app-web', 'app-plain', 'app-port', 'names-udp'],
  },
  {
    id: 'narrow-path',
    breaks: 'A link takes 1400 octets, and path MTU discovery works.',
    ways: narrow(1400),
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    leaves: { on: 'cloud', command: `ip route get ${client.address} from ${app.address}`, mark: / mtu 1400 / },
    asks: ['app-web', 'app-plain', 'app-port'],
  },
  {
    id: 'other-ports-rejected',
    breaks: 'The firewall prohibits every port but those that are used.',
    needs: ['reject'],
    forward: `ip saddr ${client.address} tcp dport != { ${ports.https}, ${ports.http} } reject with icmp type admin-prohibited`,
    tasks: [knockAt(app, ports.alternate), shakeAt(app, ports.https)],
    shows: 'EHOSTUNREACH, handshake',
    asks: ['app-web', 'app-plain', 'portal-web'],
  },
  {
    id: 'slow-line',
    breaks: 'The line to the client carries a megabit a second.',
    needs: ['token bucket'],
    shapes: { on: 'firewall', device: 'in', rate: 'rate 1mbit burst 4kb latency 400ms' },
    tasks: [shakeAt(app, ports.https), `get:${app.address}:80:/large`],
    shows: 'handshake, 20000 octets',
    leaves: { on: 'firewall', command: 'tc qdisc show dev in', mark: /^qdisc tbf .* rate 1Mbit / },
    asks: ['app-web', 'app-alternate', 'app-plain', 'portal-web', 'names-udp'],
  },
  {
    id: 'limit-that-waits',
    breaks:
      'The firewall drops connections of one source beyond three: those knock again after a second and get through.',
    needs: ['connection count'],
    ...beyondThree('drop'),
    tasks: [`crowd:${app.address}:${ports.https}:6`, knockAt(app, ports.https)],
    shows: '3 of 6 connected, connected',
    asks: ['app-web', 'app-alternate', 'app-third', 'portal-web', 'portal-alternate'],
    timeoutMs: patient,
  },
  {
    id: 'held-and-remembered',
    breaks: 'Nothing, and connections are held for a while.',
    tasks: [`hold:${app.address}:${ports.tcp}:1000`],
    shows: 'left',
    asks: ['app-port', 'app-plain', 'app-web'],
    idleSeconds: 1,
  },
  {
    id: 'second-interface',
    breaks: 'The client has a second interface, with a way of its own, that nothing usually takes.',
    ways: [secondWay],
    tasks: [shakeAt(app, ports.https)],
    shows: 'handshake',
    asks: ['app-web', 'app-plain', 'portal-web', 'names-udp'],
  },
]
