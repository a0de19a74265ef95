import type { CauseCode, CauseLayer, Owner } from '../model/cause.ts'
import type { VerdictKind } from '../model/verdict.ts'

/** One cause as `postern explain` tells it. The verdict follows from the cause, never from the flow. */
export interface CauseRow {
  readonly layer: CauseLayer | 'none'
  /** What a flow with this cause is: the contract's "verdict by cause". */
  readonly verdict: VerdictKind
  /** Whose turn it usually is; a judgement names another owner when the evidence does. */
  readonly owner: Owner
  readonly meaning: string
  /** What the wire, or a product's log, shows. */
  readonly looksLike: string
  /** The comparison that separates it from causes that look alike. */
  readonly toldApartBy: string
  readonly fix: string
  /** What to run or read next. */
  readonly next: string
}

type Told = Pick<CauseRow, 'meaning' | 'looksLike' | 'toldApartBy' | 'fix' | 'next'>

const row =
  (layer: CauseRow['layer'], usual: VerdictKind) =>
  (owner: Owner, told: Told, verdict: VerdictKind = usual): CauseRow => ({ layer, verdict, owner, ...told })

const host = row('host', 'blocked')
const name = row('name', 'blocked')
const route = row('route', 'blocked')
const transport = row('transport', 'blocked')
const proxy = row('proxy', 'blocked')
const tls = row('tls', 'blocked')
const protocol = row('protocol', 'blocked')
const identity = row('identity', 'blocked')
const time = row('time', 'degraded')

