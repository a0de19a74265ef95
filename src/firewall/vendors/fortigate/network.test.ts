import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)

const network: readonly FirewallCase[] = [
  {
    says: 'interfaces follow from addresses and routes',
    file: 'interfaces.conf',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'allow',
    by: 'policy 1 (out)',
  },
  {
    says: 'another interface is another policy',
    file: 'interfaces.conf',
    flow: '10.2.0.10 > 20.190.128.1:443/tcp',
    expect: 'drop',
  },
  {
    says: 'a second address of an interface has a network',
    file: 'interfaces.conf',
    flow: '10.1.0.10 > 10.3.0.9:443/tcp',
    expect: 'drop',
  },
  {
    says: 'zones and SD-WAN stand for their members',
    file: 'zones.conf',
    flow: '10.2.0.10 > 20.190.128.1:443/tcp',
    expect: 'allow',
  },
  {
    says: 'where routes are learnt nobody knows where it goes out',
    file: 'learntRoutes.conf',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'a policy route goes before the table, so that nobody knows where it goes out',
    file: 'policyRoute.conf',
    flow: '10.1.0.10 > 20.190.128.1:443/tcp',
    expect: 'may',
  },
  {
    says: 'without a route there is no path',
    file: 'noRoute.conf',
    flow: '10.1.0.10 > 192.0.2.1:443/tcp',
    expect: 'no-path',
  },
  {
    says: 'virtual domains are rule sets of their own',
    file: 'vdoms.conf',
    ruleSet: 'edge-fw/root',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'allow',
  },
  {
    says: 'a policy of one domain does nothing in another',
    file: 'vdoms.conf',
    ruleSet: 'edge-fw/dmz',
    flow: '10.1.0.10 > 10.9.0.1:443/tcp',
    expect: 'drop',
  },
  {
    says: 'a local-in policy guards the device',
    file: 'localIn.conf',
    flow: '192.0.2.7 > 203.0.113.2:443/tcp',
    passage: 'input',
    in: 'port1',
    expect: 'drop',
    by: 'local-in 1',
  },
  {
    says: 'allowaccess opens the device to administrators',
    file: 'localIn.conf',
    flow: '10.1.0.10 > 10.1.0.1:443/tcp',
    passage: 'input',
    in: 'port2',
    expect: 'allow',
  },
  {
    says: 'a multicast policy leads its group',
    file: 'multicast.conf',
    flow: '10.1.0.10 > 239.1.1.1:5000/udp',
    in: 'port2',
    out: 'port3',
    expect: 'allow',
    by: 'multicast 1',
  },
  {
    says: 'other groups are led by no policy for single addresses',
    file: 'multicast.conf',
    flow: '10.1.0.10 > 239.1.1.2:5000/udp',
    in: 'port2',
    out: 'port3',
    expect: 'drop',
  },
]

const translation: readonly FirewallCase[] = [
  {
    says: 'a virtual IP leads to its inner address and port',
    file: 'virtualAddress.conf',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    by: 'policy 1 (publish)',
    becomes: '10.2.0.10:8443',
  },
  {
    says: 'a virtual IP of all ports keeps the port',
    file: 'virtualAddress.conf',
    flow: '192.0.2.7 > 203.0.113.5:25/tcp',
    expect: 'allow',
    becomes: '10.2.0.20',
  },
  {
    says: 'a port that the policy does not have is denied behind the virtual IP',
    file: 'virtualAddress.conf',
    flow: '192.0.2.7 > 203.0.113.5:443/tcp',
    expect: 'drop',
    by: 'implicit deny (policy 0)',
  },
  {
    says: 'a policy for all does not match what a virtual IP translated',
    file: 'acceptVirtual.conf',
    flow: '192.0.2.7 > 203.0.113.5:443/tcp',
    expect: 'drop',
  },
  {
    says: 'a virtual IP that no policy names translates nothing',
    file: 'acceptVirtual.conf',
    flow: '192.0.2.7 > 203.0.113.6:443/tcp',
    in: 'port1',
    expect: 'allow',
    by: 'policy 1 (all)',
  },
  {
    says: 'before 7.2.3 a denying policy skips virtual IPs',
    file: 'deniedVirtualOld.conf',
    flow: '192.0.2.7 > 203.0.113.5:25/tcp',
    expect: 'allow',
    by: 'policy 2 (publish)',
  },
  {
    says: 'from 7.2.4 on a denying policy is asked for virtual IPs',
    file: 'deniedVirtualNew.conf',
    flow: '192.0.2.7 > 203.0.113.5:25/tcp',
    expect: 'drop',
    by: 'policy 1 (block)',
  },
  {
    says: 'of an unknown release it depends on the release',
    file: 'deniedVirtualUnknown.conf',
    flow: '192.0.2.7 > 203.0.113.5:25/tcp',
    expect: 'may',
    dependsOn: /release of FortiOS/,
  },
  {
    says: 'match-vip says it for every release',
    file: 'matchVip.conf',
    flow: '192.0.2.7 > 203.0.113.5:25/tcp',
    expect: 'drop',
    by: 'policy 1 (block)',
  },
  {
    says: 'a balancer leads to its servers',
    file: 'balanced.conf',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    becomes: '10.2.0.11:8443',
  },
  {
    says: 'with central NAT a policy has the inner address',
    file: 'centralNat.conf',
    flow: '192.0.2.7 > 203.0.113.4:443/tcp',
    expect: 'allow',
    by: 'policy 1',
    becomes: '10.2.0.10',
  },
  {
    says: 'with central NAT other ports of the inner address are denied',
    file: 'centralNat.conf',
    flow: '192.0.2.7 > 203.0.113.4:22/tcp',
    expect: 'drop',
  },
]

firewallCases(read, folder, [...network, ...translation])
