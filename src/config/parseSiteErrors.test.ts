import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesFor } from '../../test/linesFor.ts'
import { maxSiteBytes } from './parseSite.ts'

const host = 'hosts: { dc01: { roles: [domain-controller], addresses: [10.1.0.5] } }\n'

/** What somebody may write, and every line that answers. Texts with a host begin on line 3. */
const refusals: readonly { readonly when: string; readonly text: string; readonly says: readonly string[] }[] = [
  {
    when: 'the file is empty',
    text: '# nothing yet\n',
    says: ['1:1: the file is empty, write at least site: and hosts:, as examples/smallest.yaml does'],
  },
  {
    when: 'the file is something else',
    text: '<html><body>Sign in</body></html>',
    says: [
      '1:1: the file is a text, it must be a mapping such as { site: hq, hosts: { dc01: { roles: [domain-controller] } } }',
    ],
  },
  {
    when: 'a quote is not closed',
    text: 'site: hq\ndomain: "corp.example\nhosts: {}\n',
    says: ['2:9: this is not YAML: a quote is opened and not closed, end the text with the same quote'],
  },
  {
    when: 'a bracket is not closed',
    text: 'site: hq\nfeatures: [ad-fs\nhosts: {}\n',
    says: [
      '3:1: this is not YAML: a bracket is opened and not closed, or what it holds is not indented, close it with ] or }, and indent the lines between',
    ],
  },
  {
    when: 'a tab indents',
    text: 'hosts:\n\tdc01: {}\n',
    says: ['2:1: this is not YAML: a tab indents this line, YAML is indented by spaces'],
  },
  {
    when: 'a line is indented wrongly',
    text: 'hosts:\n    dc01:\n      roles: []\n  dc02:\n',
    says: [
      '4:1: this is not YAML: the indentation does not fit the lines above, let the entries of one mapping or list begin in one column',
    ],
  },
  {
    when: 'a key stands twice',
    text: `site: hq\n${host}site: branch\n`,
    says: ['3:1: the key "site" stands here a second time, each key stands once: put the two together, or rename one'],
  },
  {
    when: 'a host stands twice',
    text: 'site: hq\nhosts:\n  dc01: { roles: [adfs] }\n  dc01: { roles: [wap] }\n',
    says: ['4:3: the key "dc01" stands here a second time, each key stands once: put the two together, or rename one'],
  },
  {
    when: 'a host stands twice, and its second entry has not the role that a feature needs',
    text: 'site: hq\nfeatures: [password-hash-sync]\nhosts:\n  a: { roles: [entra-connect] }\n  dc01: { roles: [domain-controller] }\n  dc01: { roles: [dns-server] }\n',
    says: ['6:3: the key "dc01" stands here a second time, each key stands once: put the two together, or rename one'],
  },
  {
    when: 'the hosts, their roles or the devices stand twice',
    text: `site: hq
features: [password-hash-sync]
hosts:
  a: { roles: [entra-connect, domain-controller] }
hosts:
  b: { roles: [entra-connect], roles: [adfs] }
devices:
  fw: { vendor: fortigate }
devices: {}
paths:
  - { from: a, to: internet, through: [fw] }
`,
    says: [
      '5:1: the key "hosts" stands here a second time, each key stands once: put the two together, or rename one',
      '6:32: the key "roles" stands here a second time, each key stands once: put the two together, or rename one',
      '9:1: the key "devices" stands here a second time, each key stands once: put the two together, or rename one',
    ],
  },
  {
    when: 'a host and a network share a name, and so do two hosts but for case',
    text: 'site: hq\nhosts:\n  dc01: { roles: [adfs] }\n  DC01: { roles: [adfs] }\nnetworks:\n  dc01: { roles: [] }\n',
    says: [
      '4:3: "DC01" stands for "dc01" in hosts already, give each a name of its own',
      '6:3: "dc01" stands for "dc01" in hosts already, give each a name of its own',
    ],
  },
  {
    when: 'a second document follows',
    text: `site: hq\n${host}---\nsite: branch\n`,
    says: ['3:1: this is not YAML: a second document begins here, a site file is one: leave --- out'],
  },
  {
    when: 'a value has a tag',
    text: `site: !Hunter2 hq\n${host}`,
    says: [
      '1:7: a tag (!) stands before the value, a site file needs none: leave it out, or put a text that begins with ! in quotes',
    ],
  },
  {
    when: 'an alias leads nowhere',
    text: `site: *name\n${host}`,
    says: ['1:7: this is not YAML: an alias names no anchor above it, or the one it stands in, write the value out'],
  },
  {
    when: 'a value holds itself',
    text: `site: hq\n${host}gate: &gate\n  inner: *gate\n`,
    says: ['4:10: this is not YAML: an alias names no anchor above it, or the one it stands in, write the value out'],
  },
  {
    when: 'a key is misspelt, at the top and below',
    text: 'sitte: hq\nhosts:\n  dc01: { role: [domain-controller], adresses: [10.1.0.5] }\n',
    says: [
      '1:1: unknown key "sitte", did you mean site?',
      '3:11: unknown key "role", did you mean roles?',
      '3:38: unknown key "adresses", did you mean addresses?',
    ],
  },
  {
    when: 'a key is none at all',
    text: `site: hq\n${host}resolvers: { primary: 10.1.0.5 }\n`,
    says: ['3:14: unknown key "primary", known: internal, control'],
  },
  {
    when: 'what is needed is missing',
    text: 'cloud: china\n',
    says: [
      '1:1: "site" is missing, it must be a text such as hq',
      '1:1: "hosts" is missing, it must be a mapping such as { dc01: { roles: [domain-controller], addresses: [10.1.0.5] } }',
    ],
  },
  {
    when: 'values have the wrong type',
    text: `site: 2024\nhosts:\n  dc01:\n  dc02: { roles: domain-controller, name: [] }\nfacts: { wpad: yes }\ngate: 8443\npaths: {}\n`,
    says: [
      '1:7: "site" is a number, put it in quotes to make it a text such as hq',
      '3:3: "dc01" is empty, it must be a mapping with the keys roles, name, addresses, versions',
      '4:18: "roles" is a text, it must be a list such as [domain-controller, dns-server]',
      '4:43: "name" is a list, it must be a text such as dc01.corp.example',
      '5:16: "wpad" is a text, it must be true or false',
      '6:7: "gate" is a number, it must be a mapping with the keys origin, routes, listen, certificates, client-certificates, tenants, authority, sign-in, api, sessions, record, backends, service-tags, behind, limits, traces, transport-security-seconds, administration-port',
      '7:8: "paths" is a mapping, it must be a list with dashes or in [ ]',
    ],
  },
  {
    when: 'one name is served at two places, with and without its last dot',
    text: `site: hq\n${host}names:\n  app.example: 10.0.0.1\n  App.example.: 10.0.0.2\n  '*:80': ':1'\n  '*:080': ':2'\n`,
    says: [
      '5:3: "App.example." stands for "app.example" in names already, give each a name of its own',
      '7:3: "*:080" stands for "*:80" in names already, give each a name of its own',
    ],
  },
  {
    when: 'words are unknown',
    text: 'site: hq\ncloud: usgov\nfeatures: [seemless-sso, sso-with-passkeys]\nhosts:\n  dc01: { roles: [domain-controler] }\nfacts: { wpadd: true }\n',
    says: [
      '2:8: unknown cloud "usgov", did you mean usgov-gcchigh or usgov-dod?',
      '3:12: unknown feature "seemless-sso", did you mean seamless-sso?',
      '3:26: unknown feature "sso-with-passkeys", known: password-hash-sync, seamless-sso, pass-through-auth, password-writeback, connect-health, ad-fs, certificate-auth, cloud-sync, application-proxy, password-protection, hybrid-join, group-writeback, ldaps, remote-sql, ecma, scim, own-app',
      '5:19: unknown role "domain-controler", did you mean domain-controller?',
      '6:10: unknown key "wpadd", did you mean wpad?',
    ],
  },
  {
    when: 'a vendor, a service and a phase are unknown',
    text: `site: hq\n${host}devices: { edge: { vendor: nftable, files: [a] } }\nflows:\n  - { id: a, from: internet, to: dc01, ports: [636], service: ldapss, phase: daily, transport: [sctp] }\n`,
    says: [
      '3:28: unknown vendor "nftable", did you mean nftables?',
      '5:63: unknown service "ldapss", did you mean ldaps?',
      '5:78: unknown phase "daily", known: setup, runtime, setup+runtime',
      '5:97: unknown transport "sctp", known: tcp, udp',
    ],
  },
  {
    when: 'own apps are not as they are registered',
    text: `site: hq\n${host}apps:
  one: { url: http://dc01, redirect-uris: [http://dc01/cb, 'https://dc01/cb#a', /cb] }
  two: { url: https://dc01/?a=1, client: payroll, issuer: contoso.onmicrosoft.com, tenant: a }
  any: { redirect-uri: [] }
`,
    says: [
      '4:15: "http://dc01" is no address of an app behind a sign-in, write one such as https://app01.corp.example:8443',
      '4:44: "http://dc01/cb" begins with http, https, since http is registered for localhost only',
      '4:60: "https://dc01/cb#a" has a fragment, leave out what begins with #: no redirect URI has one',
      '4:81: "/cb" is no redirect URI of a web app, write it as it is registered, such as https://app01.corp.example:8443/signin-oidc',
      '5:15: "https://dc01/?a=1" holds more than host, port and path, leave out what begins with ? or #',
      '5:42: "payroll" is no application (client) id, write the GUID of its app registration, such as 00001111-aaaa-2222-bbbb-3333cccc4444',
      '5:59: "contoso.onmicrosoft.com" is no issuer, write it as the metadata has it, such as https://login.microsoftonline.com/TENANT-ID/v2.0',
      '5:84: unknown key "tenant", known: url, redirect-uris, client, issuer',
      '6:3: "any" has a meaning of its own, choose another name',
      '6:8: "url" is missing, it must be a text such as https://app01.corp.example:8443',
      '6:10: unknown key "redirect-uri", did you mean redirect-uris?',
    ],
  },
  {
    when: 'what may be a password stands in the addresses of an app: none of it is repeated',
    text: `site: hq\n${host}apps:
  a: { url: 'https://u:hunter2@dc01', redirect-uris: ['https://u:hunter2@dc01/cb', 'https://dc01/@cb'], issuer: 'https://u:hunter2@dc01' }
`,
    says: [
      '4:13: the address holds what may be a user and a password, take out what stands before the @',
      '4:55: the address holds what may be a user and a password, take out what stands before the @',
      '4:113: the address holds what may be a user and a password, take out what stands before the @',
    ],
  },
  {
    when: 'a redirect URI is told twice, and one is too long',
    text: `site: hq\n${host}apps:
  a: { url: https://dc01, redirect-uris: [https://dc01/cb, https://dc01/cb] }
  b: { url: https://dc01/b, redirect-uris: [https://dc01/${'x'.repeat(250)}] }
`,
    says: [
      '4:60: https://dc01/cb stands here a second time, once is enough',
      '5:45: a redirect URI has 263 characters, Entra ID registers at most 256',
    ],
  },
  {
    when: 'an own app stands where no flow leads',
    text: `site: hq\n${host}apps:
  a: { url: https://dc02:8443 }
  b: { url: https://dc01.corp.example }
`,
    says: [
      '4:13: unknown host "dc02", did you mean dc01?',
      '5:13: unknown host "dc01.corp.example", did you mean dc01?',
    ],
  },
  {
    when: 'a feature lacks its role',
    text: `site: hq\n${host}features: [ldaps, seamless-sso, ad-fs]\n`,
    says: [
      '3:19: the feature seamless-sso needs a host or network with the role entra-connect or cloud-sync-agent, and there is none, give the role that fits to one, or take the feature out',
      '3:33: the feature ad-fs needs a host or network with the role adfs, and there is none, give the role adfs to one, or take the feature out',
    ],
  },
  {
    when: 'something stands twice in a list',
    text: `site: hq\nfeatures: [ldaps, ldaps]\n${host}resolvers: { control: [9.9.9.9, 9.9.9.9] }\n`,
    says: [
      '2:19: ldaps stands here a second time, once is enough',
      '4:33: 9.9.9.9 stands here a second time, once is enough',
    ],
  },
  {
    when: 'ends of flows and paths lead nowhere',
    text: `site: hq\n${host}flows:
  - { id: a, from: dc1, to: dc01, ports: [1] }
  - { id: b, from: adfs, to: entraid, ports: [1] }
  - { id: c, from: adfs-wap, to: entra-id, ports: [1] }
  - { id: d, from: dc01, to: dc01, ports: [1] }
paths:
  - { from: dc01, to: internt, through: [edge] }
`,
    says: [
      '4:20: unknown host, network or role "dc1", did you mean dc01?',
      '5:20: no host or network has the role adfs, give the role to one, or name a host or network',
      '5:30: unknown host, network or role "entraid", did you mean entra-id?',
      '6:20: no host or network has the role adfs or wap, give the role to one, or name a host or network',
      '7:30: from and to are both "dc01", name two different ends',
      '9:23: unknown host, network or role "internt", did you mean internet?',
      '9:42: unknown device "edge", there is none yet',
    ],
  },
  {
    when: 'the id of a flow is taken',
    text: `site: hq\n${host}flows:
  - { id: a, from: internet, to: dc01, ports: [1] }
  - { id: a, from: internet, to: dc01, ports: [2] }
  - { id: t1-ldaps, from: internet, to: dc01, ports: [636] }
`,
    says: [
      '5:11: "a" is the id of a flow above, give each flow its own id',
      '6:11: "t1-ldaps" is the id of a flow of the catalog, choose another, such as with the name of the site in front',
    ],
  },
  {
    when: 'a proxy is used by nobody known',
    text: `site: hq\n${host}proxies: { p: { url: http://proxy:3128, used-by: [dc01, conect01, dc02] } }\n`,
    says: [
      '3:57: unknown host or network "conect01", known: dc01',
      '3:67: unknown host or network "dc02", did you mean dc01?',
    ],
  },
  {
    when: 'a device protects nobody known',
    text: `site: hq\n${host}devices: { fw: { vendor: windows, files: [fw.json], protects: [dc01, dc02, staff] } }\n`,
    says: [
      '3:70: unknown host or network "dc02", did you mean dc01?',
      '3:76: unknown host or network "staff", known: dc01',
    ],
  },
  {
    when: 'ports cannot be',
    text: `site: hq\n${host}flows:\n  - { id: a, from: internet, to: dc01, ports: [0, 70000, 443.5, '443'] }\n  - { id: b, from: internet, to: dc01, ports: 443 }\n  - { id: c, from: internet, to: dc01, ports: [] }\n`,
    says: [
      '4:48: port 0 is out of range, a port is a whole number from 1 to 65535',
      '4:51: port 70000 is out of range, a port is a whole number from 1 to 65535',
      '4:58: entry 3 of "ports" is a number, it must be a whole number from 1 to 65535',
      '4:65: entry 4 of "ports" is a text, it must be a whole number from 1 to 65535',
      '5:47: "ports" is a number, it must be a list such as [8443]',
      '6:47: "ports" is empty, it must be a list such as [8443]',
    ],
  },
  {
    when: 'addresses and networks cannot be',
    text: `site: hq
hosts:
  a: { roles: [adfs], addresses: [10.1.0.256, 10.1.0.010, 10.1.0.7/24, 'fe80::1%eth0', adfs01] }
networks:
  n: { roles: [], prefixes: [10.2.0.1/16, 10.2.0.0/33, 10.2.0.0, ten, '2001:db8::1/64'] }
resolvers: { internal: [dns01, '10.1.0.5:0'] }
`,
    says: [
      '3:35: "10.1.0.256" is no IP address, write one such as 10.1.0.10 or 2001:db8::10',
      '3:47: "10.1.0.010" is no IP address, write one such as 10.1.0.10 or 2001:db8::10',
      '3:59: "10.1.0.7/24" is no IP address, write 10.1.0.7 alone',
      '3:72: "fe80::1%eth0" is no IP address, write fe80::1 alone',
      '3:88: "adfs01" is no IP address, write one such as 10.1.0.10 or 2001:db8::10',
      '5:30: "10.2.0.1/16" has bits set behind its prefix, the network is 10.2.0.0/16',
      '5:43: "10.2.0.0/33" has a prefix longer than its address, at most /32, or /128 for IPv6',
      '5:56: "10.2.0.0" is no network, write its length too: 10.2.0.0/32 is that one address',
      '5:66: "ten" is no network, write one such as 10.2.0.0/16',
      '5:71: "2001:db8::1/64" has bits set behind its prefix, the network is 2001:db8::/64',
      '6:25: "dns01" is no address of a resolver, write one such as 10.1.0.5, 10.1.0.5:5353 or [2001:db8::5]:53',
      '6:32: "10.1.0.5:0" is no address of a resolver, write one such as 10.1.0.5, 10.1.0.5:5353 or [2001:db8::5]:53',
    ],
  },
  {
    when: 'names cannot be',
    text: `site: head office
tenant: contoso
domain: 10.1.0.5
federation-service: https://sts.contoso.com
hosts:
  internet: { roles: [adfs], name: under the desk }
names: { '*.msappproxy.net': 10.0.0.1, login.windows.net: lab01:9443, graph.windows.net: ':0' }
`,
    says: [
      '1:7: "head office" is no name for a thing of the site, use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first',
      '2:9: "contoso" is no tenant, write its name, such as contoso.onmicrosoft.com, or its id, which is a GUID',
      '3:9: "10.1.0.5" is an address and no name, write a DNS name such as dc01.corp.example',
      '4:21: "https://sts.contoso.com" is a URL and no name, write a DNS name such as dc01.corp.example',
      '6:3: "internet" has a meaning of its own, choose another name',
      '6:36: "under the desk" is no host name, write a DNS name such as dc01.corp.example',
      '7:10: "*.msappproxy.net" is no name that can be served elsewhere, write name, name:port or *:port, such as login.microsoftonline.com:443',
      '7:59: "lab01:9443" is no place where a name is served, write an address, address:port, or :port to resolve the name as usual and dial that port',
      '7:90: ":0" is no place where a name is served, write an address, address:port, or :port to resolve the name as usual and dial that port',
    ],
  },
  {
    when: 'a URL is none',
    text: `site: hq\n${host}proxies:
  a: { url: proxy.corp.example, used-by: [dc01] }
  b: { url: 'socks5://proxy:1080', used-by: [dc01] }
  c: { url: 'http://proxy:70000', used-by: [dc01] }
  d: { url: 'http://proxy:3128/wpad.dat', used-by: [dc01] }
`,
    says: [
      '4:13: "proxy.corp.example" is no address of a proxy, write one such as http://proxy.corp.example:3128',
      '5:13: "socks5://proxy:1080" is no address of a proxy, write one such as http://proxy.corp.example:3128',
      '6:13: "http://proxy:70000" has no host, or a port that is not 1 to 65535, write one such as http://proxy.corp.example:3128',
      '7:13: "http://proxy:3128/wpad.dat" is no address of a proxy, write one such as http://proxy.corp.example:3128',
    ],
  },
  {
    when: 'secrets are written in clear',
    text: `site: hq\n${host}proxies:
  a: { url: 'http://svc:hunter2@proxy:3128', used-by: [dc01], credentials: hunter2 }
  b: { url: 'http://proxy:3128', used-by: [dc01], password: hunter2 }
`,
    says: [
      '4:13: the address of a proxy holds what may be a password, take out what stands before the @, and write credentials: env:NAME, file:PATH or store:NAME',
      '4:76: this is no reference to a secret, secrets are never written in the file: write env:NAME, file:PATH or store:NAME',
      '5:51: unknown key "password", secrets are never written in the file: a proxy has credentials, such as env:PROXY_AUTH',
    ],
  },
  {
    when: 'a key would reach into the machinery of JavaScript',
    text: 'site: hq\nhosts: { __proto__: { roles: [adfs] }, constructor: { roles: [adfs] } }\nflows:\n  - { id: a, from: constructor, to: toString, ports: [1] }\n',
    says: [
      '2:10: "__proto__" can be no key, choose another name',
      '4:37: unknown host, network or role "toString", known: __proto__, constructor, adfs, internet, entra-id, entra-provisioning, entra-connect-health, azure-service-bus, azure-datacenter-ips, crl-ocsp',
    ],
  },
  {
    when: 'what an alias stands for is wrong, at its anchor',
    text: 'site: hq\nhosts:\n  a: { roles: &roles [adsf] }\n  b: { roles: *roles }\n',
    says: Array(2).fill('3:23: unknown role "adsf", did you mean adfs?'),
  },
  {
    when: 'a value is longer than a line should be',
    text: `site: ${'x'.repeat(500)}\n${host}`,
    says: [
      `1:7: "${'x'.repeat(59)}…" is no name for a thing of the site, use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first`,
    ],
  },
  {
    when: 'a value would move the cursor of a terminal',
    text: `site: "a\\e[2Jb\\nc\u202e"\n${host}`,
    says: [
      '1:7: "a\\u{1b}[2Jb\\u{a}c\\u{202e}" is no name for a thing of the site, use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first',
    ],
  },
]

