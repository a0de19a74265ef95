/**
 * `postern check` as a process at a whole site: the ports article from its first table to its last, certificate sign-in at a
 * federation proxy, a responder of OpenSSL, and WebSocket through what lies before Service Bus.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { flowRows } from '../../src/catalog/index.ts'
import type { FlowReport } from '../../src/model/report.ts'
import { told } from '../faultTold.ts'
import { lackingOf } from './features.ts'
import { openNetworks } from './openNetworks.ts'
import { play } from './play.ts'
import type { WholeTools } from './whole.ts'
import { openWhole } from './whole.ts'
import { healthySites } from './wholeHealthy.ts'
import { wholeFaults, wholeOddities } from './wholeRows.ts'
import { tables, wholeSiteText } from './wholeSite.ts'

const atOnce = 2
const networks = openNetworks<WholeTools>(atOnce, {
  toolsBy(find) {
    const [ip, nft, samba, chronyd] = [find('ip'), find('nft'), find('samba'), find('chronyd')]
    const [unbound, nginx, squid, openssl] = [find('unbound'), find('nginx'), find('squid'), find('openssl')]
    return ip && nft && samba && chronyd && unbound && nginx && squid && openssl
      ? { ip, nft, samba, chronyd, unbound, nginx, squid, openssl }
      : undefined
  },
  open: openWhole,
})

/** Rows of the tables that no connection proves, and why. */
const beyondProof: Readonly<Record<string, string>> = {
  't6a-direct-ip': 'speaks of address ranges, of which no host is named',
  't6b-direct-ip': 'the same',
  't7a-amqps': 'no name at 5671 is published: its protocol is proven by a flow of the site',
}

/** What the doors of federation say of themselves. */
const itsOwnWords: readonly (readonly [rows: readonly string[], says: RegExp])[] = [
  [
    ['t3-https', 't4-https', 't5-https'],
    /with the federation metadata of http:\/\/sts\.corp\.example\/adfs\/services\/trust$/,
  ],
  [['t5-certauth', 'adfs-certauth-443'], / asks for a client certificate$/],
]

describe('a whole site', { concurrency: atOnce }, () => {
  test('every row of tables 1 to 7b is proven through a firewall that passes nothing else, and the check ends with 0', async (t) => {
    await networks.within(t, async (rig) => {
      const flows: FlowReport[] = []
      for (const row of healthySites) {
        const report = await play(rig, row, wholeSiteText)
        flows.push(...report.flows)
        assert.deepEqual([...new Set(report.flows.map(({ flow }) => flow))].toSorted(), [...row.asks].toSorted())
      }
      const asked = flows.filter(({ target }) => target.undialled === undefined)
      for (const flow of asked) assert.equal(flow.verdict, 'open', told(flow))
      for (const flow of asked) assert.equal(flow.confidence, 'certain', told(flow))
      for (const [rows, says] of itsOwnWords) {
        for (const flow of asked.filter((one) => rows.includes(one.flow))) assert.match(flow.says, says)
      }
      for (const { id, pairs } of flowRows.filter(({ table }) => tables.includes(table))) {
        for (const { service, transport, port } of pairs) {
          const proven = asked.some(
            ({ flow, target }) =>
              flow === id && target.service === service && target.transport === transport && target.port === port,
          )
          assert.equal(proven, beyondProof[id] === undefined, `${id}: ${service} over ${transport} at ${port}`)
        }
      }
    })
  })

  for (const row of [...wholeFaults, ...wholeOddities]) {
    test(`${row.id}: ${row.breaks}`, async (t) => {
      await networks.within(t, async (rig) => {
        const lacking = await lackingOf(rig, row.needs ?? [])
        if (lacking.length > 0) t.skip(`this kernel lacks: ${lacking.join(', ')}`)
        else await play(rig, row, wholeSiteText)
      })
    })
  }
})
