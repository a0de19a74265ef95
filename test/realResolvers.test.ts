/**
 * The lab's rows of names, played by unbound as the resolver inside and outside and by bind as the name server of the
 * site, with nginx and haproxy at the addresses that they give: each comes out as its row in the lab demands, and
 * accuses nothing else.
 */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import type { FaultId, OddityId } from '../src/lab/index.ts'
import type { LabRecord } from '../src/lab/servers/zone.ts'
import { labDomain, zoneRecords } from '../src/lab/servers/zone.ts'
import type { LabPorts } from '../src/lab/site.ts'
import { dnsName, labSite } from '../src/lab/site.ts'
import type { CheckReport } from '../src/model/report.ts'
import { planFlows } from '../src/plan/planFlows.ts'
import { assertAccusesNobody, assertTells, lacking } from './faultTold.ts'
import { installed, needs } from './needs.ts'
import { makeAuthority, registration } from './realAuthority.ts'
import { page, startHaproxy, startNginx } from './realFronts.ts'
import type { RealGround, Running } from './realGround.ts'
import { checkGround, labPortsAt, openGround } from './realGround.ts'
import { startBind, startUnbound } from './realNames.ts'
import { faultNamed, oddityNamed } from './realRow.ts'

const programs = ['openssl', 'nginx', 'haproxy', 'unbound', 'named'] as const

/** Addresses of this machine at the port of the cloud, and what is there. */
const at = { console: '127.0.0.2', blockPage: '127.0.0.3', near: '127.0.0.4', cuts: '127.0.0.5', nobody: '127.0.0.9' }
/** At the port of the directory another domain controller is there. */
const otherController = '127.0.0.2'

const signIn = 'login.microsoftonline.com'
const graph = 'graph.microsoft.com'
const managed = 'management.azure.com'

/** What one resolver says of a name instead of what bind has. */
const local = (name: string, ...addresses: readonly string[]): string =>
  [`  local-zone: "${name}." redirect`, ...addresses.map((one) => `  local-data: "${name}. 60 IN A ${one}"`)].join('\n')
const policy = (name: string, type: 'always_nxdomain' | 'always_refuse' | 'always_null'): string =>
  `  local-zone: "${name}." ${type}`
/** Addresses as they are written down, and not another one first each time. */
const inOrder = '  rrset-roundrobin: no\n'
/** The servers of the name are at an address that unbound may not ask. */
const lame = `stub-zone:\n  name: "${managed}."\n  stub-addr: 127.0.0.77`
/** Whatever it has to ask others for, it asks of those that are not there. */
const forwardersGone = ['com', 'net']
  .map((domain) => `forward-zone:\n  name: "${domain}."\n  forward-addr: 127.0.0.77`)
  .join('\n')

/** A name server of the site that has other records than usual. */
interface Zones {
  readonly root?: (name: string) => string | undefined
  readonly corp?: (record: LabRecord) => readonly LabRecord[]
}

/** A row of the lab, by whom it is played, and what is other than usual for it. */
interface Play<Id extends string> {
  readonly id: Id
  readonly by: string
  /** Lines of the unbound inside, and of the one outside. */
  readonly inside?: string
  readonly outside?: string
  /** Instead of the usual one behind both resolvers, and as dns01. */
  readonly bind?: Zones
  /** Instead of the usual one as dns02. */
  readonly second?: Zones
  /** Inside, before the usual one: an unbound that hangs; or the only one hangs. */
  readonly hangs?: 'first' | 'only'
  /** A forwarder of unbound that is never heard. */
  readonly silentForwarder?: true
  /** Somebody answers where no resolver is. */
  readonly everywhere?: true
}

/** The answer for the sign-in service is a chain of aliases that does not fit a datagram of 512 octets. */
const long: Zones = {
  root(name) {
    if (name !== signIn) return undefined
    const aliases = Array.from({ length: 6 }, (_, index) => `${'abcdef'[index]?.repeat(60)}.${index}.example`)
    const links = [signIn, ...aliases].map((alias, index) => {
      const next = aliases[index]
      return next === undefined ? `${alias}. IN A 127.0.0.1` : `${alias}. IN CNAME ${next}.`
    })
    return links.join('\n')
  },
}
/** Its answers in 512 octets over UDP; what it asks itself may be longer. */
const short = '  max-udp-size: 512\n  edns-buffer-size: 4096'