/** Every cause that a verdict can carry, with what is to be said about it. */
export const causeRows: Readonly<Record<CauseCode, CauseRow>> = Object.freeze({
  'no-local-network': host('host', {
    meaning: 'This machine has no working network: no link, no address or no default route.',
    looksLike:
      'Every connection fails at once with ENETUNREACH or ENETDOWN, to every host and port, before anything is sent.',
    toldApartBy:
      'One connection to any other host: if it works, the machine is on the network and the fault is further out.',
    fix: 'Bring up the interface, its address and its default route.',
    next: 'Read the routing table of this machine (ip route, route print), then run the check again.',
  }),
  'tool-limit': host(
    'tool',
    {
      meaning:
        'Postern itself could not ask: no free local port, no free file descriptor, a right that it lacks, or a fault of its own.',
      looksLike: 'EADDRNOTAVAIL, EMFILE or EPERM from the local system; nothing reached the wire.',
      toldApartBy:
        'The same question asked alone, a minute later: a limit of the tool goes away, a fault on the path stays.',
      fix: 'Ask less at once (--concurrency 32), raise the limit of open files (ulimit -n 1024), or give the right that is named.',
      next: 'postern doctor says what this machine lets Postern know.',
    },
    'unknown',
  ),
  'clock-wrong': host('host', {
    meaning: "This machine's clock is wrong, so good certificates and tickets look expired or not yet valid.",
    looksLike:
      'Certificates of unrelated names are out of date all at once; the Date fields of unrelated servers agree with each other and not with this machine.',
    toldApartBy:
      'A second, unrelated clock. One expired certificate is that certificate, and so are two of one CA; two of unrelated CAs are the clock.',
    fix: 'Point the time service of this machine at its source (w32tm /resync, chronyc makestep).',
    next: 'postern doctor compares the clock with those that it can see.',
  }),

  'name-missing': name('dns', {
    meaning: 'The name does not exist, or has no address, in the zone that this machine is given.',
    looksLike: 'NXDOMAIN (RCODE 3), or an answer without A and AAAA records.',
    toldApartBy:
      'The zone says so itself (AA flag), or a second resolver says the same. A resolver alone may be filtering the name.',
    fix: 'Create the record in the zone, or correct the name in the configuration.',
    next: 'Ask a name server of the zone directly: postern check dns://SERVER/ZONE.',
  }),
  'resolver-unreachable': name('dns', {
    meaning: 'The resolver that this machine uses does not answer.',
    looksLike:
      'Queries to port 53 of the resolver run to their limit over UDP and TCP, or are refused; everything that needs a name fails.',
    toldApartBy: 'A second resolver answers the same question from the same machine.',
    fix: 'Start the DNS service, or allow udp and tcp 53 from this machine to the resolver.',
    next: 'postern check dns://RESOLVER for each resolver of this machine.',
  }),
  'forwarding-fails': name('dns', {
    meaning: 'The resolver answers for the zone that it serves, and gets no answer for what it has to ask others for.',
    looksLike:
      'Names of the domain resolve; unrelated names outside all give SERVFAIL or run to their limit at the same resolver.',
    toldApartBy:
      'A name of the domain and a second, unrelated name outside, both put to the same resolver. One name outside that it gives shows that it gets out.',
    fix: 'On the resolver replace the forwarders that do not answer, and allow udp and tcp 53 from it to them, or let it go by the root hints.',
    next: 'List the forwarders (Get-DnsServerForwarder) and ask each from the resolver: postern check dns://FORWARDER.',
  }),
  'dns-tcp-blocked': name('firewall', {
    meaning: 'DNS works over UDP and not over TCP; long answers (many SRV or TXT records, DNSSEC) are lost.',
    looksLike: 'UDP answers, perhaps with TC set; the same question over TCP times out or is refused.',
    toldApartBy: 'The same question over both transports to the same resolver.',
    fix: 'Allow tcp 53 to the resolver; RFC 7766 makes TCP a part of DNS, not a zone transfer matter only.',
    next: 'Ask over TCP for a long answer, such as the SRV set of _ldap._tcp in the domain.',
  }),
  'split-brain-override': name(
    'dns',
    {
      meaning:
        'An internal zone or host record answers for a name that is served elsewhere, and points to the wrong place.',
      looksLike:
        'The internal resolver gives another address, often a private one, than resolvers outside; the certificate there is of another name.',
      toldApartBy:
        'A control resolver, and the certificate at the internal address. Different addresses with a valid certificate on both are ordinary load balancing.',
      fix: 'Remove the internal zone or record, or forward the name to a resolver that knows the real one.',
      next: 'Look for a zone or a hosts-file line of that name on the internal DNS servers.',
    },
    'wrong',
  ),
  'dns-tampered': name('network', {
    meaning: 'Something on the path answers DNS in the place of the resolver that was asked.',
    looksLike:
      'The answer comes from another address, does not repeat the question, or two answers arrive for one question.',
    toldApartBy:
      'The same question to an address where no resolver is (192.0.2.1, RFC 5737): what answers stands on the way; and over TCP, which is harder to forge.',
    fix: 'Take the DNS redirection off the path, or ask over TCP or an encrypted transport.',
    next: "Capture port 53 on this machine and look at the answers' source addresses.",
  }),
  'srv-incomplete': name('dns', {
    meaning: 'The domain resolves, but service records that clients use to find domain controllers are missing.',
    looksLike:
      'SOA and A records answer; _ldap._tcp.dc._msdcs, _kerberos._tcp or _gc._tcp give NXDOMAIN, or name hosts that have no address. Where the records of the site of this machine do (_ldap._tcp.SITE._sites), the verdict is degraded: clients fall back on those of the domain.',
    toldApartBy: 'The same server answers for other records of the same zone with authority.',
    fix: 'On each domain controller: nltest /dsregdns, or restart Netlogon; let the zone accept secure dynamic updates.',
    next: 'Compare the SRV sets of every DNS server of the domain: dcdiag /test:dns.',
  }),
  'stale-record': name('dns', {
    meaning: 'The name points to an address that another machine has today.',
    looksLike:
      'The connection works, but the host that answers calls itself by another name (rootDSE dnsHostName, certificate).',
    toldApartBy: 'What the host says of itself against the name that was asked for.',
    fix: 'Delete the old record, let the right host register, and turn on scavenging.',
    next: 'Read the timestamp of the record in the DNS console.',
  }),
  'resolver-filters': name('dns', {
    meaning: 'This resolver denies or blanks the name on purpose; the name itself is well.',
    looksLike: 'NXDOMAIN, REFUSED or 0.0.0.0 from this resolver; a control resolver gives addresses.',
    toldApartBy: 'The control resolver answers, and this resolver answers for other names.',
    fix: 'Allow the name in the DNS filter.',
    next: "Read the filter's log for the name.",
  }),
  'resolver-slow': name(
    'dns',
    {
      meaning: 'Name resolution takes most of the time; the path itself is quick.',
      looksLike:
        'The DNS phase takes over a second and more than three times what connect, TLS and first byte take together.',
      toldApartBy: 'The other phases of the same conversation, and a second resolver.',
      fix: 'Take dead forwarders out of the resolver, or point this machine at a nearer one.',
      next: 'Ask the resolver for the same name twice: a slow second answer is the resolver, a quick one its forwarder.',
    },
    'degraded',
  ),

  'no-route': route('network', {
    meaning: 'Packets to this address get nowhere: no route, a black hole, or the host is off.',
    looksLike: 'EHOSTUNREACH or ENETUNREACH, or silence on every port of the host while other hosts answer.',
    toldApartBy:
      'Another port of the same host: if that answers, the route is there and a filter is at work. Another host: if none answers, look at this machine.',
    fix: 'Add the route on the last hop that answers, or bring the host up.',
    next: 'traceroute -T -p PORT ADDRESS shows the last hop that answers.',
  }),
  'split-tunnel-excludes': route('network', {
    meaning: "The VPN's split-tunnel list leaves this address or port out, so that it takes the wrong way.",
    looksLike: 'EHOSTUNREACH, EINVAL or EACCES at once, or silence; the same target works from the tunnel address.',
    toldApartBy:
      'The same connection from each interface; the way that the other ports of the host take. Where those go by the usual way, a filter there is meant.',
    fix: 'Add the prefix or the port to the VPN policy.',
    next: 'ip route get ADDRESS (Find-NetRoute on Windows) shows the way that is taken.',
  }),
  'asymmetric-path': route('network', {
    meaning:
      'Answers come back another way than questions go, and a stateful firewall on one of them drops what it did not see begin.',
    looksLike:
      'Connect works or half works, then silence; a capture shows answers that the firewall counts as invalid, or a SYN-ACK that reaches this machine and is not taken (reverse-path check).',
    toldApartBy:
      'Not even a keep-alive of an open connection is acknowledged, which a service that hangs would do; then captures on both sides of the firewall, and its counter of invalid packets.',
    fix: 'Make both directions pass the same firewall, or translate the source on it.',
    next: 'Capture on both ends at once and compare.',
  }),

  'filtered-silently': transport('firewall', {
    meaning: 'Packets to this port are dropped on the way, or by the host, without a word.',
    looksLike: 'The connection attempt runs to its limit; a capture shows the SYN again and again and nothing back.',
    toldApartBy: 'Another port of the same host answers, and the same port of another host answers.',
    fix: 'Allow the flow: source, destination, port and transport as the plan has them.',
    next: 'Capture at the destination: no SYN there means that the path drops it, a SYN without answer that the host does.',
  }),
  'refused-by-host': transport('host', {
    meaning: 'The host itself refuses: nothing listens on the port.',
    looksLike:
      "A reset whose TTL and round trip are the host's own, or ICMP port unreachable from its address. A device that copies the TTL of the host, or stands in its own segment, cannot be told from it.",
    toldApartBy: 'TTL and timing of the reset against those of a port that is open: postern check --capture.',
    fix: 'Start the service, or let it listen on this address.',
    next: 'On the host: ss -ltn or Get-NetTCPConnection -State Listen.',
  }),
  'refused-by-firewall': transport('firewall', {
    meaning: 'A device on the way refuses in the name of the host.',
    looksLike:
      'A reset whose TTL or round trip is that of a nearer hop, or ICMP port unreachable from another address; the host never saw the SYN.',
    toldApartBy: 'TTL and timing of the reset against those of a port that is open: postern check --capture.',
    fix: 'Allow the flow on that device.',
    next: 'Capture on the host: no SYN there means that a device answered.',
  }),
  refused: transport('host', {
    meaning:
      'The connection is refused; without a capture it cannot be said whether by the host or by a device that answers for it.',
    looksLike:
      'ECONNREFUSED within a round trip (about 2 s on Windows, which tries again). A closed port, a firewall that resets and an ICMP port-unreachable all look like this.',
    toldApartBy:
      'TTL and timing of the reset, which postern check --capture shows: then it is refused-by-host or refused-by-firewall.',
    fix: 'Start the service on the host; if it runs, allow the flow on the firewall that rejects it.',
    next: 'On the host: does the service listen on this address and port? If it does, capture there.',
  }),
  'admin-prohibited': transport('firewall', {
    meaning: 'A device, or the policy of this machine, says that the flow is forbidden.',
    looksLike:
      'ICMP 3/9, 3/10 or 3/13, seen as EHOSTUNREACH or ENETUNREACH; a prohibit route or local filter as EACCES or EPERM.',
    toldApartBy:
      'Another port of the same host answers: then the host is reachable and the port is forbidden. EHOSTUNREACH alone is no-route just as well.',
    fix: 'Allow the flow on the device that sent the message.',
    next: 'postern check --capture names the device; traceroute -T -p PORT prints !X at it.',
  }),
  'udp-only-filtered': transport('firewall', {
    meaning: 'The service, or its host where the service has UDP alone (NTP), answers over TCP, and UDP is dropped.',
    looksLike:
      'Valid UDP questions stay unanswered twice; the same service proves itself over TCP. Kerberos then takes seconds instead of milliseconds.',
    toldApartBy: 'The same service on the same host over TCP.',
    fix: 'Allow the port over udp as well as tcp.',
    next: 'Capture at the host: do the datagrams arrive?',
  }),
  'wrong-target-dnat': transport(
    'firewall',
    {
      meaning: 'The address or port is translated to another machine: something else answers in its place.',
      looksLike:
        "It connects at once, and the certificate, title or banner is another product's, such as a firewall's own console.",
      toldApartBy:
        'Sibling ports of the host and the same name at another address show the right product; DNS gives the same answer everywhere.',
      fix: 'Correct the NAT rule for this address and port.',
      next: 'Read the destination NAT rules of the edge for this address and port.',
    },
    'wrong',
  ),
  'pmtu-black-hole': transport('network', {
    meaning: 'Large packets are lost because the message that would shrink them (ICMP 3/4) is filtered.',
    looksLike:
      'Connect works, small requests work, the TLS handshake hangs after the ClientHello with no octet back. A filter by name looks the same.',
    toldApartBy:
      'A ClientHello of the same name that must be refused is answered, in few octets; a clamped MSS passes. At one port alone it may be a server that does not finish its handshakes.',
    fix: 'Let ICMP fragmentation-needed through, or clamp the MSS on the tunnel.',
    next: 'ping -M do -s 1400 ADDRESS (ping -f -l 1400 on Windows), then smaller.',
  }),
  'connection-limit': transport('firewall', {
    meaning: 'Something allows only so many connections at once, or so many a second.',
    looksLike: 'The first connections work, the next hang or are refused; one at a time always works.',
    toldApartBy:
      'The same target one after another and eight at once, twice: a limit lets the same number of the first ones stand. Of new ones a second: slower paces miss none, and quicker ones many (--rate).',
    fix: 'Raise the limit of the firewall, load balancer or listen queue for this source.',
    next: 'postern check TARGET alone, then with the whole plan.',
  }),
  'idle-cut': transport('firewall', {
    meaning: 'Connections that are quiet for a while are forgotten on the way.',
    looksLike: 'The first exchange works; after a constant idle time the next gets no answer or a reset.',
    toldApartBy:
      'A goodbye is answered at once, and in none of three tries after the idle time: postern check --idle SECONDS. An end or a reset in between may be the server that has had enough.',
    fix: 'Raise the idle time-out for this flow over 300 s, or turn on keep-alives.',
    next: 'Read the TCP session time-out of each firewall on the path.',
  }),
  'payload-dropped': transport('firewall', {
    meaning: 'The connection is let through and its content is dropped, whatever it is.',
    looksLike: 'Connect works; every payload, of any size and name, stays unanswered.',
    toldApartBy:
      'The other end says goodbye when we do, so that empty packets pass; a small and a harmless payload is lost too.',
    fix: 'Exempt the flow from the intrusion prevention that drops it.',
    next: "Read the IPS log for this machine's address.",
  }),

  'proxy-required': proxy('proxy', {
    meaning: 'The target is reached through the proxy only.',
    looksLike: 'The direct connection fails; CONNECT through the proxy works.',
    toldApartBy: 'The same target both ways.',
    fix: 'Set the proxy for the service account too (machine.config, WinHTTP), or allow the direct flow.',
    next: 'netsh winhttp show proxy on the host; the service does not read the user settings.',
  }),
  'proxy-auth': proxy('proxy', {
    meaning: 'The proxy wants credentials, and services run without any.',
    looksLike: '407 with Proxy-Authenticate, which lists Negotiate, NTLM or Basic.',
    toldApartBy: 'The code says it; no control is needed.',
    fix: 'Exempt the names, or this host, from authentication on the proxy; service accounts send none.',
    next: "Read the proxy's log for this host's address.",
  }),
  'proxy-name-denied': proxy('proxy', {
    meaning: 'The proxy does not allow this name.',
    looksLike: '403 or a block page to CONNECT for this name; another name passes.',
    toldApartBy: 'Another name on the same port through the same proxy.',
    fix: 'Allow the name, or its pattern, on the proxy.',
    next: 'postern plan --format csv lists the names that are needed.',
  }),
  'proxy-port-denied': proxy('proxy', {
    meaning: 'The proxy allows the name, but not on this port.',
    looksLike: '403 to CONNECT host:8443 or :5671; the same host on 443 passes.',
    toldApartBy: 'The same host on 443 through the same proxy.',
    fix: 'Add the port to the list of TLS ports (SSL_ports on squid).',
    next: "Read the proxy's list of ports that CONNECT may use.",
  }),
  'proxy-dns': proxy('proxy', {
    meaning: 'The proxy cannot resolve the name.',
    looksLike:
      '502 or 503 to CONNECT, with a DNS error in the body or header (X-Squid-Error: ERR_DNS_FAIL); squid 5 writes ERR_CANNOT_FORWARD.',
    toldApartBy: 'The code and header say it; this machine resolves the name itself.',
    fix: "Mend the proxy's own resolver.",
    next: 'Resolve the name on the proxy.',
  }),
  'proxy-dead': proxy('proxy', {
    meaning: 'The proxy that is configured does not answer, or the PAC file names another one.',
    looksLike: 'The connection to the proxy itself is refused or times out.',
    toldApartBy: 'Other hosts answer; the address in the PAC file against the one configured.',
    fix: 'Start the proxy or correct its address.',
    next: 'Evaluate the PAC file for the target name.',
  }),
  'proxy-unreachable-target': proxy('proxy', {
    meaning: 'The proxy allows the tunnel and does not reach the target itself.',
    looksLike: '502, 503 or 504 from the proxy, without a word about DNS.',
    toldApartBy: 'Tunnels to other names stand; the same connection from the proxy itself.',
    fix: 'Let the proxy out to the target: firewall or upstream proxy behind it.',
    next: 'Connect to the target from the proxy itself.',
  }),
  'upgrade-stripped': proxy('proxy', {
    meaning:
      'A proxy, or a reverse proxy before the service, takes the WebSocket upgrade out of the request; connectors and agents need it.',
    looksLike: '101 directly, and 200, 400, 426 or silence through the proxy.',
    toldApartBy:
      'The same upgrade directly, or by plain CONNECT without inspection; 426 to a request that had the upgrade in it.',
    fix: 'Let the proxy pass Upgrade for *.servicebus.windows.net, or do not inspect it.',
    next: 'postern check wss://NAMESPACE.servicebus.windows.net both ways.',
  }),
  'captive-portal': proxy(
    'network',
    {
      meaning: 'The network wants a sign-in on a web page before it lets anything out.',
      looksLike:
        '511, unrelated plain HTTP addresses all redirected to one page elsewhere, or plain HTTP or one foreign certificate where the TLS of unrelated names belongs.',
      toldApartBy: 'Two unrelated names redirected to the same foreign host; one redirect alone proves nothing.',
      fix: 'Sign in on the page, or exempt this host.',
      next: 'Open the address that the redirect names in a browser on this machine.',
    },
    'wrong',
  ),

  'interception-trusted': tls(
    'proxy',
    {
      meaning: 'A device opens the TLS and signs it anew with a CA that this machine trusts.',
      looksLike:
        "No error on this machine; the certificate's issuer is the company's or the device's, not Microsoft's. Client certificates never arrive, so connectors, agents and device registration fail.",
      toldApartBy:
        "The chain ends in no root that Microsoft uses, its root is in the machine's store and not among the public ones, and the same issuer signs unrelated names.",
      fix: 'Exempt the names from TLS inspection; Microsoft supports none for Connect, pass-through authentication and connectors.',
      next: 'postern plan --format csv lists the names for the bypass.',
    },
    'wrong',
  ),
  'interception-untrusted': tls(
    'proxy',
    {
      meaning: 'A device opens the TLS and signs it anew with a CA that this machine does not trust.',
      looksLike:
        'SELF_SIGNED_CERT_IN_CHAIN or UNABLE_TO_GET_ISSUER_CERT_LOCALLY; services on this host fail while browsers elsewhere work.',
      toldApartBy:
        'The chain ends in an unknown root, and the same issuer signs unrelated names. A short chain alone is not interception.',
      fix: "Exempt the names from TLS inspection; installing the device's root mends browsers, not the services.",
      next: 'postern plan --format csv lists the names for the bypass.',
    },
    'wrong',
  ),
  'interception-partial': tls(
    'proxy',
    {
      meaning: 'Some of the required names are exempt from TLS inspection and this one is not.',
      looksLike: 'Some names have their genuine chain, others are signed anew.',
      toldApartBy: 'Genuine chains of other required names from the same machine.',
      fix: 'Complete the bypass list with the names that are still signed anew.',
      next: 'postern check lists each name with its chain.',
    },
    'wrong',
  ),
  'sni-filter': tls('firewall', {
    meaning: 'A device reads the name in the ClientHello and cuts this one.',
    looksLike: 'Connect works; after the ClientHello a reset, an end or silence, with no octet back.',
    toldApartBy:
      'Another name to the same address gets a TLS answer, and either the certificate there is for this name as well or a server elsewhere cuts it too. Without that it may be a server that has no binding for the name.',
    fix: 'Allow the name in the application or URL rule of the firewall.',
    next: 'Capture: the TTL of the reset shows which hop sent it.',
  }),
  'big-clienthello': tls('firewall', {
    meaning: 'A device cannot read a ClientHello that spans two packets, as post-quantum key shares make it.',
    looksLike: 'A hello over about 1,400 octets is cut or hangs; a small one with the same name passes.',
    toldApartBy: 'The same name with a small hello.',
    fix: 'Update the device; until then turn the hybrid key share off on the client.',
    next: 'postern check tls://HOST:PORT --posture sends both sizes; compare the octets sent in the handshakes of the report.',
  }),
  'tls-version': tls('host', {
    meaning: 'The two sides have no TLS version in common; Microsoft takes 1.2 and later.',
    looksLike: 'Alert 70 (protocol_version), or a server that accepts 1.1 or older only.',
    toldApartBy: 'A handshake that offers the old version alone succeeds.',
    fix: 'Enable TLS 1.2 on the server (Schannel and .NET keys on Windows) or in front of it.',
    next: 'postern check tls://HOST:PORT --posture lists the versions that it takes.',
  }),
  'tls-parameters': tls('host', {
    meaning:
      'The two sides share a version and no cipher suite, group, signature algorithm or protocol to speak over TLS (ALPN).',
    looksLike:
      'Alert 40 (handshake_failure) or 71, or the local library refuses a weak key; alert 120 speaks of ALPN alone.',
    toldApartBy:
      'Another list of suites works. Alert 40 alone is possible at most: servers send it for a version or a name that they do not know as well.',
    fix: 'Enable ECDHE suites with AES-GCM on the server, and a key of at least 2048 bits; after alert 120 let it accept http/1.1 in ALPN.',
    next: 'Compare the cipher suite order of both ends.',
  }),
  'cert-expired': tls('pki', {
    meaning: 'A certificate in the chain is past its end.',
    looksLike: 'CERT_HAS_EXPIRED; notAfter lies in the past.',
    toldApartBy: 'Its own date against a clock that others confirm; unrelated names expired at once are clock-wrong.',
    fix: 'Renew the certificate and restart the service that serves it.',
    next: 'Look for the same certificate on other nodes of the farm.',
  }),
  'cert-not-yet-valid': tls('pki', {
    meaning: 'A certificate in the chain begins in the future.',
    looksLike: 'CERT_NOT_YET_VALID; notBefore lies ahead.',
    toldApartBy: 'Its own date against a clock that others confirm; unrelated names at once are clock-wrong.',
    fix: 'Wait for its begin, or issue it anew; check the clock of the CA.',
    next: 'Compare the clocks of this machine, the server and the CA.',
  }),
  'name-mismatch': tls(
    'host',
    {
      meaning: 'The certificate is not for this name.',
      looksLike:
        'ERR_TLS_CERT_ALTNAME_INVALID, or alert 112 (unrecognized_name) to a name that was sent; no subjectAltName entry has the name.',
      toldApartBy: 'The names in the certificate; DNS and NAT send the name to the right machine.',
      fix: 'Issue the certificate with the name, or correct the binding or load balancer that picks it.',
      next: 'Ask the same address with and without SNI and compare the certificates.',
    },
    'wrong',
  ),
  'chain-incomplete': tls('host', {
    meaning: 'The server leaves an intermediate certificate out.',
    looksLike:
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE in Node, Java, curl or on a phone, while Windows and browsers, which fetch it (AIA), are content.',
    toldApartBy: 'The missing issuer, fetched from where the certificate says, completes the chain to a trusted root.',
    fix: 'Send the intermediates with the leaf.',
    next: 'openssl s_client -showcerts shows what is sent.',
  }),
  'root-missing': tls('host', {
    meaning: 'The chain is whole, and its root is in no store of this machine.',
    looksLike:
      'SELF_SIGNED_CERT_IN_CHAIN or UNABLE_TO_GET_ISSUER_CERT for a private CA, or for a public root that the machine lacks.',
    toldApartBy: 'The root by its fingerprint: known and public, or private; no unrelated name is signed by it.',
    fix: 'Install the root in the store of the machine, or name it under trust.certificates if the CA is yours.',
    next: 'postern doctor lists the stores that are read.',
  }),
  'wrong-key-usage': tls('pki', {
    meaning: 'The certificate is genuine and was not issued for a TLS server.',
    looksLike:
      'INVALID_PURPOSE (unsuitable certificate purpose) in Node and OpenSSL, NotValidForUsage in .NET, 0x800B0110 or 0x80090349 in Windows; often a certificate of clients, users or Remote Desktop.',
    toldApartBy:
      'Its extended key usage, which is there and names neither serverAuth (1.3.6.1.5.5.7.3.1) nor any purpose.',
    fix: 'Issue a certificate with serverAuth, such as from the template Kerberos Authentication for a domain controller, and let the service present that one.',
    next: 'openssl s_client -connect HOST:PORT | openssl x509 -noout -ext extendedKeyUsage shows it.',
  }),
  revoked: tls('pki', {
    meaning: 'The CA has withdrawn the certificate.',
    looksLike: 'A valid CRL or OCSP answer says so; Node and many clients never ask and see nothing.',
    toldApartBy: 'The signed answer itself.',
    fix: 'Replace the certificate and its key.',
    next: 'Read the reason and time in the CRL.',
  }),
  'revocation-unreachable': tls(
    'firewall',
    {
      meaning: 'The addresses where revocation is published cannot be reached from here.',
      looksLike: 'Handshakes are slow or fail in services that check revocation, and are well in those that do not.',
      toldApartBy: 'The CRL and OCSP addresses of the live chain, asked from the same machine.',
      fix: 'Allow http on port 80 to the CRL and OCSP hosts of the plan.',
      next: 'postern plan lists the revocation hosts.',
    },
    'degraded',
  ),
  'crl-stale': tls(
    'pki',
    {
      meaning: 'The published revocation list is past its nextUpdate.',
      looksLike: 'CRYPT_E_REVOCATION_OFFLINE on Windows though the list can be fetched.',
      toldApartBy: 'nextUpdate of the list against a confirmed clock.',
      fix: 'Publish a new list (certutil -CRL) and mend the job that should have.',
      next: 'Fetch the list from each of its addresses and compare.',
    },
    'degraded',
  ),
  'mtls-terminated': tls(
    'network',
    {
      meaning: 'Something in front of the service ends the TLS, so that the client certificate is never asked for.',
      looksLike: 'No CertificateRequest in the handshake on 49443 or certauth.',
      toldApartBy:
        'The same handshake to the node itself, past the load balancer. A server that speaks TLS 1.2 may still ask later, by negotiating anew; in TLS 1.3 it does not.',
      fix: 'Let the load balancer pass TLS through on this port.',
      next: 'Compare the certificate at the load balancer with that of the node.',
    },
    'wrong',
  ),

  'not-the-service': protocol(
    'host',
    {
      meaning: 'Something listens there, and it speaks another protocol, or is the service of somebody else.',
      looksLike: 'Plain HTTP on a TLS port, TLS on a plain port, an SSH or SMTP banner.',
      toldApartBy:
        'The first octets of the answer, or what it says of itself: a directory that is no Active Directory, the metadata of another federation service.',
      fix: 'Correct the port in the configuration, or the protocol that the listener is bound to.',
      next: 'postern check with the scheme that the answer shows.',
    },
    'wrong',
  ),
  'silent-service': protocol('host', {
    meaning:
      'The connection is accepted and a valid request stays unanswered, or the service says that it takes nobody.',
    looksLike:
      'Connect works, then nothing to the limit; or the word of what stands before the service: 503 in the place of WinRM, EndpointPaused in that of AD Web Services.',
    toldApartBy: 'Another port of the same host, or a sibling host, answers requests from the same machine.',
    fix: 'Look at the service: hung, overloaded, or waiting for its own backend.',
    next: 'Ask the service on the host itself.',
  }),
  'rpc-dynamic-blocked': protocol('firewall', {
    meaning: 'The endpoint mapper answers on 135 and the port that it names is filtered.',
    looksLike: 'ept_map gives a port between 49152 and 65535; that port times out, or is refused.',
    toldApartBy:
      '135 answers on the same host, and names the port. Refused may be the service itself, which has another port since.',
    fix: 'Allow tcp 49152-65535 to the domain controllers, or pin the services to fixed ports and allow those.',
    next: 'postern check epm://DC names the ports.',
  }),
  'epm-restricted': protocol(
    'host',
    {
      meaning: 'The endpoint mapper answers, and tells strangers nothing (RestrictRemoteClients).',
      looksLike: 'The bind is accepted, ept_map gives a fault or an empty list.',
      toldApartBy: 'The bind itself was accepted: the network is well.',
      fix: 'None is needed on the network; prove the dynamic ports from an account that may ask.',
      next: 'Read the policy "Restrict unauthenticated RPC clients" on the host.',
    },
    'unknown',
  ),
  'http-page-on-api': protocol(
    'proxy',
    {
      meaning: 'A web page came where a machine-readable document belongs: a portal, a block page, or another site.',
      looksLike: '200 or a redirect with HTML where OpenID metadata, keys or a WebSocket are expected.',
      toldApartBy:
        'The document type of the same path from another vantage; the title of the page often names the device.',
      fix: 'Allow the address in the web filter, or sign in to the portal.',
      next: 'Read the title and server field in the evidence.',
    },
    'wrong',
  ),
  'redirect-loop': protocol('app', {
    meaning: 'The app sends whoever comes on to itself, without end: no page and no sign-in is ever reached.',
    looksLike: 'ERR_TOO_MANY_REDIRECTS in browsers; 301, 302 or 307 from an address to itself, or round in a circle.',
    toldApartBy:
      'The same address asked again with the cookies that came: an app that only looks whether cookies are kept lets such a visitor in.',
    fix: 'Let the app honour X-Forwarded-Proto, -Host and -Port from its proxy, or take one of two rules out that send to each other.',
    next: 'Read the Location of each answer in the evidence (--long).',
  }),

  'wrong-domain': identity(
    'dns',
    {
      meaning: 'A domain controller of another domain or forest answers.',
      looksLike:
        'Kerberos error 68 (KDC_ERR_WRONG_REALM), an empty CLDAP answer, a rootDSE with another naming context.',
      toldApartBy: 'The naming context against the domain of the site.',
      fix: 'Correct the DNS record, forwarder or NAT rule that leads to the other forest.',
      next: 'postern check ldap://DC shows the naming context.',
    },
    'wrong',
  ),
  'clock-skew': identity(
    'host',
    {
      meaning: 'The clocks differ by more than Kerberos allows (300 s), or by more than a minute, on the way to it.',
      looksLike: 'KRB_AP_ERR_SKEW (37); stime, currentTime and NTP agree with each other against this machine.',
      toldApartBy:
        'Several clocks of the same host, which must agree with each other; then a third machine’s, which tells whose is wrong.',
      fix: 'Give both ends the same time source.',
      next: 'w32tm /stripchart /computer:DC.',
    },
    'degraded',
  ),
  'clock-unsynchronised': identity(
    'host',
    {
      meaning: 'The time server answers, and says that its own clock follows no source: its time is not to be used.',
      looksLike: 'NTP with leap indicator 3 or stratum 16, or a kiss-o’-death INIT or STEP.',
      toldApartBy: 'The server’s own word; a server that was just started says the same for some minutes.',
      fix: 'Give the time server a source (w32tm /config /manualpeerlist, chrony sources) and let it through to it on 123/udp.',
      next: 'On the time server: w32tm /query /status, or chronyc tracking.',
    },
    'degraded',
  ),
  'time-refused': identity('host', {
    meaning: 'The time server answers, and gives this client no time.',
    looksLike: 'A kiss-o’-death: DENY or RSTR. RATE only asks to slow down, and is no refusal.',
    toldApartBy: 'The server’s own word: the path stands, since the refusal came over it.',
    fix: 'Allow the address of this machine on the time server (allow in chrony, restrict in ntpd).',
    next: 'Read the access rules of the time server.',
  }),
  'dc-not-ready': identity('directory', {
    meaning: 'The domain controller runs and does not serve yet.',
    looksLike: 'isSynchronized or isGlobalCatalogReady FALSE; CLDAP opcode 24 (paused).',
    toldApartBy: 'What the controller says of itself.',
    fix: 'Let replication finish; look at SYSVOL and Netlogon.',
    next: 'dcdiag and repadmin /showrepl on that controller.',
  }),
  'not-a-gc': identity('directory', {
    meaning: 'This domain controller is no global catalog.',
    looksLike: '3268 refused while 389 answers; CLDAP flag GC is not set.',
    toldApartBy: 'The flag, and another controller that has it.',
    fix: 'Name a global catalog, or make this controller one.',
    next: 'nltest /dsgetdc:DOMAIN /gc.',
  }),
  'wrong-site': identity(
    'directory',
    {
      meaning:
        'The address of this machine lies in no subnet of the directory: it belongs to no AD site, and may be sent to distant controllers.',
      looksLike:
        'ClientSiteName empty in the answer over CLDAP. Another site than the controller’s is no fault by itself.',
      toldApartBy: 'The client site in the CLDAP answer.',
      fix: "Add this machine's subnet to its site.",
      next: 'nltest /dsgetsite.',
    },
    'degraded',
  ),
  'signing-required': identity('host', {
    meaning: 'The server insists on signing or sealing that the client does not do.',
    looksLike: 'LDAP result 8 (strongerAuthRequired), 80090346 (channel binding), the SMB2 signing flag.',
    toldApartBy: 'The server says so; it is not the network.',
    fix: 'Configure the client for signing, or LDAPS with channel binding.',
    next: 'Event 2889 on the domain controller names the clients.',
  }),
  'reply-url-mismatch': identity('app', {
    meaning: 'The redirect_uri that the app sends is not one that is registered.',
    looksLike: 'AADSTS50011; http instead of https, or a port that is dropped behind a proxy.',
    toldApartBy: 'The two addresses, octet by octet.',
    fix: 'Register the address, or let the app honour X-Forwarded-Proto, -Host and -Port from its proxy.',
    next: 'postern explain AADSTS50011.',
  }),
  'wrong-registration': identity('app', {
    meaning:
      'The app sends its users to sign in with another tenant, cloud or app registration than the site file says.',
    looksLike:
      'The sign-in request names another tenant in its path, another authority host, or another client_id; AADSTS700016 where the tenant does not know the app.',
    toldApartBy: 'The request itself against issuer:, client: and tenant: of the site file.',
    fix: 'Correct the tenant (authority) and the client id in the configuration of the app, or the site file.',
    next: 'postern explain AADSTS700016.',
  }),
  'consent-missing': identity('cloud', {
    meaning: 'Nobody has consented to what the app asks for.',
    looksLike: 'AADSTS65001.',
    toldApartBy: 'The code says it; the network is well.',
    fix: 'Grant admin consent to the permissions that are needed.',
    next: 'postern explain AADSTS65001.',
  }),
  'conditional-access': identity('cloud', {
    meaning: 'A conditional access policy of the tenant stops the sign-in.',
    looksLike: 'AADSTS50076, 50079, 53000 to 53004.',
    toldApartBy: 'The code says it; the network is well.',
    fix: 'Meet the policy, or exclude the synchronisation account from it.',
    next: 'Read the sign-in log of the tenant for the correlation id.',
  }),

  'high-latency': time('network', {
    meaning: "Each round trip is so long that the clients' time-outs come near, as on a satellite link.",
    looksLike: 'Connect, TLS and first byte all take over half a second, and none is lost.',
    toldApartBy:
      'All phases alike: a lost packet delays one phase only, a busy server the first byte only. What Postern itself was late is taken off.',
    fix: 'Raise the time-outs of the services; a WAN optimiser must leave TLS alone.',
    next: 'Measure round trips alone: postern check TARGET --loss 100.',
  }),
  'one-bad-node': time('network', {
    meaning: 'One of several nodes behind the name fails and the others work.',
    looksLike: 'Some attempts fail; the failures stick to one address or front end.',
    toldApartBy: 'Each address of the name by itself: postern check TARGET --every-address.',
    fix: 'Take the node out of the pool or the record out of DNS, then mend it.',
    next: 'Check each address by itself: postern check https://ADDRESS.',
  }),
  'lossy-path': time('network', {
    meaning: 'Packets are lost now and then on the way.',
    looksLike:
      'Some attempts run to their limit, others to the same address work; some connections take a second longer, because their SYN was sent again.',
    toldApartBy:
      'Losses spread over time and targets, beyond 1 % for certain: postern check TARGET --loss 100. Losses at one address only are a bad node.',
    fix: 'Look for errors and full queues on the link.',
    next: 'mtr -T -P PORT ADDRESS over some minutes.',
  }),
  'periodic-spike': time('network', {
    meaning: 'Something slows the path at regular intervals.',
    looksLike: 'Latency jumps with a stable period and phase.',
    toldApartBy: 'Which targets share the phase: one controller, all targets, or cloud names only.',
    fix: 'Move or throttle the job that runs at that interval.',
    next: 'Note when it is slow for some hours: postern check TARGET --loss 100, again and again.',
  }),
  'level-shift': time('network', {
    meaning: 'Latency changed to another level at one moment and stayed there.',
    looksLike: 'A robust shift with a time.',
    toldApartBy: 'What was changed at that time.',
    fix: 'Undo or accept the change, such as a new route or provider.',
    next: 'Compare the reports of postern check --json from before that moment and after it.',
  }),
  saturation: time('network', {
    meaning: 'The path or the server has more to do than it can.',
    looksLike: 'Latency rises with the number of connections.',
    toldApartBy: 'The same questions at a quiet time.',
    fix: 'Add capacity, or spread the load.',
    next: 'Compare with the utilisation of the link.',
  }),
  'sync-lag': time('directory', {
    meaning: 'Changes take longer to reach the cloud than they usually do.',
    looksLike: 'The canary is beyond its own normal range.',
    toldApartBy: 'The network flows are open: then the sync engine, a controller or throttling.',
    fix: 'Look at the sync engine: scheduler, export errors, deletion threshold.',
    next: 'Get-ADSyncScheduler on the Connect server.',
  }),
  'cloud-side': time('cloud', {
    meaning: 'The service in the cloud fails for others as well.',
    looksLike: 'A second vantage outside fails alike.',
    toldApartBy: 'That second vantage.',
    fix: 'None here: follow the status page.',
    next: 'Read the service health of the tenant.',
  }),

  undetermined: row('none', 'unknown')('tool', {
    meaning: 'It failed, and the evidence does not decide between the causes that are listed.',
    looksLike: 'A symptom without a control, or controls that contradict each other.',
    toldApartBy: 'The next probe that the verdict names.',
    fix: 'None before the cause is known.',
    next: 'Run the next probe that the verdict names.',
  }),
})