for (const { when, text, says } of refusals) {
  test(`when ${when}, each error has its line and what is right`, () => {
    assert.deepEqual(
      linesFor(text),
      says.map((line) => `site.yaml:${line}`),
    )
  })
}

test('an error that may only follow from another one is not said', () => {
  // With hosts misspelt no name is known, and with a role misspelt no role is surely missing.
  assert.deepEqual(
    linesFor('site: hq\nhost: { dc01: { roles: [adfs] } }\nflows: [{ id: a, from: dc01, to: x, ports: [1] }]\n'),
    ['site.yaml:2:1: unknown key "host", did you mean hosts?'],
  )
  assert.deepEqual(linesFor('site: hq\nfeatures: [ad-fs]\nhosts: { a: { roles: [adsf] } }\n'), [
    'site.yaml:3:23: unknown role "adsf", did you mean adfs?',
  ])
})

test('after twenty errors the rest is counted', () => {
  const hosts = Array.from({ length: 33 }, (_, index) => `  h${index}: { roles: [none-such] }`)
  const lines = linesFor(['site: hq', 'hosts:', ...hosts].join('\n'))
  assert.equal(lines.length, 21)
  assert.match(lines[0] ?? '', /^site\.yaml:3:/)
  assert.match(lines[19] ?? '', /^site\.yaml:22:/)
  assert.equal(lines[20], 'and 13 more')
})

