/** What a gate that is killed leaves behind: every sign-in that it answered, in the record and as a session. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import { openGateScene } from '../../src/lab/gateScene/gateScene.ts'
import type { RecordedEvent } from '../../src/model/event.ts'
import { readEvents, verifyRecord } from '../../src/store/record/index.ts'
import { freePorts } from '../freePorts.ts'
import { PlainBrowser } from '../plainBrowser.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const posix = { skip: process.platform === 'win32' && 'a process there is not killed by a signal' }

/** The command, once it says that the gate is open. */
async function serve(t: TestContext, scene: GateScene): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'serve', '--site', scene.siteFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      said += part.toString()
    })
  while (!said.includes('The record:')) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the gate did not start: ${said}`)
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')])
  }
  return child
}

/** One whole sign-in of a new browser; undefined where the gate went away in its midst. */
async function signIn(t: TestContext, scene: GateScene, person: string): Promise<PlainBrowser | undefined> {
  const browser = new PlainBrowser(scene.pki.rootPem, scene.origin, scene.tenant.origin)
  t.after(() => browser[Symbol.asyncDispose]())
  try {
    const page = await browser.open(`${scene.origin}/.postern/sign-in?return=%2Fteam`)
    const seen = await browser.open(page.url, { person })
    assert.match(seen.text, /Whoever has signed in/)
    return browser
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    return undefined
  }
}

async function signInsIn(folder: string): Promise<readonly RecordedEvent[]> {
  const { signal } = new AbortController()
  const events: RecordedEvent[] = []
  for await (const line of readEvents(folder, { signal })) if ('event' in line) events.push(line.event)
  return events.filter(({ activity, outcome }) => activity === 'sign-in' && outcome === 'ok')
}

test(
  'a gate that is killed amid sign-ins has each that it answered in its record, and lets them in after a restart',
  posix,
  async (t) => {
    const [gatePort = 0] = await freePorts(1)
    const scene = await openGateScene({ gatePort })
    t.after(() => scene.close())
    const record = `${scene.folder}/state/record`
    const ids = scene.tenant.people.filter(({ isBlocked }) => !isBlocked).map(({ id }) => id)
    let answered = 0
    for (const enough of [3, 5, 9]) {
      const child = await serve(t, scene)
      const ended = once(child, 'close')
      const done: PlainBrowser[] = []
      const worker = async (first: number): Promise<void> => {
        for (let at = first; child.exitCode === null && child.signalCode === null; at += 1) {
          const browser = await signIn(t, scene, ids[at % ids.length] ?? '')
          if (browser !== undefined) done.push(browser)
          if (done.length >= enough) child.kill('SIGKILL')
        }
      }
      await Promise.all([0, 1, 2, 3].map(worker))
      await ended
      answered += done.length
      assert.ok(done.length >= enough)
      const recorded = await signInsIn(record)
      assert.ok(recorded.length >= answered, `${answered} were answered, and ${recorded.length} are in the record`)

      const again = await serve(t, scene)
      for (const browser of done) {
        const seen = await browser.open(`${scene.origin}/team`)
        assert.equal(seen.status, 200, 'who was answered is signed in')
      }
      again.kill('SIGTERM')
      const [code] = await once(again, 'close')
      assert.equal(code, 0)
      const verdict = await verifyRecord(record, { signal: t.signal })
      assert.deepEqual([verdict.ok, verdict.problem], [true, undefined])
    }
  },
)
