import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptySite, everybody, hostOf } from '../../test/sites.ts'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import type { Flow, FlowTarget } from '../model/flow.ts'
import { flowKey } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import { planFlows } from './planFlows.ts'

test('a host that a list names with a star and without is one flow, and so is a port that a flow gives twice', () => {
  const site: Site = {
    ...emptySite,
    hosts: { connect01: hostOf(['entra-connect'], '10.1.0.10'), app01: hostOf(['published-app'], '10.1.0.20') },
    flows: [{ id: 'own', from: 'connect01', to: 'app01', ports: [8443, 8443], transport: ['tcp'], forbid: false }],
  }
  const flows = planFlows(site)
  const revocation = flows.filter(({ flow, target }) => flow === 't2-http-crl' && target.name === 'crl3.digicert.com')
  assert.deepEqual(
    revocation.map(({ target: { pattern, port } }) => [pattern, port]),
    [[undefined, 80]],
  )
  assert.equal(flows.filter(({ flow }) => flow === 'own').length, 1)
})

test('flows of one row that differ in host, name, address, port or transport are all planned', () => {
  const hosts = {
    connect01: hostOf(['entra-connect']),
    connect02: hostOf(['entra-connect']),
    dc01: hostOf(['domain-controller'], '10.1.0.5', '2001:db8::5'),
    dc02: hostOf(['domain-controller'], '10.1.0.6'),
  }
  const flows = planFlows({ ...emptySite, hosts }).filter(({ flow }) => flow === 't1-kerberos')
  assert.deepEqual(
    flows.map(({ from, target: { address, transport } }) => `${from} ${address} ${transport}`),
    ['connect01', 'connect02'].flatMap((from) =>
      // Ends first, then the pairs of the row, then the addresses of the end.
      [
        ['10.1.0.5 tcp', '2001:db8::5 tcp', '10.1.0.5 udp', '2001:db8::5 udp'],
        ['10.1.0.6 tcp', '10.1.0.6 udp'],
      ]
        .flat()
        .map((where) => `${from} ${where}`),
    ),
  )
})

test('the same site gives the same list', () => {
  const site = { ...everybody, features: [...features] }
  assert.deepEqual(planFlows(site), planFlows(site))
})

test('a name that its list calls optional makes an optional flow of a required row, and leaves an unsettled one unsettled', () => {
  const hosts = {
    connect01: hostOf(['entra-connect', 'health-agent']),
    agent01: hostOf(['pta-agent']),
    app01: hostOf(['app-8443']),
  }
  const on: Site = { ...emptySite, features: ['connect-health', 'pass-through-auth', 'own-app'], hosts }
  const overage: Site = { ...on, facts: { 'groups-overage': true } }
  const necessity = (site: Site, row: string, name: string) =>
    planFlows(site).find(({ flow, target }) => flow === row && (target.pattern ?? target.name) === name)?.necessity
  const rows: readonly (readonly [Site, row: string, name: string, expected: string])[] = [
    [on, 't7b-endpoints', 'www.office.com', 'optional'],
    [on, 't7b-endpoints', 'management.azure.com', 'required'],
    [on, 't2-https-sync', 'dc.services.visualstudio.com', 'optional'],
    [on, 't2-https-sync', 'login.microsoftonline.com', 'required'],
    [on, 'pta-status-8080', '*.msappproxy.net', 'optional'],
    [on, 'app-graph', 'graph.windows.net', 'conditional'],
    [overage, 'app-graph', 'graph.windows.net', 'optional'],
    [overage, 'app-graph', 'graph.microsoft.com', 'required'],
  ]
  for (const [site, row, name, expected] of rows) assert.equal(necessity(site, row, name), expected, `${row} ${name}`)
})

test('every flow can be dialled or says why not', () => {
  for (const cloud of clouds) {
    for (const flow of planFlows({ ...everybody, cloud, features: [...features] })) {
      const { name, address, port, range, transport, undialled } = flow.target
      const somewhere = name !== undefined || address !== undefined
      const numbered = port !== null || range !== undefined || transport === 'icmp'
      assert.ok(undialled !== undefined || (somewhere && numbered), JSON.stringify(flow.target))
    }
  }
})

