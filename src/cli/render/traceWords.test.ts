import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filed, path } from '../../../test/observed.ts'
import { stepOf } from './observationWords.ts'

const told = (...drafted: Parameters<typeof path>): string => {
  const [seen] = filed([path(...drafted)])
  assert.ok(seen !== undefined)
  const { did, came, particulars } = stepOf(seen)
  return `${did}: ${came} [${particulars.join('; ')}]`
}

test('a path is told in words, with each of its hops', () => {
  const [first, second] = ['10.1.0.1', '10.2.0.1']
  assert.equal(
    told([first, '', '10.1.0.5'], { reply: 'syn-ack' }),
    'traced the path to 10.1.0.5:636 by TCP (traceroute): the address itself answers at hop 3 with a SYN-ACK [1 10.1.0.1 1 ms, 2 silent, 3 10.1.0.5 3 ms]',
  )
  assert.equal(
    told([first, ''], { sent: 'udp', port: 88 }),
    'traced the path to 10.1.0.5:88 by UDP (traceroute): hop 1, 10.1.0.1, is the last that answers [1 10.1.0.1 1 ms, 2 silent, and all behind it]',
  )
  assert.equal(
    told([first, { ttl: 2, address: second, ms: 2, says: 'prohibited' }], { outcome: 'stopped' }),
    'traced the path to 10.1.0.5:636 by TCP (traceroute): 10.2.0.1 says at hop 2: prohibited [1 10.1.0.1 1 ms, 2 10.2.0.1 2 ms]',
  )
  assert.equal(
    told(['', ''], { outcome: 'cut-short', tool: 'tracert', sent: 'icmp-echo' }),
    'traced the path to 10.1.0.5 by ICMP echo, which asks no port (tracert): no hop answers until its time was over [1 silent, 2 silent]',
  )
  assert.equal(
    told([first], { outcome: 'hop-limit' }),
    'traced the path to 10.1.0.5:636 by TCP (traceroute): hop 1, 10.1.0.1, is the last that answers, and more were not asked [1 10.1.0.1 1 ms]',
  )
})
