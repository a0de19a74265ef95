import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)

const translation: readonly FirewallCase[] = [
  {
    says: 'a rule has the address before and the zone after translation',
    file: 'destinationNat.xml',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    by: 'published',
    becomes: '10.2.0.10:8443',
  },
  {
    says: 'what no NAT rule matches stays in the outer zone',
    file: 'destinationNat.xml',
    flow: '192.0.2.7 > 203.0.113.4:80/tcp',
    expect: 'drop',
    by: 'by outer zone',
  },
  {
    says: 'the zone of a NAT rule is that of the original destination',
    file: 'natWrongZone.xml',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    becomes: '203.0.113.4',
  },
  {
    says: 'a static translation both ways leads inwards',
    file: 'sourceNat.xml',
    flow: '192.0.2.7 > 203.0.113.6:443/tcp',
    expect: 'allow',
    by: 'in',
    becomes: '10.2.0.20',
  },
]

const routes: readonly FirewallCase[] = [
  {
    says: 'where routes are learnt nobody knows the zone',
    file: 'learntRoutes.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'with two routers nobody knows the zone',
    file: 'twoRouters.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'a route that discards is no path',
    file: 'discard.xml',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    expect: 'no-path',
  },
  {
    says: 'an interface that asks for its address learns the default route',
    file: 'dhcp.xml',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'allow',
    by: 'web',
  },
  {
    says: 'a NAT rule for IPv4 does nothing to IPv6',
    file: 'natFamily.xml',
    flow: '2001:db8:1::1 > [2001:db8::2]:443/tcp',
    in: 'trust',
    out: 'dmz',
    expect: 'allow',
    by: 'six',
    becomes: '2001:db8::2',
  },
]

firewallCases(read, folder, [...translation, ...routes])
