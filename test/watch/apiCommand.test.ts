import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { openLab } from '../../src/lab/index.ts'
import type { ApiFlows, ApiIncident, ApiStatus } from '../../src/model/api.ts'
import { freePorts } from '../freePorts.ts'
import { askAt } from './apiRig.ts'
import { startWatch, watchedSite } from './watchCommand.ts'

test('a running watcher serves what it knows, streams a fault as it comes and goes, and takes what people say of it', async (t) => {
  const lab = await openLab({ signal: t.signal })
  t.after(() => lab.close())
  const [port] = await freePorts(1)
  const settings = `  every-seconds: 5\n  timeout-ms: 1000\n  administration-port: ${port}\n`
  const watch = startWatch(await watchedSite(lab, settings), ['--from', 'gate01'], lab.environment)
  t.after(() => watch.kill('SIGKILL'))
  await watch.heard(new RegExp(`The API: http://127\\.0\\.0\\.1:${port}/api/v1`))
  const url = `http://127.0.0.1:${port}`
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const { status, text } = await askAt(url, `/api/v1${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        fields: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    assert.equal(status, 200, text)
    return JSON.parse(text)
  }

  let streamed = ''
  let hear = (): void => {}
  const stream = request(`${url}/api/v1/events`, { agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (part) => {
      streamed += String(part)
      hear()
    })
    response.on('error', () => hear())
  })
  stream.on('error', () => hear()).end()
  t.after(() => stream.destroy())
  const heard = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(streamed)) {
      await new Promise<void>((resolve) => {
        hear = resolve
      })
    }
  }

  await lab.inject('closed')
  await heard(/event: flow\ndata: .*"verdict":"blocked"/)
  await heard(/event: news\ndata: \{"kind":"went-bad"/)
  await heard(/event: incident\n/)
  await heard(/event: alert\ndata: .*"reason":"opened"/)
  const status = (await ask('/status')) as ApiStatus
  assert.equal(status.incidents.open, 1)
  assert.ok(status.flows.watched > 0)
  const { flows } = (await ask('/flows?well=false')) as ApiFlows
  assert.ok(flows.some(({ flow, owner, says }) => flow === 'pnc-backend' && owner !== undefined && says !== undefined))
  const { incidents: [open] = [] } = (await ask('/incidents?state=open')) as { incidents?: readonly ApiIncident[] }
  assert.ok(open !== undefined)
  await ask(`/incidents/${open.id}/acknowledge`, { by: 'Ada' })
  await ask('/changes', { change: 'start', name: 'mending' })
  await watch.heard(/change {5}mending begins/)
  await heard(/event: mark\ndata: .*"name":"mending"/)
  await lab.heal()
  await heard(/event: news\ndata: \{"kind":"came-back"/)
  watch.kill('SIGTERM')
  assert.equal(await watch.ended, 0)
  assert.match(watch.said, /stopped; everything that was seen is kept\n$/)
})
