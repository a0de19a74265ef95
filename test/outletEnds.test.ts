import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { historyFolder } from './historyFolder.ts'

const sender = fileURLToPath(new URL('outletSender.ts', import.meta.url))

test('no alert that was put into a queue is lost to kill -9 or to a server that is away, and copies have one id', {
  timeout: 120_000,
}, async (t) => {
  const folder = historyFolder(t)
  const came: string[] = []
  let questions = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.once('end', () => {
      questions += 1
      const { alert } = JSON.parse(body)
      assert.equal(request.headers['webhook-id'], alert.id)
      // In turns it is broken, says nothing in time, hangs up, takes it and hangs up, and takes it.
      if (questions % 7 === 1) response.writeHead(503).end()
      else if (questions % 7 === 3) request.socket.destroy()
      else {
        came.push(alert.id)
        if (questions % 7 === 5) request.socket.destroy()
        else response.writeHead(202).end()
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const kept: string[] = []
  const since = String(Date.now())
  const start = (count: number) => {
    const child = spawn(process.execPath, [sender, folder, url, String(count), since], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    return child
  }
  for (let run = 0; run < 3; run += 1) {
    const child = start(1000)
    let count = 0
    for await (const line of createInterface(child.stdout)) {
      kept.push(line)
      count += 1
      if (count === 15 + 7 * run) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    assert.equal(child.signalCode, 'SIGKILL')
  }
  const last = start(0)
  for (let turn = 0; turn < 3000 && kept.some((id) => !came.includes(id)); turn += 1) await sleep(20)
  assert.deepEqual(
    kept.filter((id) => !came.includes(id)),
    [],
  )
  // Each came first in the order in which it was put there.
  const first = [...new Set(came)].filter((id) => kept.includes(id))
  assert.deepEqual(first, kept)
  last.kill('SIGKILL')
})
