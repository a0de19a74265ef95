import assert from 'node:assert/strict'
import test from 'node:test'
import type { Play, World } from '../../../test/playWatch.ts'
import { atHost, both, during, inNetwork, minutes, movedTo, stoppedAt, toldIn } from '../../../test/watchWorlds.ts'
import type { CauseCode } from '../../model/cause.ts'

const twoNetworks = movedTo('10.77.6.0/24', ['dc04'])

/** What a router takes with it that is before two networks; or what two faults do that look much like it. */
const bothNetworks = (first: number, second = first, cause: CauseCode = 'no-route'): World =>
  both(during(first, inNetwork('10.9.0.0/24', 'no-route')), during(second, inNetwork('10.77.6.0/24', cause)))

const rows: readonly (Play & { readonly what: string; readonly told: readonly string[] })[] = [
  { what: 'nothing happens', seconds: minutes(30), world: () => undefined, told: [] },
  {
    what: 'a domain controller dies',
    seconds: minutes(20),
    world: during(100, atHost('dc01', 'no-route')),
    told: ['opened host dc01'],
  },
  {
    what: 'a domain controller dies, and is well again after ten minutes',
    seconds: minutes(40),
    world: during(100, atHost('dc01', 'no-route'), 700),
    told: ['opened host dc01', 'recovered host dc01'],
  },
  {
    what: 'a router dies, and whatever is behind it',
    seconds: minutes(20),
    world: during(100, inNetwork('10.9.0.0/24', 'no-route')),
    told: ['opened destination 10.9.0.0/24'],
  },
  {
    what: 'a router dies, and the two networks behind it',
    seconds: minutes(20),
    flows: twoNetworks,
    world: bothNetworks(100),
    told: ['opened destination 10.77.6.0/24 and 10.9.0.0/24'],
  },
  {
    what: 'a router dies, and flows into one network are silent where those into the other find no route',
    seconds: minutes(20),
    flows: twoNetworks,
    world: bothNetworks(100, 100, 'filtered-silently'),
    told: ['opened destination 10.77.6.0/24 and 10.9.0.0/24'],
  },
  {
    what: 'a router dies that says of both networks behind it that it gets no further',
    seconds: minutes(20),
    flows: stoppedAt('10.1.0.1', twoNetworks),
    world: bothNetworks(100),
    told: ['opened gateway 10.1.0.1'],
  },
  {
    what: 'a router dies, is mended, and all behind it with it',
    seconds: minutes(40),
    flows: twoNetworks,
    world: (flow, second) => (second < 700 ? bothNetworks(100)(flow, second) : undefined),
    told: ['opened destination 10.77.6.0/24 and 10.9.0.0/24', 'recovered destination 10.77.6.0/24 and 10.9.0.0/24'],
  },
  {
    what: 'a router dies, and of the second network that is known only when people were told of the first',
    seconds: minutes(20),
    flows: twoNetworks,
    asksSoon: false,
    everySeconds: 120,
    world: bothNetworks(100),
    told: ['opened host dc03', 'worse destination 10.77.6.0/24 and 10.9.0.0/24'],
  },
  {
    what: 'two networks are lost a minute and a half apart: that is not one router',
    seconds: minutes(20),
    flows: twoNetworks,
    world: bothNetworks(100, 190),
    told: ['opened destination 10.9.0.0/24', 'opened host dc04'],
  },
  {
    what: 'two networks are lost at once, one of them answering with refusals: that is not one router',
    seconds: minutes(20),
    flows: twoNetworks,
    world: bothNetworks(100, 100, 'refused-by-host'),
    told: ['opened destination 10.9.0.0/24', 'opened host dc04'],
  },
  {
    what: 'one network is lost, and of the other one host while its others are well',
    seconds: minutes(20),
    flows: movedTo('10.77.6.0/24', ['dc02', 'dc04']),
    world: both(during(100, inNetwork('10.9.0.0/24', 'no-route')), during(100, atHost('dc04', 'no-route'))),
    told: ['opened destination 10.9.0.0/24', 'opened host dc04'],
  },
  {
    what: 'the proxy dies, and a flow to its own port with it',
    seconds: minutes(20),
    world: during(100, ({ on }) =>
      on.via === 'egress' ? 'proxy-dead' : on.host === 'proxy01' ? 'refused-by-host' : undefined,
    ),
    told: ['opened proxy egress'],
  },
  {
    what: 'the resolver dies: whatever needs a name fails',
    seconds: minutes(20),
    world: during(100, ({ on, flow }) =>
      on.resolver !== undefined && flow.target.address === undefined ? 'resolver-unreachable' : undefined,
    ),
    told: ['opened resolver 10.1.0.53:53'],
  },
  {
    what: 'a certificate expires that two ports show',
    seconds: minutes(20),
    world: during(100, ({ on }) => (on.certificate === 'leaf-dc02' ? 'cert-expired' : undefined)),
    told: ['opened certificate leaf-dc02'],
  },
  {
    what: 'one flow is shut by a firewall, and accuses nobody else',
    seconds: minutes(20),
    world: during(100, ({ on, flow }) =>
      on.host === 'dc01' && flow.target.port === 636 ? 'filtered-silently' : undefined,
    ),
    told: ['opened flow f636 connect01 -> dc01:636/tcp'],
  },
  {
    what: 'two ports of a host are shut while its others are well: the host is not accused',
    seconds: minutes(20),
    world: during(100, atHost('dc01', 'filtered-silently', [636, 3269])),
    told: ['opened path connect01 -> dc01'],
  },
  {
    what: 'one port is shut towards every host',
    seconds: minutes(20),
    world: during(100, ({ flow }) => (flow.target.port === 636 ? 'filtered-silently' : undefined)),
    told: ['opened port 636/tcp'],
  },
  {
    what: 'two faults at once are two incidents',
    seconds: minutes(20),
    world: both(
      during(100, atHost('dc01', 'no-route')),
      during(100, ({ on }) => (on.via === 'egress' ? 'proxy-auth' : undefined)),
    ),
    told: ['opened host dc01', 'opened proxy egress'],
  },
  {
    what: 'a host is dead, and the certificate of another one expires meanwhile',
    seconds: minutes(30),
    world: both(
      during(100, atHost('dc01', 'no-route')),
      during(600, ({ on }) => (on.certificate === 'leaf-dc02' ? 'cert-expired' : undefined)),
    ),
    told: ['opened host dc01', 'opened certificate leaf-dc02'],
  },
  {
    what: 'the line outside is cut: the proxy and all names',
    seconds: minutes(20),
    world: during(100, ({ on }) =>
      on.isOutside ? (on.via === undefined ? 'no-route' : 'proxy-unreachable-target') : undefined,
    ),
    told: ['opened destination internet'],
  },
  {
    what: 'this machine loses its network',
    seconds: minutes(20),
    world: during(100, ({ flow }) => (flow.expect === 'open' ? 'no-local-network' : undefined)),
    told: ['opened vantage connect01'],
  },
  {
    what: 'everything fails from here, and no failure says why',
    seconds: minutes(20),
    world: during(100, ({ flow }) => (flow.expect === 'open' ? 'filtered-silently' : undefined)),
    told: ['opened vantage connect01'],
  },
  {
    what: 'a port that must be closed is open',
    seconds: minutes(20),
    world: during(100, ({ flow }) => (flow.expect === 'closed' ? 'undetermined' : undefined)),
    told: ['opened flow f8443 connect01 -> dc01:8443/tcp'],
  },
  {
    what: 'single probes are lost all the time',
    seconds: minutes(120),
    world: (_, second) => (second % 11 < 2 ? 'filtered-silently' : undefined),
    told: [],
  },
]

for (const { what, told, ...play } of rows) {
  test(what, () => {
    assert.deepEqual(toldIn(play).toSorted(), told.toSorted())
  })
}
