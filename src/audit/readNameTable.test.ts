import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rangeTexts } from '../firewall/rangeText.ts'
import { readNameTable } from './readNameTable.ts'

const read = (text: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...readNameTable(text).addresses].map(([name, ranges]) => [name, rangeTexts(ranges)]))

test('names, hosts files and what dig answers are read, mixed as they may be', () => {
  const text = `# taken on the proxy
login.microsoftonline.com 20.190.128.1 20.190.129.5
20.190.130.9 LOGIN.microsoftonline.com. login.windows.net

; <<>> DiG 9.18 <<>> aadcdn.msauth.net
aadcdn.msauth.net.	300	IN	CNAME	edge.example.net.
edge.example.net. IN 60 A 152.199.4.33
edge.example.net. 60 IN AAAA 2606:2800:11f::33
example.net. 3600 IN SOA ns.example.net. admin.example.net. 1 2 3 4 5
`
  assert.deepEqual(read(text), {
    'login.microsoftonline.com': ['20.190.128.1', '20.190.129.5', '20.190.130.9'],
    'login.windows.net': ['20.190.130.9'],
    'edge.example.net': ['152.199.4.33', '2606:2800:11f::33'],
    'aadcdn.msauth.net': ['152.199.4.33', '2606:2800:11f::33'],
  })
  assert.equal(readNameTable(text).unread.count, 0)
})

test('lines that are none of these are counted, with the first', () => {
  const { unread } = readNameTable('a.example 10.0.0.1\nServer:  dc01\nb.example 10.0.0.256\n')
  assert.deepEqual(unread, { count: 2, firstLine: 2 })
})

test('names that lead to each other have no addresses', () => {
  assert.deepEqual(read('a.example. 1 IN CNAME b.example.\nb.example. 1 IN CNAME a.example.\n'), {})
})

test('any text is read, and every line is a record, nothing or unread', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (text) => {
      const { unread } = readNameTable(text)
      assert.ok(unread.count <= text.split(/\r\n|\n|\r/).length)
      assert.equal(unread.count === 0, unread.firstLine === 0)
    }),
  )
})