const located = `_ldap._tcp.dc._msdcs.${labDomain}`

const plays: readonly Play<FaultId>[] = [
  { id: 'split-brain', by: 'local data of unbound', inside: local(registration, at.console) },
  {
    id: 'nxdomain',
    by: 'unbound inside and outside',
    inside: policy(graph, 'always_nxdomain'),
    outside: policy(graph, 'always_nxdomain'),
  },
  { id: 'resolver-filters', by: 'always_nxdomain of unbound', inside: policy(managed, 'always_nxdomain') },
  { id: 'resolver-refuses', by: 'always_refuse of unbound', inside: policy(managed, 'always_refuse') },
  { id: 'resolver-blanks', by: 'always_null of unbound', inside: policy(managed, 'always_null') },
  { id: 'resolver-block-page', by: 'local data of unbound, and nginx', inside: local(managed, at.blockPage) },
  { id: 'resolver-fails', by: 'unbound whose stub is dead', inside: lame },
  { id: 'name-fails-everywhere', by: 'unbound inside and outside, whose stub is dead', inside: lame, outside: lame },
  { id: 'resolver-slow', by: 'unbound whose forwarder is dead', silentForwarder: true },
  { id: 'forwarders-dead', by: 'unbound whose forwarders are dead', inside: forwardersGone },
  { id: 'resolver-dead', by: 'unbound that is stopped', hangs: 'only' },
  { id: 'first-resolver-dead', by: 'two unbounds, of which one is stopped', hangs: 'first' },
  { id: 'dns-tcp-closed', by: 'unbound without TCP', inside: `${short}\n  do-tcp: no`, bind: long },
  {
    id: 'srv-missing',
    by: 'bind',
    bind: { corp: (record) => (record.name === `_gc._tcp.${labDomain}` ? [] : [record]) },
  },
  {
    id: 'srv-dangling',
    by: 'bind',
    bind: { corp: (record) => (record.name === `dc01.${labDomain}` ? [] : [record]) },
  },
  {
    id: 'stale-record',
    by: 'bind, and nginx',
    bind: {
      corp: (record) =>
        record.name === `dc01.${labDomain}` && record.type === 'A' ? [{ ...record, data: otherController }] : [record],
    },
  },
  { id: 'one-address-closed', by: 'unbound', inside: `${inOrder}${local(graph, at.nobody, '127.0.0.1')}` },
  { id: 'one-address-cuts', by: 'unbound, and haproxy', inside: `${inOrder}${local(graph, at.cuts, '127.0.0.1')}` },
]

const odd: readonly Play<OddityId>[] = [
  { id: 'resolver-truncates', by: 'unbound with TCP', inside: short, bind: long },
  {
    id: 'two-addresses',
    by: 'unbound, and nginx twice',
    inside: local(graph, '127.0.0.1', at.near),
    outside: local(graph, '127.0.0.1', at.near),
  },
  {
    id: 'other-address-outside',
    by: 'a view of unbound, and nginx twice',
    inside: `  access-control-view: 127.0.0.0/8 near
view:
  name: near
  view-first: yes
${local(graph, at.near)}`,
  },
  { id: 'dns-led-elsewhere', by: 'unbound', everywhere: true },
  {
    id: 'service-records-differ',
    by: 'two binds',
    second: {
      corp: (record) =>
        record.name === located && record.type === 'SRV'
          ? [record, { ...record, data: { ...record.data, target: `dc02.${labDomain}` } }]
          : [record],
    },
  },
]

/** What no server here answers: the time, and a WebSocket. */
const without = ['lab-time', 'lab-ws']

/** Names of the internet that are dialled; bind has these and the zone of the site. */
const outsideNames = [
  ...new Set(
    planFlows(labSite(labPortsAt(1), 'root.pem')).flatMap(({ target: { name = labDomain } }) =>
      name.endsWith(labDomain) ? [] : [name],
    ),
  ),
]

