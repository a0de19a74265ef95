import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FlowRow } from '../catalog/index.ts'
import { factRows, flowRows } from '../catalog/index.ts'
import { clouds } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import { features } from '../model/feature.ts'
import { flowKey } from '../model/flow.ts'
import type { SiteRole } from '../model/role.ts'
import { siteRoles } from '../model/role.ts'
import type { Host, Site } from '../model/site.ts'
import { facts } from '../model/site.ts'
import { planFlows } from './planFlows.ts'

const empty: Site = {
  site: 'test',
  cloud: 'worldwide',
  features: [],
  facts: {},
  hosts: {},
  networks: {},
  resolvers: { internal: [], control: [] },
  proxies: {},
  trust: { certificates: [] },
  names: {},
  flows: [],
  devices: {},
  paths: [],
}

function host(roles: readonly SiteRole[], ...addresses: string[]): Host {
  return { roles, addresses }
}

/** A site in which every role is played twice, so that no flow is absent for want of an end. */
const everybody: Site = {
  ...empty,
  tenant: '11111111-2222-4333-8444-555555555555',
  domain: 'corp.example',
  federationService: 'sts.corp.example',
  hosts: Object.fromEntries(
    siteRoles.flatMap((role, index) => [
      [`${role}-1`, host([role], `10.1.${index}.1`)],
      [`${role}-2`, host([role], `10.1.${index}.2`)],
    ]),
  ),
}

/** The rows that a site with these features alone must have, by a plain reading of the typed conditions. */
function rowsNaming(on: readonly Feature[], site: Site): string[] {
  const settled = (row: FlowRow): boolean =>
    row.condition.facts.every(({ fact, is }) => {
      const derived: Record<string, boolean> = { 'outbound-proxy': false, 'ad-fs-farm': true }
      const value = site.facts[fact] ?? derived[fact] ?? factRows[fact].default
      return value === 'unknown' || value === is
    })
  return flowRows
    .filter(({ condition }) => condition.features.length === 0 || condition.features.some((each) => on.includes(each)))
    .filter(({ condition }) => condition.clouds.includes(site.cloud))
    .filter(settled)
    .map(({ id }) => id)
    .sort()
}

const planned = (site: Site): string[] => [...new Set(planFlows(site).map(({ flow }) => flow))].sort()

for (const cloud of clouds) {
  for (const feature of features) {
    test(`${feature} alone in ${cloud} plans exactly the rows whose condition names it or no feature`, () => {
      const site = { ...everybody, cloud, features: [feature] }
      assert.deepEqual(planned(site), rowsNaming([feature], site))
      for (const { flow, features: because } of planFlows(site)) {
        const row = flowRows.find(({ id }) => id === flow)
        assert.deepEqual(because, row?.condition.features.includes(feature) ? [feature] : [], flow)
      }
    })
  }
}

test('any combination of features plans the union of what each plans alone', () => {
  fc.assert(
    fc.property(fc.subarray([...features]), fc.constantFrom(...clouds), (on, cloud) => {
      const site = { ...everybody, cloud, features: on }
      assert.deepEqual(planned(site), rowsNaming(on, site))
    }),
    { numRuns: 40 },
  )
})

