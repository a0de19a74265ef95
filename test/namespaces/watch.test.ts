/**
 * `postern watch` as a process in the routed network: what a kernel's own packets, Samba and squid make of one fault is one
 * alert, and of a lost packet none. It looks every five seconds, the shortest that a site file may ask for. That an incident
 * is over is told minutes after it is well; for that the watcher is ended, and goes on with a clock that is ahead.
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert } from '../../src/model/incident.ts'
import { needs } from '../needs.ts'
import type { WatchProcess } from '../watch/watchCommand.ts'
import type { DirectoryTools } from './directory.ts'
import { openDirectory } from './directory.ts'
import { openNetworks } from './openNetworks.ts'
import type { OutsideTools } from './outside.ts'
import { openOutside } from './outside.ts'
import { outside, outsidePorts, outsideSiteBy } from './outsideSite.ts'
import { app, certificateFiles, client, dc, hops, nameServer, portal, ports } from './places.ts'
import type { Rig, Tools } from './rig.ts'
import { openRig } from './rig.ts'
import { watchedRig } from './watched.ts'

const bare = openNetworks<Tools>(3, {
  toolsBy(find) {
    const [ip, nft] = [find('ip'), find('nft')]
    return ip && nft ? { ip, nft } : undefined
  },
  open: openRig,
})
const withController = openNetworks<DirectoryTools>(1, {
  toolsBy(find) {
    const [ip, nft, samba, chronyd] = [find('ip'), find('nft'), find('samba'), find('chronyd')]
    return ip && nft && samba && chronyd ? { ip, nft, samba, chronyd } : undefined
  },
  open: (tools) => openDirectory(tools),
})
const withOutside = openNetworks<OutsideTools>(1, {
  toolsBy(find) {
    const [ip, nft, unbound, nginx, squid] = [find('ip'), find('nft'), find('unbound'), find('nginx'), find('squid')]
    return ip && nft && unbound && nginx && squid ? { ip, nft, unbound, nginx, squid } : undefined
  },
  open: openOutside,
})

const hosts = `\
  here: { roles: [domain-member], addresses: ["${client.address}"] }
  app: { roles: [published-app], name: ${app.name}, addresses: ["${app.address}"] }
  portal: { roles: [published-app], name: ${portal.name}, addresses: ["${portal.address}"] }
  ns: { roles: [dns-server], addresses: ["${nameServer.address}"] }
`
const flow = (id: string, to: string, port: number, service: string, transport = 'tcp'): string =>
  `  - { id: ${id}, from: here, to: ${to}, ports: [${port}], transport: [${transport}], service: ${service} }\n`
const behindRouter = [
  flow('app-web', 'app', ports.https, 'https'),
  flow('app-alternate', 'app', ports.alternate, 'https'),
  flow('app-third', 'app', ports.third, 'https'),
  flow('app-port', 'app', ports.tcp, 'tcp'),
  flow('app-plain', 'app', ports.http, 'http'),
  flow('portal-web', 'portal', ports.https, 'https'),
  flow('portal-alternate', 'portal', ports.alternate, 'https'),
  flow('names-udp', 'ns', nameServer.port, 'dns', 'udp'),
  flow('names-tcp', 'ns', nameServer.port, 'dns'),
]
const siteOf = (more: { readonly hosts?: string; readonly flows?: readonly string[] } = {}): string => `\
site: routed
domain: corp.example
hosts:
${hosts}${more.hosts ?? ''}trust: { certificates: [${certificateFiles.ca}] }
flows:
${[...behindRouter, ...(more.flows ?? [])].join('')}`

/** Everything that is watched was looked at, and is well. */
async function seenWell(t: TestContext, watch: WatchProcess): Promise<void> {
  // One interval, its jitter, and a look.
  await sleep(7000, undefined, { signal: t.signal })
  assert.doesNotMatch(watch.said, /(fails {6}|confirmed )/)
}

async function endOf(watch: WatchProcess): Promise<void> {
  watch.kill('SIGTERM')
  assert.equal(await watch.ended, 0)
}

