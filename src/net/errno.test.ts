import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { tcpServer } from '../../test/tcpServer.ts'
import { connectOutcome, errorCode, isSystemError, streamOutcome, udpOutcome } from './errno.ts'

for (const { code, tcp, udp } of [
  { code: 'ECONNREFUSED', tcp: 'refused', udp: 'refused' },
  { code: 'ETIMEDOUT', tcp: 'timeout', udp: 'error' },
  { code: 'EHOSTUNREACH', tcp: 'host-unreachable', udp: 'unreachable' },
  { code: 'EHOSTDOWN', tcp: 'host-unreachable', udp: 'unreachable' },
  { code: 'EACCES', tcp: 'admin-prohibited', udp: 'unreachable' },
  { code: 'EPERM', tcp: 'admin-prohibited', udp: 'unreachable' },
  { code: 'ECONNRESET', tcp: 'reset', udp: 'refused' },
  { code: 'ECONNABORTED', tcp: 'reset', udp: 'error' },
  { code: 'EAFNOSUPPORT', tcp: 'no-local-network', udp: 'error' },
  { code: 'EMFILE', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'ENFILE', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'EADDRNOTAVAIL', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'EADDRINUSE', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'ENOBUFS', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'ENOMEM', tcp: 'tool-limit', udp: 'tool-limit' },
  { code: 'EINVAL', tcp: 'admin-prohibited', udp: 'unreachable' },
  { code: 'EIO', tcp: 'error', udp: 'error' },
  { code: undefined, tcp: 'error', udp: 'error' },
]) {
  test(`an attempt that fails with ${code ?? 'no code'} is ${tcp} over TCP and ${udp} over UDP`, () => {
    assert.deepEqual([connectOutcome(code, '127.0.0.1'), udpOutcome(code)], [tcp, udp])
  })
}

for (const { code, syscall, outcome } of [
  { code: 'ECONNRESET', syscall: 'read', outcome: 'reset' },
  { code: 'ECONNRESET', syscall: undefined, outcome: 'closed' },
  { code: 'EPIPE', syscall: 'write', outcome: 'reset' },
  { code: 'ECONNABORTED', syscall: 'read', outcome: 'reset' },
  { code: 'ETIMEDOUT', syscall: 'read', outcome: 'timeout' },
  { code: 'EIO', syscall: 'read', outcome: 'error' },
]) {
  test(`a connection that fails with ${code} of ${syscall ?? 'Node itself'} is ${outcome}`, () => {
    const error = Object.assign(new Error('x'), { code, ...(syscall !== undefined && { syscall }) })
    assert.equal(streamOutcome(error), outcome)
  })
}

test('only a word of the kernel is a system error, and only a text is a code', () => {
  assert.equal(errorCode(Object.assign(new Error('x'), { code: 'EMFILE' })), 'EMFILE')
  for (const other of [new Error('x'), Object.assign(new Error('x'), { code: 5 }), { code: 'EMFILE' }, undefined]) {
    assert.equal(errorCode(other), undefined)
  }
  assert.equal(isSystemError(Object.assign(new Error('x'), { syscall: 'read' })), true)
  assert.equal(isSystemError(new Error('socket hang up')), false)
})

const skip = process.platform === 'win32' && 'Windows has no limit of open files to lower'

test('a machine without descriptors says so of every question, and accuses nobody', { skip }, async (t) => {
  const server = await tcpServer(t, () => {})
  const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const source = `
    import { openSync } from 'node:fs'
    import { createNet } from ${here('createNet.ts')}
    const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
    const limits = { signal: AbortSignal.timeout(600_000), timeoutMs: 60_000 }
    const to = { address: '127.0.0.1', port: ${server.port} }
    // Each kind once while there are descriptors: what is loaded late must not be what fails.
    const dns = { name: 'a.example', type: 'A', resolver: to, resolverRole: 'internal' }
    const ask = async () => [
      (await net.connect(to, limits)).seen,
      (await net.datagram(to, new Uint8Array(1), limits)).seen,
      await net.lookup({ ...dns, transport: 'udp' }, limits),
      await net.lookup({ ...dns, transport: 'tcp' }, { ...limits, timeoutMs: 200 }),
      await net.lookup({ ...dns, name: 'localhost', resolver: 'system', transport: 'udp' }, limits),
    ]
    const before = await ask()
    try {
      for (;;) openSync('/dev/null')
    } catch {}
    const after = await ask()
    const other = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
    after.push(await other.lookup({ ...dns, name: 'localhost', resolver: 'system', transport: 'udp' }, limits))
    console.log(JSON.stringify([before, after].map((seen) => seen.map(({ outcome, code, detail }) => [outcome, code ?? detail]))))
    process.exit()`
  const said = await new Promise<string>((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"', process.execPath, source],
      (error, stdout, stderr) => resolve(stdout || String(error) + stderr),
    )
  })
  const [before, after] = JSON.parse(said)
  assert.deepEqual(before, [
    ['connected', null],
    ['refused', 'ECONNREFUSED'],
    ['refused', 'ECONNREFUSED'],
    ['timeout', null],
    ['answer', null],
  ])
  assert.deepEqual(after, [
    ['tool-limit', 'EMFILE'],
    ['tool-limit', 'EMFILE'],
    ['tool-limit', 'EMFILE'],
    ['tool-limit', 'EMFILE'],
    ['answer', null],
    ['tool-limit', 'EMFILE'],
  ])
})
