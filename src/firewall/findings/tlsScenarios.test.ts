import {
  answers,
  asa,
  azureFirewall,
  connectOut,
  decryption,
  findingScenarios,
  fortigate,
  nft,
  squid,
  throughProxy,
} from '../../../test/findingScenarios.ts'

findingScenarios([
  {
    code: 'tls-inspection',
    says: 'a FortiGate opens the TLS of the agents',
    has: {
      devices: {
        edge: fortigate(
          '        set srcintf "lan"\n        set dstintf "wan1"\n        set srcaddr "connect01"\n        set dstaddr "all"\n        set service "HTTP" "HTTPS"\n        set utm-status enable\n        set ssl-ssh-profile "deep"',
        ),
      },
    },
    not: {
      devices: {
        edge: fortigate(
          '        set srcintf "lan"\n        set dstintf "wan1"\n        set srcaddr "connect01"\n        set dstaddr "all"\n        set service "HTTP" "HTTPS"',
        ),
      },
    },
    what: /opens TLS of tcp\/443/,
    line: 32,
    severity: 'high',
    flow: 't6a-https',
  },
  {
    code: 'tls-inspection',
    says: 'a squid bumps what it is asked for',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'http_port 3128 ssl-bump cert=/etc/squid/ca.pem',
          'http_access allow localnet',
          'http_access deny all',
          'ssl_bump bump all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'http_port 3128 ssl-bump cert=/etc/squid/ca.pem',
          'http_access allow localnet',
          'http_access deny all',
          'ssl_bump splice all',
        ),
      },
    },
    what: /opens TLS of/,
    line: 6,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'revocation-blocked',
    says: 'port 80 was forgotten',
    has: {
      devices: { edge: nft(answers, 'iifname "lan0" oifname "wan0" ip saddr 10.1.0.10 tcp dport 443 accept') },
    },
    not: { devices: { edge: nft(answers, connectOut) } },
    what: /denies revocation checks: tcp\/80 .* from connect01 and \d+ more/,
    line: 3,
    severity: 'high',
    flow: 't2-http-crl',
  },
  {
    code: 'revocation-disabled',
    says: 'a squid takes any certificate',
    has: { devices: { squid: squid('tls_outgoing_options flags=DONT_VERIFY_PEER', 'http_access deny all') } },
    not: { devices: { squid: squid('# tls_outgoing_options flags=DONT_VERIFY_PEER', 'http_access deny all') } },
    what: /turned off: tls_outgoing_options flags=DONT_VERIFY_PEER/,
    line: 3,
    severity: 'high',
  },
  {
    code: 'revocation-disabled',
    says: 'a trustpoint of an ASA asks nobody',
    has: { devices: { edge: asa('crypto ca trustpoint vpn', ' revocation-check none') } },
    not: { devices: { edge: asa('crypto ca trustpoint vpn', ' revocation-check crl none') } },
    what: /revocation-check none/,
    line: 12,
    severity: 'low',
  },
  {
    code: 'name-bypass',
    says: 'a squid lets all of the net out before it asks for names',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl entra dstdomain .microsoftonline.com',
          'acl sync src 10.1.0.10',
          'http_access allow localnet',
          'http_access allow sync entra',
          'http_access deny all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl entra dstdomain .microsoftonline.com',
          'acl sync src 10.1.0.10',
          'http_access allow sync entra',
          'http_access deny all',
        ),
      },
    },
    what: /lets past what .*allow sync entra.* would hold to names/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'proxy-port',
    says: 'a squid opens tunnels to 443 alone',
    has: {
      ...throughProxy,
      devices: {
        squid: squid('http_access deny CONNECT !SSL_ports', 'http_access allow localnet', 'http_access deny all'),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl SSL_ports port 8080',
          'http_access deny CONNECT !SSL_ports',
          'http_access allow localnet',
          'http_access deny all',
        ),
      },
    },
    what: /refuses tunnels to port 8080: tcp\/8080 \*\.msappproxy\.net from connect01/,
    line: 3,
    severity: 'low',
    flow: 'pta-status-8080',
  },
  {
    code: 'authenticated-proxy',
    says: 'a squid wants to know who asks',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/users',
          'acl people proxy_auth REQUIRED',
          'http_access allow localnet people',
          'http_access deny all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/users',
          'acl people proxy_auth REQUIRED',
          'acl sync src 10.1.0.0/24',
          'http_access allow sync',
          'http_access allow localnet people',
          'http_access deny all',
        ),
      },
    },
    what: /wants a sign-in for tcp\//,
    line: 5,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'tls-inspection',
    says: 'a decryption policy of a Palo Alto spares some names and not others',
    has: { devices: { edge: { vendor: 'palo-alto', text: decryption('decrypt') } } },
    not: { devices: { edge: { vendor: 'palo-alto', text: decryption('no-decrypt') } } },
    what: /^open of edge may open TLS of tcp\/443/,
    line: 14,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'name-bypass',
    says: 'a network rule of an Azure Firewall comes before its application rules',
    has: { devices: { edge: azureFirewall('*') } },
    not: { devices: { edge: azureFirewall('198.51.100.0/24') } },
    what: /lets past what .*entra.* would hold to names/,
    line: 28,
    severity: 'medium',
    flow: 't2-https-sync',
  },
])