test('no two planned flows are the same conversation, and the same site gives the same list', () => {
  const site = { ...everybody, features: [...features] }
  const flows = planFlows(site)
  assert.equal(new Set(flows.map(flowKey)).size, flows.length)
  assert.deepEqual(planFlows(site), flows)
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

test('a fact that nobody settled leaves the flow conditional and named; a settled one requires or removes it', () => {
  const site: Site = { ...everybody, features: ['ad-fs'] }
  const winrm = (facts: Site['facts']) => planFlows({ ...site, facts }).filter(({ flow }) => flow === 't1-winrm')
  assert.ok(
    winrm({}).every(
      ({ necessity, unsettled }) => necessity === 'conditional' && unsettled[0] === 'wizard-manages-ad-fs',
    ),
  )
  assert.ok(winrm({}).length > 0)
  assert.ok(winrm({ 'wizard-manages-ad-fs': true }).every(({ necessity }) => necessity === 'required'))
  assert.deepEqual(winrm({ 'wizard-manages-ad-fs': false }), [])
})

test('endpoint mapper and dynamic RPC are for set-up, and daily with password hash sync', () => {
  const phase = (on: readonly Feature[]) =>
    planFlows({ ...everybody, features: on }).find(({ flow }) => flow === 't1-rpc-epm')?.phase
  assert.equal(phase([]), 'setup')
  assert.equal(phase(['password-hash-sync']), 'setup+runtime')
})

test('a proxy is knocked at by the hosts that use it, at its own name and port', () => {
  const site: Site = {
    ...empty,
    hosts: { connect01: host(['entra-connect'], '10.1.0.10'), other: host(['entra-connect'], '10.1.0.11') },
    proxies: { egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'] } },
  }
  const found = planFlows(site).filter(({ flow }) => flow === 'connect-proxy')
  assert.deepEqual(
    found.map(({ from, target }) => [from, target.name, target.port, target.service]),
    [['connect01', 'proxy.corp.example', 3128, 'http-connect']],
  )
})

test('a proxy that is given by its address is dialled there, an IPv6 one without its brackets', () => {
  const hosts = { connect01: host(['entra-connect'], '10.1.0.10') }
  const proxies = { egress: { url: 'http://[2001:db8::8]:8080', usedBy: ['connect01'] } }
  const found = planFlows({ ...empty, hosts, proxies }).find(({ flow }) => flow === 'connect-proxy')
  assert.deepEqual([found?.to, found?.target.address, found?.target.name], ['2001:db8::8', '2001:db8::8', undefined])
})

test('the wizard puts a pass-through agent on the Connect server, whatever other agents there are', () => {
  const agents = (hosts: Site['hosts']) => [
    ...new Set(
      planFlows({ ...empty, features: ['pass-through-auth'], hosts })
        .filter(({ flow }) => flow === 't6a-https')
        .map(({ from }) => from),
    ),
  ]
  const connect01 = host(['entra-connect'])
  assert.deepEqual(agents({ connect01 }), ['connect01'])
  assert.deepEqual(agents({ connect01, agent01: host(['pta-agent']) }), ['connect01', 'agent01'])
})

test('the port of a published app is that of the site’s own flow between the same two ends, or is asked for', () => {
  const hosts = { gate01: host(['private-network-connector']), app01: host(['published-app'], '10.1.0.20') }
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
    planFlows({ ...empty, features: ['application-proxy'], hosts, flows }).filter(({ flow }) => flow === 'pnc-backend')
  assert.deepEqual(
    backend([own]).map(({ target }) => [target.port, target.service, target.undialled]),
    [[8443, 'https', undefined]],
  )
  assert.match(backend([])[0]?.target.undialled ?? '', /add it under flows:, from gate01 to app01/)
})

test('an own flow opens a published app by its roles too and with its path, and only where it is web over the same transport', () => {
  const hosts = { gate01: host(['private-network-connector']), app01: host(['published-app'], '10.1.0.20') }
  const own = { id: 'app', from: 'gate01', to: 'app01', ports: [8443], transport: ['tcp'], forbid: false } as const
  const backend = (flow: Site['flows'][number]) =>
    planFlows({ ...empty, features: ['application-proxy'], hosts, flows: [flow] })
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
  const hosts = { a: host(['adfs'], '10.1.0.1'), b: host(['adfs'], '10.1.0.2') }
  const own = {
    id: 'own',
    from: 'a',
    to: 'b',
    ports: [443, 389, 2222],
    transport: ['tcp', 'udp'],
    forbid: false,
  } as const
  const found = planFlows({ ...empty, hosts, flows: [own] }).filter(({ flow }) => flow === 'own')
  assert.deepEqual(
    found.map(({ target }) => `${target.port}/${target.transport} ${target.service}`),
    ['443/tcp https', '443/udp any', '389/tcp ldap', '389/udp cldap', '2222/tcp tcp', '2222/udp any'],
  )
})

test('a proxy that the facts speak of and nobody names is planned and says so', () => {
  const hosts = { connect01: host(['entra-connect'], '10.1.0.10') }
  const found = planFlows({ ...empty, hosts, facts: { 'outbound-proxy': true } })
  assert.deepEqual(
    found.filter(({ flow }) => flow === 'connect-proxy').map(({ target }) => target.undialled),
    ['the site file names no proxy that connect01 uses'],
  )
})

for (const name of ['constructor', 'toString', '__proto__']) {
  test(`a network may be called ${name}`, () => {
    const networks = Object.fromEntries([[name, { roles: [], prefixes: ['10.2.0.0/16'] }]])
    const hosts = { a: host(['adfs'], '10.1.0.1') }
    const own = { id: 'own', from: name, to: 'a', ports: [443], transport: ['tcp'], forbid: false } as const
    const found = planFlows({ ...empty, hosts, networks, flows: [own] }).filter(({ flow }) => flow === 'own')
    assert.deepEqual(
      found.map(({ fromAddresses }) => fromAddresses),
      [['10.2.0.0/16']],
    )
  })
}

test('a wildcard is dialled by a documented name and keeps its pattern; one without such a name says so', () => {
  const site: Site = {
    ...empty,
    features: ['connect-health'],
    hosts: { connect01: host(['entra-connect', 'health-agent']) },
  }
  const targets = planFlows(site).map(({ target }) => target)
  const sync = targets.find(({ pattern }) => pattern === '*.microsoftonline.com')
  assert.equal(sync?.name, 'adminwebservice.microsoftonline.com')
  const blob = targets.find(({ pattern }) => pattern === '*.blob.core.windows.net')
  assert.equal(blob?.name, undefined)
  assert.match(blob?.undialled ?? '', /no name to try/)
})

test('names: maps the address, the port, or both, and the planned port stays known', () => {
  const hosts = { app: host(['app-8443'], '10.3.0.5') }
  const target = (names: Record<string, string>) =>
    planFlows({ ...empty, features: ['own-app'], hosts, names }).find(({ flow }) => flow === 'app-oidc')?.target
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
    ...empty,
    hosts: { connect01: host(['entra-connect'], '10.1.0.10'), app01: host(['published-app'], '10.1.0.20') },
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

test('every fact decides some row or is derived from one', () => {
  const used = new Set(flowRows.flatMap(({ condition }) => condition.facts.map(({ fact }) => fact)))
  assert.deepEqual(
    facts.filter((fact) => !used.has(fact)),
    [],
  )
})
