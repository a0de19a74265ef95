import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress } from '../model/cidr.ts'
import { countByPeer, readNetstat, readSocketTable } from './socketTable.ts'

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const row = (local: string, peer: string, state: string): string =>
  `   0: ${local} ${peer} ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 20 4 30 10 -1\n`

test('sockets of Linux are read with their ends and states', () => {
  const table =
    heading +
    row('0100007F:20FB', '00000000:0000', '0A') +
    row('0A00010A:C3CB', '0500010A:0185', '01') +
    row('0A00010A:C3CC', '0500010A:0185', '02') +
    row('0A00010A:C3CD', '0500010A:0185', '06')
  const rows = readSocketTable(table, true)
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['listening', 'established', 'opening', 'closing'],
  )
  assert.deepEqual(rows[1], {
    local: { address: '10.1.0.10', port: 50123 },
    peer: { address: '10.1.0.5', port: 389 },
    state: 'established',
  })
  assert.deepEqual(countByPeer(rows), [
    { peer: { address: '10.1.0.5', port: 389 }, opening: 1, established: 1, closing: 1 },
  ])
})

test('an IPv4-mapped peer and an IPv4 one are one place', () => {
  const rows = [
    ...readSocketTable(row('0A00010A:C3CB', '0500010A:01BB', '01'), true),
    ...readSocketTable(
      row('0000000000000000FFFF00000A00010A:C3CC', '0000000000000000FFFF00000500010A:01BB', '01'),
      true,
    ),
  ]
  assert.deepEqual(
    countByPeer(rows).map(({ established }) => established),
    [2],
  )
})

const windows = `
Active Connections

  Proto  Local Address          Foreign Address        State
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING
  TCP    10.1.0.10:50123        20.190.128.1:443       ESTABLISHED
  TCP    10.1.0.10:50124        20.190.128.1:443       SYN_SENT
  TCP    [2001:db8::a%5]:50125  [2001:db8::5]:443      TIME_WAIT
  UDP    0.0.0.0:123            *:*
`
const macOs = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  10.1.0.10.50123        20.190.128.1.443       ESTABLISHED
tcp6       0      0  2001:db8::a.50125      2001:db8::5.443        CLOSE_WAIT
tcp46      0      0  *.8443                 *.*                    LISTEN
udp4       0      0  *.123                  *.*
`

test('netstat of Windows is read', () => {
  assert.deepEqual(countByPeer(readNetstat(windows.replaceAll('\n', '\r\n'))), [
    { peer: { address: '20.190.128.1', port: 443 }, opening: 1, established: 1, closing: 0 },
    { peer: { address: '2001:db8::5', port: 443 }, opening: 0, established: 0, closing: 1 },
  ])
  assert.equal(readNetstat(windows).filter(({ state }) => state === 'listening').length, 1)
})

test('netstat of macOS is read', () => {
  assert.deepEqual(countByPeer(readNetstat(macOs)), [
    { peer: { address: '20.190.128.1', port: 443 }, opening: 0, established: 1, closing: 0 },
    { peer: { address: '2001:db8::5', port: 443 }, opening: 0, established: 0, closing: 1 },
  ])
})

test('any text is read without a throw, and gives places alone', () => {
  const lines = fc.oneof(
    fc.string(),
    fc.constantFrom(...windows.split('\n'), ...macOs.split('\n')),
    fc
      .tuple(fc.string(), fc.constantFrom('ESTABLISHED', 'toString'))
      .map(([text, word]) => `TCP ${text} ${text} ${word}`),
  )
  fc.assert(
    fc.property(
      fc.array(lines).map((all) => all.join('\n')),
      fc.boolean(),
      (text, little) => {
        for (const { peer } of [...readNetstat(text), ...readSocketTable(text, little)]) {
          assert.equal(canonicalAddress(peer.address), peer.address)
          assert.ok(peer.port >= 0 && peer.port <= 65_535)
        }
      },
    ),
  )
})