function rdataOf(record: LabRecord): string {
  switch (record.type) {
    case 'SRV':
      return `${record.data.priority} ${record.data.weight} ${record.data.port} ${record.data.target}.`
    case 'A':
      return record.data
    case 'CNAME':
    case 'NS':
      return `${record.data}.`
    case 'SOA':
      return ''
    default:
      return record satisfies never
  }
}

/** The zone of the lab, which has its own SOA and NS here. */
const zonesOf = ({ root = () => undefined, corp = (record) => [record] }: Zones) => ({
  root: `${outsideNames.map((name) => root(name) ?? `${name}. IN A 127.0.0.1`).join('\n')}\n`,
  corp: `${zoneRecords
    .filter(({ type }) => type !== 'SOA' && type !== 'NS')
    .flatMap(corp)
    .map((record) => `${record.name}. IN ${record.type} ${rdataOf(record)}`)
    .join('\n')}\n`,
})

/** Configurations of unbound: everything is asked of bind, and outside nobody knows the zone of the site. */
const insideOf = (bind: number, lines = ''): string =>
  `${lines}\nstub-zone:\n  name: "."\n  stub-addr: 127.0.0.1@${bind}`
const outsideOf = (bind: number, lines = ''): string => insideOf(bind, `  local-zone: "${labDomain}." static\n${lines}`)

interface Standing {
  readonly ground: RealGround
  readonly tools: { readonly unbound: string; readonly named: string }
  /** Where everything is that no row has for itself: all but the resolver inside. */
  readonly usual: LabPorts
  /** The name server of the site. */
  readonly bind: number
}

/** What a machine without more addresses on its loopback interface lacks. */
const lack = lacking(oddityNamed('two-addresses'))

let standing: Standing | undefined

before(async () => {
  if (lack !== undefined) return
  const [openssl, nginx, haproxy, unbound, named] = programs.map((program) => installed(program))
  if (!openssl || !nginx || !haproxy || !unbound || !named) return
  const ground = await openGround(64)
  const [cloud, web, app] = [ground.port(), ground.port(), ground.port()]
  const [directory, farm, cuts, nobody] = [ground.port(), ground.port(), ground.port(), ground.port()]
  try {
    const [tenant] = await Promise.all([ground.openTenant(), makeAuthority(openssl, ground.folder)])
    const pass = `location / { proxy_pass http://127.0.0.1:${tenant}; proxy_set_header Host $host; }`
    const asks = `ssl_verify_client optional; ssl_client_certificate root.pem; ${page('Sign in')}`
    const bind = await startBind(ground, named, zonesOf({}))
    const [outside] = await Promise.all([
      startUnbound(ground, unbound, outsideOf(bind.port)),
      startNginx(ground, nginx, [
        { port: cloud, certificate: 'cloud', lines: pass },
        { port: cloud, address: at.near, certificate: 'cloud', lines: pass },
        { port: cloud, address: at.console, certificate: 'console', lines: page('FortiGate Login') },
        { port: cloud, address: at.blockPage, certificate: 'wrong-name', lines: page('Web Page Blocked') },
        { port: web, lines: `location = /issuing.crl { alias issuing.crl; } location / { return 404; }` },
        { port: app, certificate: 'genuine', lines: page('Expenses') },
        { port: directory, certificate: 'dc01', lines: page('Directory') },
        { port: directory, address: otherController, certificate: 'dc02', lines: page('Directory') },
        { port: farm, certificate: 'farm', lines: asks },
      ]),
      startHaproxy(
        ground,
        haproxy,
        `listen cuts
  mode tcp
  option nolinger
  bind ${at.cuts}:${cloud}
  bind 127.0.0.1:${cuts}
  tcp-request inspect-delay 5s
  tcp-request content reject if { req.ssl_hello_type 1 }
`,
        cuts,
      ),
    ])
    const usual = { ...labPortsAt(nobody), cloud, web, app, directory, farm, controlDns: outside.port }
    standing = { ground, tools: { unbound, named }, usual, bind: bind.port }
  } catch (error) {
    await ground.close()
    throw error
  }
})

