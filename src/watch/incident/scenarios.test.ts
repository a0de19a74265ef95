import assert from 'node:assert/strict'
import test from 'node:test'
import type { Play } from '../../../test/playWatch.ts'
import { atHost, both, during, inNetwork, minutes, toldIn } from '../../../test/watchWorlds.ts'

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