test('a text larger than a site file is refused with its size and the limit', () => {
  assert.deepEqual(linesFor('#'.repeat(10 * 1024 * 1024)), [
    'site.yaml:1:1: the file has 10.0 MiB, a site file has at most 4.0 MiB: is it the right file?',
  ])
})

test('texts that would take a reader of YAML hours or all memory are refused at once', () => {
  const bomb = [...'abcdefgh'].map((name, index, all) => {
    const items = index === 0 ? 'x' : `*${all[index - 1]}`
    return `${name}: &${name} [${Array(9).fill(items).join(', ')}]\n`
  })
  const rows: readonly [string, RegExp][] = [
    ['{'.repeat(maxSiteBytes), /nested more than 32 deep/],
    ['['.repeat(maxSiteBytes), /nested more than 32 deep/],
    ['? '.repeat(maxSiteBytes / 2), /nested more than 32 deep/],
    ['- '.repeat(maxSiteBytes / 2), /nested more than 32 deep/],
    ['a:\n'.repeat(maxSiteBytes / 4), /more than 500000 YAML tokens/],
    [`[${','.repeat(maxSiteBytes - 1)}`, /more than 500000 YAML tokens/],
    [`gate: [${'*a,'.repeat(1000)}]`, /aliases repeat more/],
    [bomb.join(''), /aliases repeat more/],
  ]
  for (const [text, says] of rows) {
    const lines = linesFor(text)
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', says, text.slice(0, 20))
  }
})