after(() => standing?.ground.close())

/** Everything is there; else the test is left out with the reason, or fails where nothing may be missing. */
function ready(t: TestContext): Standing | undefined {
  if (lack !== undefined) {
    t.skip(lack)
    return undefined
  }
  for (const program of programs) if (needs(t, program) === undefined) return undefined
  assert.ok(standing)
  return standing
}

/** Starts what the row has of its own, checks, and ends it. */
async function checked(
  t: TestContext,
  { ground, tools, usual, bind: usualBind }: Standing,
  play: Omit<Play<string>, 'id' | 'by'>,
  from?: string,
): Promise<CheckReport> {
  const own: Running[] = []
  const kept = <T extends Running>(server: T): T => {
    own.push(server)
    return server
  }
  t.after(() => Promise.all(own.map((server) => server.end())))
  const bindOf = async (zones: Zones): Promise<number> => {
    const options = 'max-udp-size 4096;'
    return kept(await startBind(ground, tools.named, zonesOf(zones), options)).port
  }
  const unboundOf = async (lines: string): Promise<number> => {
    return kept(await startUnbound(ground, tools.unbound, lines)).port
  }
  const bind = play.bind === undefined ? usualBind : await bindOf(play.bind)
  const internal = [await unboundOf(insideOf(bind, await insideLines(t, play)))]
  const controlDns = play.outside === undefined ? usual.controlDns : await unboundOf(outsideOf(bind, play.outside))
  if (play.hangs !== undefined) {
    const hung = kept(await startUnbound(ground, tools.unbound, insideOf(bind)))
    hung.child.kill('SIGSTOP')
    if (play.hangs === 'only') internal.pop()
    internal.unshift(hung.port)
  }
  const secondDns = play.second === undefined ? bind : await bindOf(play.second)
  const ports = {
    ...usual,
    internalDns: internal[0] ?? 0,
    controlDns,
    secondDns,
    ...(play.everywhere === true && { nowhere: controlDns }),
  }
  return checkGround(
    ground,
    {
      ports,
      root: 'root.pem',
      site: (site) => ({
        ...site,
        resolvers: { ...site.resolvers, internal: internal.map((port) => `127.0.0.1:${port}`) },
        names: { ...site.names, [`${dnsName}:53`]: `:${bind}` },
      }),
      without,
      timeoutMs: play.silentForwarder === true ? 3000 : 1500,
      ...(from !== undefined && { from }),
    },
    t.signal,
  )
}

/** A forwarder that is never heard is waited for, and then the name is looked up from the root on. */
async function insideLines(t: TestContext, play: Omit<Play<string>, 'id' | 'by'>): Promise<string | undefined> {
  if (play.silentForwarder !== true) return play.inside
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  return `  unknown-server-time-limit: 1300
  outbound-msg-retry: 1
forward-zone:
  name: "${managed}."
  forward-addr: 127.0.0.1@${silent.address().port}
  forward-first: yes`
}

// Rows mostly wait.
describe('servers that are not ours', { concurrency: 3 }, () => {
  test('the site of the lab with unbound inside and outside and bind as its name server: nothing is accused', async (t) => {
    const stands = ready(t)
    if (stands === undefined) return
    for (const from of ['gate01', 'desk01']) {
      const report = await checked(t, stands, {}, from)
      assertAccusesNobody(report)
      assert.ok(report.summary.open >= 4, `only ${report.summary.open} flows were open`)
    }
  })

  for (const play of plays) {
    const row = faultNamed(play.id)
    test(`${row.id} by ${play.by}: ${row.breaks}`, async (t) => {
      const stands = ready(t)
      if (stands === undefined) return
      assertTells(await checked(t, stands, play, row.expect.from), row)
    })
  }

  for (const play of odd) {
    const row = oddityNamed(play.id)
    test(`${row.id} by ${play.by} accuses nobody: ${row.breaks}`, async (t) => {
      const stands = ready(t)
      if (stands === undefined) return
      const report = await checked(t, stands, play, row.from)
      assertAccusesNobody(report, row.finds)
    })
  }
})
