import { adfs, client, dc, federation, ports, wap } from './places.ts'
import type { WholeFlowId } from './wholeSite.ts'
import { beyond, certauthSiteText, spare, wholeFlowIds } from './wholeSite.ts'
import type { WholeRow } from './wholeWays.ts'
import { certauth, certificatePort, fromProxy, metadata, ownEntity, socketAt, titleAt, wantsAt } from './wholeWays.ts'

/** What another machine asks for, or this one at a site of another kind. */
const elsewhere: ReadonlySet<WholeFlowId> = new Set(['t4-https', 'adfs-dc', 'adfs-certauth-443'])

/** What the tables open to the client, by hand: the resolver, and Service Bus at 5671, beside them. */
const opened = [
  { to: dc.address, tcp: '53, 88, 135, 389, 445, 636, 3268, 5985, 9389, 49152-65535', udp: '53, 88, 389' },
  { to: adfs.address, tcp: '80, 443, 5985' },
  { to: wap.address, tcp: '80, 443, 5985, 49443' },
  { to: '10.77.50.0/24', tcp: '80, 443, 5671' },
  { to: beyond.resolver, tcp: '53', udp: '53' },
] as const

/** The firewall drops what the client sends beyond that, ICMP with it. */
const nothingElse = [
  ...opened.flatMap(({ to, ...by }) =>
    Object.entries(by).map(
      ([over, list]) => `ip saddr ${client.address} ip daddr ${to} ${over} dport { ${list} } accept`,
    ),
  ),
  `ip saddr ${client.address} drop`,
].join('\n')

const healthyWhole: WholeRow = {
  id: 'whole-site-in-order',
  breaks: 'Nothing: a whole site, whose firewall passes what the tables list and drops the rest.',
  forward: nothingElse,
  tasks: [
    `title:${adfs.address}:${ports.https}:${federation}:${metadata}`,
    titleAt(wap),
    wantsAt(certificatePort),
    wantsAt(ports.https, certauth),
    wantsAt(ports.https),
    socketAt(ports.https),
    socketAt(ports.http),
    `knock:${dc.address}:389`,
    `knock:${dc.address}:3269`,
    `knock:${wap.address}:${spare.otherFarm}`,
  ],
  shows: `${ownEntity}, ${ownEntity}, asked, asked, not asked, 101, 101, connected, silence, silence`,
  asks: wholeFlowIds.filter((id) => !elsewhere.has(id)),
}

const healthyFarm: WholeRow = {
  id: 'federation-server-in-order',
  breaks: 'Nothing: the federation server looks at the domain controller.',
  from: { on: 'adfs', host: 'adfs1' },
  tasks: [`knock:${dc.address}:389`, `knock:${dc.address}:135`],
  shows: 'connected, connected',
  asks: ['adfs-dc'],
}

const healthyCertauth: WholeRow = {
  id: 'certificate-name-in-order',
  breaks: 'Nothing: people sign in with a certificate at a name of its own.',
  site: certauthSiteText,
  tasks: [wantsAt(ports.https, certauth)],
  shows: 'asked',
  asks: ['adfs-certauth-443', 't5-https'],
}

const healthyProxy: WholeRow = {
  id: 'federation-proxy-in-order',
  breaks: 'Nothing: the federation proxy looks at the federation server behind it.',
  from: fromProxy,
  tasks: [titleAt(adfs)],
  shows: ownEntity,
  asks: ['t4-https'],
}

/** Nothing is broken, from each machine that opens connections. */
export const healthySites: readonly WholeRow[] = [healthyWhole, healthyProxy, healthyFarm, healthyCertauth]
