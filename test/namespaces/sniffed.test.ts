/** Who refused a connection, read from the packets of a real kernel by a real capture tool. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AttemptEvidence } from '../../src/wire/attemptEvidence.ts'
import { needs, needsRoot } from '../needs.ts'
import { lackingOf } from './features.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { app, client, hops, ports } from './places.ts'
import { openRig } from './rig.ts'

const program = fileURLToPath(new URL('sniffed.ts', import.meta.url))

interface Told {
  readonly end: { readonly kind: string; readonly lost?: number }
  readonly knocks: readonly { readonly ended: string; readonly evidence?: AttemptEvidence }[]
}

test('packets tell the refusal of a host from that of a firewall, and who prohibits', async (t) => {
  const [ip, nft, tcpdump] = [needs(t, 'ip'), needs(t, 'nft'), needs(t, 'tcpdump')]
  if (ip === undefined || nft === undefined || tcpdump === undefined || !needsRoot(t)) return
  const rig = await openRig({ ip, nft }).catch((error: unknown) => {
    if (process.env['CI'] !== 'true' && isForbidden(error)) return undefined
    throw error
  })
  if (rig === undefined) return t.skip(forbidden)
  try {
    const lacking = await lackingOf(rig, ['reject'])
    if (lacking.length > 0) return t.skip(`this kernel lacks: ${lacking.join(', ')}`)
    await rig.nft(
      'firewall',
      `table inet fault {
        chain forward {
          type filter hook forward priority 0
          tcp dport ${ports.third} reject with tcp reset
          tcp dport ${ports.alternate} reject with icmp type admin-prohibited
          tcp dport ${ports.tcp} drop
        }
      }
      `,
    )
    // Its SYN-ACKs come, and are not let in by the client's own rules.
    await rig.nft(
      'client',
      `table inet fault {
        chain input {
          type filter hook input priority 0
          tcp sport ${ports.http} drop
        }
      }
      `,
    )
    const asked = [ports.https, ports.closed, ports.third, ports.alternate, ports.tcp, ports.http]
    const places = asked.map((port) => `${app.address}:${port}`)
    const told: Told = JSON.parse(await rig.run('client', process.execPath, program, tcpdump, ...places))
    assert.deepEqual(told.end, { kind: 'stopped', lost: 0 })
    assert.deepEqual(
      told.knocks.map(({ ended }) => ended),
      ['connected', 'ECONNREFUSED', 'ECONNREFUSED', 'EHOSTUNREACH', 'silence', 'silence'],
    )
    const [open, byHost, byFirewall, prohibited, dropped, notLetIn] = told.knocks.map(({ evidence }) => {
      assert.equal(evidence?.localAddress, client.address)
      return evidence
    })
    const hostTtl = open?.synAck?.ttl
    assert.ok(hostTtl !== undefined && (open?.synAck?.optionOctets ?? 0) > 0)
    assert.deepEqual([byHost?.rst?.ttl, byHost?.rst?.before, byHost?.synsSent], [hostTtl, 'syn-ack', 1])
    // The firewall is one hop nearer than the host.
    assert.deepEqual([byFirewall?.rst?.ttl, byFirewall?.rst?.before], [hostTtl + 1, 'syn-ack'])
    assert.deepEqual(
      prohibited?.icmp.map(({ from, type, code }) => ({ from, type, code })),
      [{ from: hops.firewall, type: 3, code: 13 }],
    )
    assert.ok(dropped !== undefined && dropped.synsSent >= 2 && dropped.synAcksSeen === 0 && dropped.rst === undefined)
    assert.ok(notLetIn !== undefined && notLetIn.synAcksSeen >= 1 && notLetIn.synAck?.ttl === hostTtl)
  } finally {
    await rig.close()
  }
})
