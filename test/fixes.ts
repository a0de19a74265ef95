import assert from 'node:assert/strict'
import type { CauseCode } from '../src/model/cause.ts'
import { portText } from '../src/model/flow.ts'
import type { FlowReport } from '../src/model/report.ts'
import { told } from './faultTold.ts'

/** Sources of regular expressions for what stands around a flow, as the network of the test has it. */
export interface Around {
  /** The address of who asks, and its host in the words of the site, where no connection has told the address. */
  readonly from: string
  readonly here: string
  /** Devices on the way that have their say. */
  readonly devices?: string
  /** Resolvers that are asked, and proxies that are gone out through, with their ports. */
  readonly resolver?: string
  readonly proxy?: string
}

/** What remedies name, ready for a regular expression. */
interface Words extends Required<Around> {
  /** The host by the site's word for it, and by the name that is asked for. */
  readonly host: string
  readonly name: string
  readonly address: string
  /** The port that is dialled, and the one that the plan has. */
  readonly port: string
  readonly planned: string
  readonly place: string
  readonly transport: string
  /** The rule that lets the flow pass. */
  readonly allow: string
  readonly owner: string
  readonly isCertain: boolean
}

/** For each cause that a fault of these networks has: all that its remedy may be, from its first word to its last. */
const fixes: Readonly<Partial<Record<CauseCode, (words: Words) => readonly string[]>>> = {
  'no-local-network': () => ['bring up the network of this machine: link, address and default route'],
  'clock-wrong': () => ["set this machine's clock by its time source"],

  'name-missing': ({ name }) => [
    `create the address record of ${name} in its zone, or correct the name`,
    `correct the CNAME record of \\S+: it leads back to ${name}`,
  ],
  'resolver-unreachable': ({ here, resolver }) => [
    `start the DNS service, or allow udp and tcp ${here} -> ${resolver}`,
  ],
  'forwarding-fails': ({ resolver }) => [
    `on ${resolver} put forwarders that answer in the place of those that do not, and let it reach them \\(udp and tcp \\S+ -> FORWARDER:53\\), or let it go by the root hints`,
  ],
  'dns-tcp-blocked': ({ place, resolver }) => [
    `allow tcp to (${resolver}|${place}); if it does not listen there, let it`,
  ],
  'split-brain-override': ({ name, resolver }) => [
    `remove the record or zone that answers for ${name} on ${resolver}, or forward the name`,
  ],
  'dns-tampered': ({ here, resolver }) => [
    `take what answers DNS off the path between ${here} and ${resolver}`,
    `take the redirection of port 53 off the path between ${here} and ${resolver}, or correct what it answers`,
  ],
  'srv-incomplete': () => [
    '(create the address record of \\S+, or delete the service records of a domain controller that is gone: )?on each domain controller: nltest /dsregdns; let the zone take secure dynamic updates',
    'on each domain controller that is to serve \\S+: nltest /dsregdns, and see that AutoSiteCoverage is not turned off where the site has no controller of its own; let the zone take secure dynamic updates',
  ],
  'stale-record': ({ name }) => [
    `delete the old address record of ${name}, let it register again \\(ipconfig /registerdns\\), and turn on scavenging(; if it is meant as an alias of \\S+, make it one \\(CNAME\\))?`,
  ],
  'resolver-filters': ({ name, resolver }) => [
    `(read the log of ${resolver} for ${name}; if it filters the name, )?allow ${name} in the filter of ${resolver}`,
  ],
  'resolver-slow': ({ resolver }) => [
    `start the DNS service on ${resolver}, allow udp and tcp 53 to it, or take it out of the list of resolvers`,
    'take dead forwarders out of the resolver, or name a nearer one first',
  ],

  'no-route': ({ address, devices }) => [
    `(on ${devices} or behind it: )?add or mend the route to ${address}, or bring the host up`,
    `add or mend the route of ${devices} to ${address}, or bring the host up`,
    `mend the routes of ${devices} and its neighbours, which send packets for ${address} to each other`,
  ],
  'split-tunnel-excludes': ({ place }) => [
    `add ${place} to what the VPN or the routing policy sends by \\d+\\.\\d+\\.\\d+\\.\\d+`,
  ],
  'asymmetric-path': ({ host, owner }) => [
    owner === 'host'
      ? `lead the answers of ${host} back by the way that the questions take, or let this machine take them as they come \\(rp_filter=2 on Linux\\); see that its own firewall lets them in`
      : 'make both directions pass the same firewall, or translate the source on it; until then look for a counter of invalid packets there',
  ],

  'filtered-silently': ({ allow, devices, host, owner }) => [
    owner === 'host'
      ? `(start AD Web Services on ${host} \\(Start-Service ADWS\\), or ask a domain controller that has them; if they run, |remove what this machine's own filter has for outgoing connections, so that it reads: )${allow}`
      : `(on ${devices} or behind it: )?${allow}`,
  ],
  'refused-by-host': ({ host, place }) => [
    `start .+ on ${host} so that it listens on ${place}; if it does, its own firewall refuses`,
  ],
  'refused-by-firewall': ({ allow, devices, here, proxy }) => [
    `(on ${devices}: )?(${allow}|allow tcp ${here} -> ${proxy})`,
    `${allow}, with what is said on it: an intrusion prevention or an application filter ends it`,
  ],
  refused: ({ allow, host, place }) => [`start .+ on ${host} so that it listens on ${place}; if it does, ${allow}`],
  'admin-prohibited': ({ allow, devices, here, owner, place, proxy, transport }) => [
    `(on ${devices}: )?(${allow}|allow tcp ${here} -> ${proxy})`,
    ...(owner === 'host'
      ? [`remove the local filter or prohibit route, so that it reads: allow ${transport} ${here} -> ${place}`]
      : []),
  ],
  'udp-only-filtered': ({ allow, devices, host, port }) => [
    `(on ${devices} or behind it: )?${allow}${port === '53' ? '' : `(; on ${host}, see that its time service runs and may answer)?`}`,
  ],
  'wrong-target-dnat': ({ name, place }) => [
    `correct the translation of ${place}: it leads to another machine than ${name}`,
  ],
  'pmtu-black-hole': () => [
    'let ICMP fragmentation-needed \\(type 3, code 4\\) pass every filter on the way, or clamp the MSS where the path narrows',
  ],
  'connection-limit': ({ host }) => [
    `raise the limit of connections of one source on the firewall, the load balancer or ${host} itself`,
    `raise the limit of new connections a second of one source on the firewall, the load balancer or ${host} itself, or let what opens them keep them open`,
  ],
  'idle-cut': () => [
    'raise the idle time-out for this flow over 300 s on every firewall and load balancer of the path, or turn on keep-alives',
  ],
  'payload-dropped': ({ from, host }) => [
    `exempt ${from} to ${host} from the intrusion prevention that drops the content`,
  ],

  'proxy-required': ({ here, host, planned }) => [
    `send it through the proxy: name ${here} under used-by of egress in the site file, and set the proxy for the service \\(WinHTTP, machine\\.config\\); or let ${here} out to ${planned}/tcp on ${host}`,
  ],
  'proxy-auth': ({ name }) => [
    `exempt ${name}\\S* from authentication on the proxy(: services send no credentials|, since services send no credentials; or name some for Basic in the site file)`,
  ],
  'proxy-name-denied': ({ name }) => [`allow ${name} on the proxy`],
  'proxy-port-denied': ({ port }) => [
    `allow CONNECT to port ${port} on the proxy \\(on squid SSL_ports and Safe_ports\\)`,
  ],
  'proxy-dns': () => ['mend the resolver that the proxy uses'],
  'proxy-dead': ({ here, isCertain, proxy }) => [
    // Of silence nobody knows whether the proxy is away, or the way to it is shut.
    `bring the proxy up, ${isCertain ? '' : `allow tcp ${here} -> ${proxy}, `}or give this machine one that works: proxies: of the site file, WinHTTP, machine\\.config`,
  ],
  'proxy-unreachable-target': ({ host, planned }) => [`let the proxy itself out to ${planned}/tcp on ${host}`],
  'upgrade-stripped': ({ name }) => [
    passesUpgrade(name),
    `let the proxy pass Upgrade and Connection for ${name}, or do not inspect it`,
  ],
  'captive-portal': () => ['sign in on the page, or exempt this machine from the portal'],

  'interception-trusted': ({ name }) => [`exempt ${name}\\S* from TLS inspection`],
  'interception-untrusted': ({ name }) => [`exempt ${name}\\S* from TLS inspection`],
  'interception-partial': ({ name }) => [`exempt ${name} from TLS inspection`],
  'sni-filter': ({ host, name }) => [
    `allow ${name} in the application or URL rules of the firewall(; if none names it, add the binding on ${host})?`,
  ],
  'big-clienthello': () => [
    'update the device that reads the ClientHello; until then turn the hybrid key share off on the clients( that have it)?',
  ],
  'tls-version': ({ host }) => [`enable TLS 1\\.2 or later on ${host}`],
  'tls-parameters': ({ host }) => [
    `enable X25519 or P-256 on ${host}: services on Windows offer nothing newer`,
    `enable ECDHE suites with AES-GCM, the groups X25519 or P-256, and a key of at least 2048 bits on ${host}`,
  ],
  'cert-expired': ({ name }) => [`renew the certificate of "${name}" and restart the service that serves it`],
  'cert-not-yet-valid': ({ name }) => [
    `check the clock of the CA, then issue the certificate of "${name}" anew or wait for its begin`,
  ],
  'name-mismatch': ({ name }) => [
    `issue the certificate with ${name}, or correct the binding that picks it, or the record or translation \\(NAT\\) that leads there`,
    `issue the certificate with a subjectAltName DNS:${name}, or correct the binding that picks it`,
  ],
  'chain-incomplete': ({ host }) => [`let ${host} send its intermediate certificates with the leaf`],
  'root-missing': ({ host }) => [
    'name the CA under trust\\.certificates if it is yours, and install its root in the store of the clients',
    `give ${host} a certificate of a CA that its clients trust`,
  ],
  'wrong-key-usage': ({ host, name }) => [
    `issue a certificate for "${name}" with serverAuth \\(1\\.3\\.6\\.1\\.5\\.5\\.7\\.3\\.1\\) in its extended key usage(, as the template Kerberos Authentication has it)?, and let ${host} present that one`,
  ],
  revoked: ({ name }) => [`replace the certificate of "${name}" and its key: what is revoked stays so`],
  'revocation-unreachable': ({ from, isCertain, owner }) => [
    owner === 'proxy'
      ? 'let the web filter pass plain HTTP to \\S+:80 unchanged and without sign-in: services that check revocation cannot sign in'
      : owner === 'pki'
        ? 'look at what is published at (http://\\S+?(, | and )?)+'
        : `allow tcp ${from} -> \\S+:80${isCertain ? '; if it is, let the server listen there' : ''}`,
  ],
  'crl-stale': () => ['let ".+ CA( \\d)?" publish anew \\(certutil -CRL\\), and mend the job that should have'],
  'mtls-terminated': ({ host }) => [
    `let every load balancer and proxy before ${host} pass TLS through on 49443; on the farm, netsh http show sslcert has to say: Negotiate Client Certificate : Enabled`,
  ],

  'not-the-service': ({ host, name, port }) => [
    `correct the port, (the protocol that ${host} speaks on ${port}|what ${host} has behind ${port}), or the translation \\(NAT\\) that leads there`,
    `turn on SMB 2 and 3 on ${host} .+; what knows SMB 1 alone is to be replaced`,
    `let ${host} hand on to the farm of ${name} .+, or correct the record or the translation \\(NAT\\) that leads to it`,
  ],
  'silent-service': ({ host, name }) => [
    `look at .+ on ${host}: hung, overloaded, or waiting for its own backend(; or correct the port: .+ is usually on \\d+, and something else may listen on \\d+)?`,
    `look at ${host}: hung, or waiting for its own backend; else ${passesUpgrade(name)}`,
  ],
  'rpc-dynamic-blocked': ({ address, from }) => [
    `allow tcp ${from} -> ${address}:49152-65535, or pin the services to fixed ports \\(now .+ on 49\\d+\\) and allow those`,
  ],
  'epm-restricted': ({ address, from }) => [
    `none on the network; that the ports are open is proven from an account that may ask, or read from the rules: tcp ${from} -> ${address}:49152-65535`,
  ],
  'http-page-on-api': ({ host, name }) => [
    `allow ${name} in the web filter, or correct the path`,
    `let the proxy pass ${name} on, without a page of its own`,
    `look at what ${host} hands ${name} on to, or correct the path`,
    `correct the path, or ${passesUpgrade(name)}`,
  ],
  'redirect-loop': ({ name }) => [
    `let the app know that it is reached at https://${name}(:\\d+)?: its proxy has to pass X-Forwarded-Proto, -Host and -Port, and the app has to honour them; or take out one of the rules that send to each other`,
  ],

  'wrong-domain': ({ address, host }) => [
    `correct the address of ${host}, or the domain, in the site file, or the translation \\(NAT\\) of ${address}`,
    `correct the domain \\((\\S+)\\), or the address of ${host}, in the site file; if ${host} is to answer for \\S+ as well, forward that zone there`,
  ],
  'clock-skew': ({ host }) => [
    `set the clock of ${host} by its time source`,
    'give both ends the same time source, and find out by a third clock which of them is wrong',
  ],
  'clock-unsynchronised': ({ host }) => [`give ${host} a time source, and a way to it on 123/udp`],
  'time-refused': ({ from }) => [`allow ${from} on the time server itself \\(chrony: allow, ntpd: restrict\\)`],
  'dc-not-ready': ({ host }) => [
    `let the first replication of ${host} finish, and look at what holds it up: repadmin /showrepl, dcdiag`,
    `let ${host} replicate every domain of the forest, or name another global catalog until then`,
  ],
  'not-a-gc': ({ host }) => [
    `name a global catalog instead of ${host} \\(nltest /dsgetdc:\\S+ /gc\\), or make it one \\(NTDS Settings, Global Catalog\\)`,
  ],
  'wrong-site': ({ from }) => [
    `create a subnet object for the network of \\S+ \\(${from}\\), as the controller sees it behind any NAT, and give it to its site \\(Active Directory Sites and Services\\)`,
  ],
  'reply-url-mismatch': ({ name }) => [
    `let the app send https://${name}:8443/signin-oidc(: its proxy has to pass X-Forwarded-(Proto|Host|Port) \\(or Host unchanged\\), and the app has to honour it)?([;,] or register exactly https://${name}\\S+ for client [0-9a-f-]{36})?`,
  ],
  'wrong-registration': () => [
    'set the client id of the app to [0-9a-f-]{36}, or correct the site file',
    'set the tenant of the app to [0-9a-f-]{36}, or give the app its issuer in the site file',
  ],

  'high-latency': () => [
    'raise the time-outs of the services that use this path; a WAN optimiser must leave TLS alone',
  ],
  'one-bad-node': ({ address, name }) => [
    `mend ${address}, or take it out of the records of ${name}; a rule that lets the others pass has to name it too`,
  ],
  'lossy-path': () => ['look for errors and full queues on the links of this path'],

  // Nothing to mend is known: what is to be asked next.
  undetermined: ({ address, host, port }) => [
    'mend \\d+/tcp first',
    `(ask the same service over TCP; )?capture on both ends while this is asked again: tcpdump -ni any 'host ${address} and port ${port}'`,
    `traceroute -T -p ${port} ${address}, and any other port of the same host`,
    `traceroute -T -p \\d+ ${address}: what keeps TCP from this host keeps datagrams from it as well`,
    'send another name to the same address and port',
    `read the log of ${host}, and repeat over some minutes: postern check .+ --watch`,
    "read the resolver's log for this name, and ask it for another name: SERVFAIL is a dead forwarder, a broken zone, DNSSEC or a filter",
  ],
}