test('a proxy is knocked at by the hosts that use it, at its own name and port', () => {
  const site: Site = {
    ...emptySite,
    hosts: { connect01: hostOf(['entra-connect'], '10.1.0.10'), other: hostOf(['entra-connect'], '10.1.0.11') },
    proxies: { egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'] } },
  }
  const found = planFlows(site).filter(({ flow }) => flow === 'connect-proxy')
  assert.deepEqual(
    found.map(({ from, target }) => [from, target.name, target.port, target.service]),
    [['connect01', 'proxy.corp.example', 3128, 'http-connect']],
  )
})

test('a proxy that is given by its address is dialled there, an IPv6 one without its brackets', () => {
  const hosts = { connect01: hostOf(['entra-connect'], '10.1.0.10') }
  const proxies = { egress: { url: 'http://[2001:db8::8]:8080', usedBy: ['connect01'] } }
  const found = planFlows({ ...emptySite, hosts, proxies }).find(({ flow }) => flow === 'connect-proxy')
  assert.deepEqual([found?.to, found?.target.address, found?.target.name], ['2001:db8::8', '2001:db8::8', undefined])
})

test('the wizard puts a pass-through agent on the Connect server, whatever other agents there are', () => {
  const agents = (hosts: Site['hosts']) => [
    ...new Set(
      planFlows({ ...emptySite, features: ['pass-through-auth'], hosts })
        .filter(({ flow }) => flow === 't6a-https')
        .map(({ from }) => from),
    ),
  ]
  const connect01 = hostOf(['entra-connect'])
  assert.deepEqual(agents({ connect01 }), ['connect01'])
  assert.deepEqual(agents({ connect01, agent01: hostOf(['pta-agent']) }), ['connect01', 'agent01'])
})

test('the port of a published app is that of the site’s own flow between the same two ends, or is asked for', () => {
  const hosts = { gate01: hostOf(['private-network-connector']), app01: hostOf(['published-app'], '10.1.0.20') }
  const own = {
    id: 'app',
    from: 'gate01',
    to: 'app01',
    ports: [8443],
    transport: ['tcp'],
    service: 'https',
    forbid: false,
  } as const
  const backend = (flows: Site['flows']) =>
    planFlows({ ...emptySite, features: ['application-proxy'], hosts, flows }).filter(
      ({ flow }) => flow === 'pnc-backend',
    )
  assert.deepEqual(
    backend([own]).map(({ target }) => [target.port, target.service, target.undialled]),
    [[8443, 'https', undefined]],
  )
  assert.match(backend([])[0]?.target.undialled ?? '', /add it under flows:, from gate01 to app01/)
})

test('an own flow opens a published app by its roles too and with its path, and only where it is web over the same transport', () => {
  const hosts = { gate01: hostOf(['private-network-connector']), app01: hostOf(['published-app'], '10.1.0.20') }
  const own = { id: 'app', from: 'gate01', to: 'app01', ports: [8443], transport: ['tcp'], forbid: false } as const
  const backend = (flow: Site['flows'][number]) =>
    planFlows({ ...emptySite, features: ['application-proxy'], hosts, flows: [flow] })
      .filter(({ flow }) => flow === 'pnc-backend')
      .map(({ target }) => [target.port, target.service, target.path])
  const rows: readonly (readonly [Partial<Site['flows'][number]>, readonly unknown[]])[] = [
    [{ path: '/health' }, [8443, 'https', '/health']],
    [{ from: 'private-network-connector', to: 'published-app', path: '/' }, [8443, 'https', '/']],
    [{ ports: [9000, 80], path: '/' }, [80, 'http', '/']],
  ]
  for (const [change, expected] of rows) assert.deepEqual(backend({ ...own, ...change }), [expected])
  for (const change of [
    { transport: ['udp'] },
    { ports: [22] },
    { service: 'mssql' },
    { from: 'any', to: 'adfs' },
  ] as const) {
    assert.deepEqual(backend({ ...own, ...change })[0]?.[0], null)
  }
})

test('an own flow without a service speaks what is usual at each of its ports', () => {
  const hosts = { a: hostOf(['adfs'], '10.1.0.1'), b: hostOf(['adfs'], '10.1.0.2') }
  const own = {
    id: 'own',
    from: 'a',
    to: 'b',
    ports: [443, 389, 2222],
    transport: ['tcp', 'udp'],
    forbid: false,
  } as const
  const found = planFlows({ ...emptySite, hosts, flows: [own] }).filter(({ flow }) => flow === 'own')
  assert.deepEqual(
    found.map(({ target }) => `${target.port}/${target.transport} ${target.service}`),
    ['443/tcp https', '443/udp any', '389/tcp ldap', '389/udp cldap', '2222/tcp tcp', '2222/udp any'],
  )
})

test('a proxy that the facts speak of and nobody names is planned and says so', () => {
  const hosts = { connect01: hostOf(['entra-connect'], '10.1.0.10') }
  const found = planFlows({ ...emptySite, hosts, facts: { 'outbound-proxy': true } })
  assert.deepEqual(
    found.filter(({ flow }) => flow === 'connect-proxy').map(({ target }) => target.undialled),
    ['the site file names no proxy that connect01 uses'],
  )
})

for (const name of ['constructor', 'toString', '__proto__']) {
  test(`a network may be called ${name}`, () => {
    const networks = Object.fromEntries([[name, { roles: [], prefixes: ['10.2.0.0/16'] }]])
    const hosts = { a: hostOf(['adfs'], '10.1.0.1') }
    const own = { id: 'own', from: name, to: 'a', ports: [443], transport: ['tcp'], forbid: false } as const
    const found = planFlows({ ...emptySite, hosts, networks, flows: [own] }).filter(({ flow }) => flow === 'own')
    assert.deepEqual(
      found.map(({ fromAddresses }) => fromAddresses),
      [['10.2.0.0/16']],
    )
  })
}

test('a wildcard is dialled by a documented name and keeps its pattern; one without such a name says so', () => {
  const site: Site = {
    ...emptySite,
    features: ['connect-health'],
    hosts: { connect01: hostOf(['entra-connect', 'health-agent']) },
  }
  const targets = planFlows(site).map(({ target }) => target)
  const sync = targets.find(({ pattern }) => pattern === '*.microsoftonline.com')
  assert.equal(sync?.name, 'adminwebservice.microsoftonline.com')
  const blob = targets.find(({ pattern }) => pattern === '*.blob.core.windows.net')
  assert.equal(blob?.name, undefined)
  assert.equal(blob?.undialled, 'no name to try: Microsoft documents none under this pattern')
})

test('a wildcard whose documented names are on another port says so, and is not dialled there', () => {
  const site: Site = { ...emptySite, features: ['pass-through-auth'], hosts: { agent01: hostOf(['pta-agent']) } }
  const found = planFlows(site).filter(({ flow }) => flow === 'pta-status-8080' || flow === 't6a-https')
  const bus = found.filter(({ target }) => target.pattern === '*.msappproxy.net').map(({ target }) => target)
  assert.deepEqual(
    bus.map(({ port, undialled }) => [port, undialled]),
    [
      [443, undefined],
      [8080, 'no name to try: what Microsoft documents under this pattern is on 443, nothing on 8080'],
    ],
  )
})

const tenants: readonly (readonly [tenant: string | undefined, name: string | undefined, undialled: RegExp])[] = [
  ['11111111-2222-4333-8444-555555555555', '11111111-2222-4333-8444-555555555555.registration.msappproxy.net', /^$/],
  [
    'contoso.onmicrosoft.com',
    undefined,
    /^no name to try: \{tenantId\} is a GUID, and tenant: in the site file is the name contoso\.onmicrosoft\.com; give the id instead$/,
  ],
  [undefined, undefined, /^no name to try: \{tenantId\} is a GUID; give it as tenant: in the site file$/],
]

for (const [tenant, name, undialled] of tenants) {
  test(`{tenantId} with ${tenant ?? 'no tenant'} ${name === undefined ? 'says what the site file must give' : 'is filled'}`, () => {
    const site: Site = {
      ...emptySite,
      ...(tenant !== undefined && { tenant }),
      features: ['seamless-sso', 'password-hash-sync'],
      hosts: { connect01: hostOf(['entra-connect']) },
    }
    const found = planFlows(site).find(
      ({ flow, target }) => flow === 't6b-https' && target.pattern === '{tenantId}.registration.msappproxy.net',
    )
    assert.equal(found?.target.name, name)
    assert.match(found?.target.undialled ?? '', undialled)
  })
}

test('names: maps the address, the port, or both, and the planned port stays known', () => {
  const hosts = { app: hostOf(['app-8443'], '10.3.0.5') }
  const target = (names: Record<string, string>) =>
    planFlows({ ...emptySite, features: ['own-app'], hosts, names }).find(({ flow }) => flow === 'app-oidc')?.target
  assert.equal(target({})?.address, undefined)
  const both = target({ 'login.microsoftonline.com': '127.0.0.1:9443' })
  assert.deepEqual(
    [both?.name, both?.address, both?.port, both?.plannedPort],
    ['login.microsoftonline.com', '127.0.0.1', 9443, 443],
  )
  const port = target({ 'login.microsoftonline.com:443': ':9443' })
  assert.deepEqual([port?.address, port?.port, port?.plannedPort], [undefined, 9443, 443])
  const other = target({ 'login.microsoftonline.com:8443': ':9443' })
  assert.deepEqual([other?.port, other?.plannedPort], [443, undefined])
})

test('what must be closed is planned: 8443 to Entra from every host, and the user’s forbidden flows', () => {
  const site: Site = {
    ...emptySite,
    hosts: { connect01: hostOf(['entra-connect'], '10.1.0.10'), app01: hostOf(['published-app'], '10.1.0.20') },
    flows: [
      {
        id: 'no-telnet',
        from: 'connect01',
        to: 'app01',
        ports: [23],
        transport: ['tcp'],
        service: 'tcp',
        forbid: true,
      },
    ],
  }
  const closed = planFlows(site).filter(({ expect }) => expect === 'closed')
  assert.deepEqual(
    closed.map(({ flow, from, target }) => [flow, from, target.port]),
    [
      ['neg-8443-entra', 'connect01', 8443],
      ['neg-8443-entra', 'app01', 8443],
      ['neg-inbound-connect', 'internet', null],
      ['no-telnet', 'connect01', 23],
    ],
  )
})

test('nobody outside comes to whatever opens its connections itself, and a role that nobody plays need not be closed', () => {
  const inbound = (hosts: Site['hosts'], features: Site['features'] = []) =>
    planFlows({ ...emptySite, hosts, features })
      .filter(({ flow }) => flow === 'neg-inbound-connect')
      .map(({ to }) => to)
  const hosts = {
    connect01: hostOf(['entra-connect', 'pta-agent'], '10.1.0.10'),
    pta02: hostOf(['pta-agent'], '10.1.0.11'),
    sync01: hostOf(['cloud-sync-agent'], '10.1.0.12'),
    agent01: hostOf(['provisioning-agent'], '10.1.0.13'),
    pnc01: hostOf(['private-network-connector'], '10.1.0.14'),
    app01: hostOf(['published-app'], '10.1.0.20'),
    adfs01: hostOf(['adfs', 'health-agent'], '10.1.0.21'),
  }
  assert.deepEqual(inbound(hosts), ['connect01', 'pta02', 'sync01', 'agent01', 'pnc01'])
  assert.deepEqual(inbound({ app01: hosts.app01 }), [])
})

test('what a host sends through its proxy goes by its name and Microsoft’s port, and by the key that it had', () => {
  const site: Site = {
    ...emptySite,
    features: ['password-hash-sync', 'own-app'],
    hosts: {
      connect01: hostOf(['entra-connect', 'app-8443'], '10.1.0.10'),
      connect02: hostOf(['entra-connect'], '10.1.0.11'),
      dc01: hostOf(['domain-controller'], '10.1.0.5'),
    },
    names: { '*:443': ':9443', 'login.microsoftonline.com': '127.0.0.1' },
    flows: [
      {
        id: 'time',
        from: 'connect01',
        to: 'internet',
        ports: [123],
        transport: ['udp'],
        service: 'ntp',
        direction: 'outbound-internet',
        forbid: false,
      },
    ],
  }
  const straight = planFlows(site)
  const proxied = planFlows({
    ...site,
    proxies: {
      egress: { url: 'http://proxy:3128', usedBy: ['connect01'] },
      second: { url: 'http://second:3128', usedBy: ['connect01', 'dc01'] },
    },
  })
  const through = proxied.filter(({ via }) => via !== undefined)
  assert.ok(through.length >= 10)
  assert.deepEqual([...new Set(through.map(({ from, via }) => `${from} ${via}`))], ['connect01 egress'])
  for (const { flow, direction, expect, target } of through) {
    assert.deepEqual([direction, expect, target.transport], ['outbound-internet', 'open', 'tcp'], flow)
    // The proxy finds the name: what names: of the site file says of it is not for the proxy.
    assert.deepEqual([target.address, target.plannedPort], [undefined, undefined], flow)
    assert.notEqual(target.port, 9443, flow)
  }
  const kept = proxied.filter(({ from, via }) => from === 'connect01' && via === undefined)
  for (const kind of ['closed', 'udp', 'internal']) {
    assert.ok(
      kept.some(({ expect, direction, target }) => expect === kind || target.transport === kind || direction === kind),
      kind,
    )
  }
  const outside = kept.filter(({ direction }) => direction === 'outbound-internet')
  assert.ok(outside.every(({ expect, target }) => expect === 'closed' || target.transport !== 'tcp'))
  assert.ok(proxied.some(({ from, target }) => from === 'connect02' && target.port === 9443))
  const keys = (flows: readonly Flow[]): readonly string[] =>
    flows.map((flow) => flowKey({ ...flow, target: withoutAddress(flow.target) }))
  // The way to the proxy itself is a flow of its own.
  const toProxies = proxied.filter(({ toRole }) => toRole === 'outbound-proxy')
  assert.ok(toProxies.length > 0 && toProxies.every(({ via }) => via === undefined))
  assert.deepEqual(keys(proxied.filter((flow) => !toProxies.includes(flow))), keys(straight))
})

/** An address that `names:` gives is not the target's own. */
function withoutAddress({ address: _address, ...target }: FlowTarget): FlowTarget {
  return target
}
