/** `postern check` in a process that may open few files: what it cannot ask it says of itself, and of nobody else. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../src/lab/index.ts'
import { openLab } from '../src/lab/index.ts'
import type { CheckReport } from '../src/model/report.ts'
import { isWell, told } from './faultTold.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const linux = { skip: process.platform !== 'linux' && 'what a process has open is not listed there' }

let lab: Lab
/** Descriptors that a Node.js of this version has open before it runs anything. */
let taken: ReadonlySet<number>
before(async () => {
  lab = await openLab()
  if (linux.skip === false) taken = await takenAtStart()
})
after(() => lab.close())

interface Ran {
  readonly code: unknown
  readonly said: string
}

/** A process of Node.js that may have descriptors with numbers below the one given. */
async function nodeBelow(openFiles: number, args: readonly string[]): Promise<Ran> {
  const limited = `ulimit -n ${openFiles} && exec "$0" "$@"`
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

async function takenAtStart(): Promise<ReadonlySet<number>> {
  // Reading the folder takes one as well, which is shut again by the time that it is looked at.
  const script = `const { readdirSync, readlinkSync } = require('node:fs')
    const isOpen = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd) !== '' } catch { return false } }
    console.log(JSON.stringify(readdirSync('/proc/self/fd').filter(isOpen).map(Number)))`
  const { said } = await nodeBelow(400, ['-e', script])
  return new Set(JSON.parse(said))
}

/** A check of the healthy network by a process that may open so many files more than it begins with. */
async function checkedWith(free: number): Promise<{ readonly code: unknown; readonly report: CheckReport }> {
  let openFiles = 0
  for (let left = free; left > 0; openFiles += 1) if (!taken.has(openFiles)) left -= 1
  const args = [main, 'check', '--site', lab.siteFile, '--from', 'gate01', '--quiet', '--json', '--timeout', '3000']
  const { code, said } = await nodeBelow(openFiles, args)
  return { code, report: JSON.parse(said) }
}

/** The last is about as many as the check needs: some attempts are kept from being made, and pass a moment later. */
for (const free of [3, 19, 35, 43]) {
  test(
    `with ${free} files to open what was not asked is unknown, by a limit of the tool, and all else is well`,
    linux,
    async () => {
      const { code, report } = await checkedWith(free)
      const limited = report.flows.filter(({ cause }) => cause === 'tool-limit')
      if (free < 40) assert.ok(limited.length > 0)
      for (const flow of limited) {
        assert.deepEqual([flow.verdict, flow.owner, flow.confidence], ['unknown', 'tool', 'certain'], told(flow))
        assert.match(flow.says, /could not be asked: E[A-Z]+/)
        assert.match(flow.fix ?? '', /ulimit -n/)
      }
      // Whether a port that must be shut is shut is not known where it was not asked, and is no cause of its own.
      const unasked = ({ expect, verdict, cause }: CheckReport['flows'][number]): boolean =>
        expect === 'closed' && verdict === 'unknown' && cause === 'undetermined'
      const accused = report.flows.filter((flow) => !isWell(flow) && !limited.includes(flow) && !unasked(flow))
      assert.deepEqual(accused.map(told), [], 'nobody is accused')
      // What has a name to try is asked, or said to be unknown: it is not passed over.
      const passedOver = report.flows.filter(({ verdict, target }) => verdict === 'not-run' && !target.undialled)
      assert.deepEqual(passedOver.map(told), [])
      assert.ok(report.findings.every((finding) => finding.code === 'tool-limit'))
      assert.equal(code, limited.length > 0 ? 1 : 0)
    },
  )
}

test('with files enough the same check has nothing to say', linux, async () => {
  const { code, report } = await checkedWith(400)
  assert.deepEqual([code, report.findings], [0, []])
})