function passesUpgrade(name: string): string {
  return `let the reverse proxy or load balancer before ${name} pass Upgrade and Connection \\(nginx: proxy_http_version 1\\.1 and proxy_set_header Upgrade\\)`
}

/** Causes for which it is written down how they are mended. */
export const fixedCauses: ReadonlySet<string> = new Set(Object.keys(fixes))

/** Whether the remedy of a flow is that of its cause, and names what it has to name. */
export function assertFix(flow: FlowReport, around: Around): void {
  const remedies = flow.cause && fixes[flow.cause]
  assert.ok(remedies !== undefined, `no remedy is written down for ${flow.cause}`)
  const given = flow.fix ?? (flow.cause === 'undetermined' ? flow.nextProbe : undefined)
  const wanted = remedies(wordsOf(flow, around))
  assert.match(given ?? '', new RegExp(`^(${wanted.join('|')})$`), `${told(flow)}\nto be mended so: ${given}`)
}

function wordsOf({ to, owner, confidence, target, direction }: FlowReport, around: Around): Words {
  const { transport } = target
  const port = String(target.port ?? '')
  const address = literal(target.address ?? 'no address')
  const from = `(${around.from})`
  const place = `${address}:${port}`
  // Rules for the internet are by name: addresses there change.
  const ruled = direction === 'outbound-internet' ? (target.pattern ?? target.name) : undefined
  return {
    from,
    here: `(${around.from}|${around.here})`,
    devices: `(${around.devices ?? nothing})`,
    resolver: `(${around.resolver ?? nothing})`,
    proxy: `(${around.proxy ?? nothing})`,
    host: anyOf(to, target.name),
    name: anyOf(target.pattern, target.name),
    address,
    port,
    planned: portText(target) ?? '',
    place,
    transport,
    allow: `allow ${transport} ${from} -> ${ruled === undefined ? place : `${literal(ruled)}:${port}`}`,
    owner: owner ?? '',
    isCertain: confidence === 'certain',
  }
}

/** Matches nothing. */
const nothing = '(?!)'

export const anyOf = (...words: readonly (string | undefined)[]): string =>
  `(${words.flatMap((word) => (word === undefined || word === '' ? [] : [literal(word)])).join('|') || nothing})`

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