const reasons = (alerts: readonly Alert[]): readonly string[] => alerts.map(({ reason }) => reason)
const flowOf = (subject: string): string => subject.split('|')[0] ?? ''

/** A host of the site that is reached by the other router, and that answers whatever becomes of the first. */
async function serveBranch(rig: Rig): Promise<string> {
  await rig.ip('client', `link set ${client.secondDevice} up`)
  await rig.serve(
    'bypass',
    ...[process.execPath, '-e'],
    `require('node:net').createServer((socket) => socket.on('error', () => {})).listen(${ports.tcp}, '${hops.bypass}', () => console.log('ready'))
     process.stdin.on('end', () => process.exit()).resume()`,
  )
  return `  branch: { roles: [published-app], addresses: ["${hops.bypass}"] }\n`
}

/** What waits for a word that is never said comes to an end, too. */
const limit = { timeout: 150_000 }

describe('a network that is watched', { concurrency: 5 }, () => {
  test(
    'a router that dies is one alert with all that fails through it, and its recovery is said once',
    limit,
    async (t) => {
      if (needs(t, 'faketime') === undefined) return
      await bare.within(t, async (rig) => {
        const branch = await serveBranch(rig)
        const site = siteOf({ hosts: branch, flows: [flow('branch-port', 'branch', ports.tcp, 'tcp')] })
        const watched = await watchedRig(t, rig, site)
        const watch = await watched.start()
        await seenWell(t, watch)
        await rig.nft(
          'firewall',
          'table inet fault { chain forward { type filter hook forward priority 0; policy drop; }; }',
        )
        await watch.heard(/alert {6}[0-9a-f]{8} opened: /)
        const [opened] = await watched.told(1, t.signal)
        assert.deepEqual(opened?.incident.suspect, { kind: 'destination', name: '10.77.50.0/24' })
        assert.match(opened?.incident.fix ?? '', /look at the router/)
        assert.deepEqual(
          opened?.incident.consequences.map(({ subject }) => flowOf(subject)).toSorted(),
          behindRouter.map((line) => /id: ([\w-]+)/.exec(line)?.[1]).toSorted(),
        )
        await rig.nft('firewall', 'delete table inet fault')
        await watch.heard(/came back /, behindRouter.length)
        await endOf(watch)

        for (const [later, said] of [
          [600, ['opened', 'recovered']],
          [1200, ['opened', 'recovered']],
        ] as const) {
          const again = await watched.start(later)
          if (later === 600) await watched.told(2, t.signal)
          else await sleep(3000, undefined, { signal: t.signal })
          await endOf(again)
          assert.deepEqual(reasons(watched.alerts()), said)
        }
        const incidents = watched.incidents()
        assert.deepEqual(
          incidents.map(({ state, id }) => [state, id]),
          [['closed', opened?.incident.id]],
        )
      })
    },
  )

  test('of a domain controller that dies alone it is said, and the router is accused of nothing', limit, async (t) => {
    await withController.within(t, async (rig) => {
      const ids: readonly (readonly [id: string, port: number, service: string])[] = [
        ['dc-kerberos', 88, 'kerberos'],
        ['dc-ldap', 389, 'ldap'],
        ['dc-ldaps', 636, 'ldaps'],
        ['dc-smb', 445, 'smb'],
        ['dc-mapper', 135, 'epm'],
      ]
      const site = siteOf({
        hosts: `  dc1: { roles: [domain-controller], name: ${dc.name}, addresses: ["${dc.address}"] }\n`,
        flows: ids.map(([id, port, service]) => flow(id, 'dc1', port, service)),
      })
      const watched = await watchedRig(t, rig, site)
      const watch = await watched.start()
      await seenWell(t, watch)
      // Nobody answers the router's question for its address: the router is who says that it is not reached.
      await rig.ip('dc', 'link set eth0 down')
      await watch.heard(/alert {6}[0-9a-f]{8} opened: /)
      await endOf(watch)
      const incidents = watched.incidents()
      assert.deepEqual(
        incidents.map(({ suspect, state }) => [suspect.kind, suspect.name, state]),
        [['host', 'dc1', 'open']],
      )
      assert.deepEqual(reasons(watched.alerts()), ['opened'])
      const subjects = new Set(incidents[0]?.consequences.map(({ subject }) => flowOf(subject)))
      for (const [id] of ids) assert.ok(subjects.has(id), `${id} is no consequence`)
      for (const line of behindRouter) assert.ok(!subjects.has(/id: ([\w-]+)/.exec(line)?.[1] ?? ''), line)
    })
  })

  test('a packet that is lost makes a look fail, and no alert', limit, async (t) => {
    await bare.within(t, async (rig) => {
      // The kernel sends a SYN again after a second: a shorter wait sees the one that was lost.
      const watched = await watchedRig(t, rig, siteOf(), { timeoutMs: 700 })
      const watch = await watched.start()
      await seenWell(t, watch)
      for (const [id, port] of [
        ['app-port', ports.tcp],
        ['app-plain', ports.http],
      ] as const) {
        // The first SYN of 60 octets is within the quota, and the second one is not.
        await rig.nft(
          'firewall',
          `table inet ${id} {
             chain forward {
               type filter hook forward priority 0
               ip daddr ${app.address} tcp dport ${port} tcp flags & (syn | ack) == syn quota until 61 bytes counter drop
             }
           }`,
        )
        await watch.heard(new RegExp(`fails {6}${id} `))
        await watch.heard(new RegExp(`lost {7}${id} .*1 of 2 looks in a row; it answers again`))
        assert.match(await rig.run('firewall', 'nft', 'list', 'table', 'inet', id), /counter packets 1 bytes 60 drop/)
      }
      await endOf(watch)
      assert.deepEqual([watched.incidents(), watched.alerts()], [[], []])
      assert.doesNotMatch(watch.said, /confirmed /)
    })
  })

  test('a proxy that dies is one alert, and of all that went through it nobody else is accused', limit, async (t) => {
    await withOutside.within(t, async (rig) => {
      const watched = await watchedRig(t, rig, outsideSiteBy({ proxy: outsidePorts.proxy }))
      const watch = await watched.start()
      await seenWell(t, watch)
      await rig.ip('cloud', `address del ${outside.proxy}/32 dev lo`)
      await watch.heard(/alert {6}[0-9a-f]{8} opened: /)
      await endOf(watch)
      const incidents = watched.incidents()
      assert.deepEqual(
        incidents.map(({ suspect, cause }) => [suspect.kind, suspect.name, cause]),
        [['proxy', 'egress', 'proxy-dead']],
      )
      assert.deepEqual(reasons(watched.alerts()), ['opened'])
      assert.ok((incidents[0]?.consequences.length ?? 0) > 8)
    })
  })

  test('a link that comes and goes is one incident that counts how often, and one alert', limit, async (t) => {
    await bare.within(t, async (rig) => {
      const watched = await watchedRig(t, rig, siteOf(), { confirmations: 1 })
      const watch = await watched.start()
      await seenWell(t, watch)
      const falls = 2
      const failing = (): number =>
        watched.incidents()[0]?.consequences.filter(({ until }) => until === undefined).length ?? 0
      let concerned = 0
      for (let fall = 1; fall <= falls; fall += 1) {
        await rig.ip('firewall', 'link set out down')
        await watch.heard(/confirmed {2}app-web /, fall)
        if (fall === 1) {
          await watch.heard(/alert {6}[0-9a-f]{8} opened: /)
          concerned = failing()
        }
        // A look that is under way while the link comes back sees it work at times, which is another failure.
        while (failing() < concerned) await sleep(200, undefined, { signal: t.signal })
        // Its routes went with it.
        await rig.ip('firewall', 'link set out up', `route add 10.77.50.0/24 via ${hops.cloudByFirewall}`)
        // All that failed is well before it fails again.
        while (watched.incidents()[0]?.state !== 'recovering') await sleep(200, undefined, { signal: t.signal })
      }
      await endOf(watch)
      const incidents = watched.incidents()
      assert.equal(incidents.length, 1, JSON.stringify(incidents.map(({ says }) => says)))
      assert.equal(incidents[0]?.flaps, falls - 1)
      assert.deepEqual(reasons(watched.alerts()), ['opened'])
    })
  })
})
