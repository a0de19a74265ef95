import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filed, packets } from '../../../test/observed.ts'
import type { PacketEvidence, Unfiled } from '../../model/observation.ts'
import { stepOf } from './observationWords.ts'

const told = (over: Partial<Unfiled<PacketEvidence>>): string => {
  const [seen] = filed([packets('e7', over)])
  assert.ok(seen !== undefined)
  const { did, came, particulars } = stepOf(seen)
  return `${did}: ${came} [${particulars.join('; ')}]`
}

test('packets of an attempt are told in words', () => {
  assert.equal(told({ sent: 3 }), 'captured 10.1.0.5:636 over tcp: 3 SYNs left: no packet came back [of e7]')
  assert.equal(
    told({ rst: { ttl: 64, afterMs: 1.2, before: 'syn-ack' }, lost: 5 }),
    'captured 10.1.0.5:636 over tcp: 1 SYN left: a reset came (TTL 64) [of e7; reset after 1.2 ms; the kernel dropped 5 packets of the capture]',
  )
  assert.equal(
    told({ synAck: { ttl: 63, afterMs: 4 }, ownRst: true, resent: 1 }),
    'captured 10.1.0.5:636 over tcp: 1 SYN left: a SYN-ACK came (TTL 63) [of e7; SYN-ACK after 4 ms; this machine reset what came; 1 segment sent again]',
  )
  assert.equal(
    told({ transport: 'udp', port: 88, icmp: [{ from: '10.1.0.1', family: 4, type: 3, code: 13 }] }),
    'captured 10.1.0.5:88 over udp: 1 datagram left: 10.1.0.1 says: communication administratively prohibited (ICMP 3/13) [of e7]',
  )
})
