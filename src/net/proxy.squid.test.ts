import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { needs } from '../../test/needs.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import type { ProxyCredentials, ThroughProxy } from './proxy.ts'
import { connectThrough } from './proxy.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
const anna: ProxyCredentials = { user: 'anna', password: 'hunter2 & co' }

test('squid is understood in what it grants and in what it refuses', async (t) => {
  const squid = needs(t, 'squid')
  if (squid === undefined) return
  const target = await tcpServer(t, (socket) => void socket.end('220 here\r\n'))
  const folder = mkdtempSync(join(tmpdir(), 'postern-squid-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const helper = join(folder, 'helper')
  writeFileSync(
    helper,
    '#!/bin/sh\nwhile read -r user rest; do if [ "$user" = anna ]; then echo OK; else echo ERR; fi; done\n',
    { mode: 0o755 },
  )
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const config = join(folder, 'squid.conf')
  writeFileSync(
    config,
    `http_port 127.0.0.1:${port}
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
cache deny all
coredump_dir ${folder}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
auth_param basic program ${helper}
auth_param basic realm Corp
acl denied dstdomain denied.example
acl allowed-port port ${target.port}
acl known proxy_auth REQUIRED
http_access deny denied
http_access deny !allowed-port
http_access allow known
http_access deny all
`,
  )
  const running = execFile(squid, ['-N', '-f', config])
  t.after(async () => {
    if (running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  })
  const ask = (host: string, to: number, credentials?: ProxyCredentials): Promise<ThroughProxy> =>
    connectThrough({ address: '127.0.0.1', port }, host, to, credentials, limits, systemClock)
  let first = await ask('127.0.0.1', target.port)
  while (first.answer.kind === 'unconnected' && running.exitCode === null) {
    await sleep(50)
    first = await ask('127.0.0.1', target.port)
  }
  assert.equal(first.answer.kind, 'authentication-required')
  assert.equal(first.seen?.headers['proxy-authenticate'], 'Basic realm="Corp"')
  assert.match(first.seen?.headers['x-squid-error'] ?? '', /^ERR_CACHE_ACCESS_DENIED/)
  assert.equal(first.seen?.body.kind, 'html')

  const denied = await ask('denied.example', target.port, anna)
  assert.equal(denied.answer.kind, 'forbidden')
  assert.match(denied.seen?.headers['x-squid-error'] ?? '', /^ERR_ACCESS_DENIED/)
  assert.equal((await ask('127.0.0.1', 1, anna)).answer.kind, 'forbidden')

  const granted = await ask('127.0.0.1', target.port, anna)
  assert.ok(granted.answer.kind === 'established', JSON.stringify(granted.seen))
  const [octets] = await once(granted.answer.socket, 'data')
  assert.equal(String(octets), '220 here\r\n')
  granted.answer.socket.destroy()
})
