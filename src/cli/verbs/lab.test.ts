import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { assertTells, isWell, lacking, told } from '../../../test/faultTold.ts'
import { expectationSchema, labJsonSchema, labListJsonSchema } from '../../config/labSchema.ts'
import { schemaOf } from '../../config/schemaOf.ts'
import type { Fault } from '../../lab/index.ts'
import { faults } from '../../lab/index.ts'
import type { CheckReport } from '../../model/report.ts'
import { runCli } from '../runCli.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const unix = { skip: process.platform === 'win32' && 'runs the line of a POSIX shell' }

/** Two processes each, which mostly wait for what stays silent: several side by side. */
const atOnce = { concurrency: 4 }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-verb-'))
  const command = join(folder, 'postern')
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  await chmod(command, 0o755)
})
const children: ChildProcess[] = []
after(async () => {
  // A test that failed half-way has left its own.
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** What a child has said; filled while it runs. */
interface Heard {
  readonly child: ChildProcess
  readonly said: { stdout: string; stderr: string }
}

function started(program: string, args: readonly string[], temporary = folder): Heard {
  const child = spawn(program, args, {
    env: { ...process.env, TMPDIR: temporary, PATH: `${folder}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (part: Buffer) => {
      said[stream] += part.toString()
    })
  }
  return { child, said }
}

/** Starts `postern lab` and waits for its last word. */
async function labUp(...args: readonly string[]): Promise<Heard & { end(): Promise<void> }> {
  const temporary = await mkdtemp(join(folder, 'temporary files '))
  const lab = started(process.execPath, [main, 'lab', ...args], temporary)
  const ended = once(lab.child, 'close')
  const isUp = (): boolean => lab.said.stdout.includes('Ctrl-C ends it.') || lab.said.stdout.endsWith('\n}\n')
  while (!isUp()) {
    const [code] = await Promise.race([once(lab.child.stdout ?? lab.child, 'data'), ended])
    assert.notEqual(typeof code, 'number', lab.said.stderr)
  }
  return {
    ...lab,
    async end() {
      lab.child.kill('SIGINT')
      assert.deepEqual([(await ended)[0], lab.said.stderr.replace(/^Stopped.*\n/, '')], [130, ''])
      assert.deepEqual(await readdir(temporary), [], 'nothing of the lab is left')
    },
  }
}

/** Runs the line that `postern lab` prints, as another terminal would. */
async function checkAsPrinted(printed: string, from?: string): Promise<CheckReport> {
  const line = /^ +(.*postern check .*)$/m.exec(printed)?.[1]
  assert.ok(line, printed)
  const asked = from === undefined ? line : line.replace(/--from \S+/, `--from ${from}`)
  const { child, said } = started('/bin/sh', ['-c', `${asked} --json --quiet`])
  const [code] = await once(child, 'close')
  assert.ok(code === 0 || code === 1, said.stderr)
  return JSON.parse(said.stdout)
}

describe('from another terminal', atOnce, () => {
  for (const from of ['gate01', 'desk01', 'staff', 'app01']) {
    test(`the healthy network, checked from another terminal as ${from}, accuses nobody`, unix, async () => {
      const lab = await labUp('up')
      const report = await checkAsPrinted(lab.said.stdout, from)
      await lab.end()
      assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
      assert.deepEqual(report.findings, [])
    })
  }

  for (const fault of faults) {
    test(`another terminal tells ${fault.id} as this process does`, unix, async (t) => {
      const lack = lacking(fault)
      if (lack !== undefined) return t.skip(lack)
      const lab = await labUp('fault', fault.id)
      const report = await checkAsPrinted(lab.said.stdout)
      await lab.end()
      assertTells(report, fault)
    })
  }
})

test('a program is given the command and the environment of the check', async () => {
  const lab = await labUp('fault', 'inspector-trusted', '--json')
  await lab.end()
  const report: unknown = JSON.parse(lab.said.stdout)
  assert.ok(z.fromJSONSchema(JSON.parse(JSON.stringify(labJsonSchema()))).safeParse(report).success)
  const { kind, fault, check, siteFile, servers } = JSON.parse(lab.said.stdout)
  assert.deepEqual([kind, fault.id, fault.expect.cause], ['lab', 'inspector-trusted', 'interception-trusted'])
  assert.deepEqual(check.args, ['check', '--site', siteFile, '--from', 'gate01'])
  assert.match(check.environment.NODE_EXTRA_CA_CERTS, /machine-roots\.pem$/)
  assert.ok(servers.length >= 6)
})

// The compiler holds the schema to the type; its room may not name a type of the small network.
schemaOf<Fault['expect']>()(expectationSchema)

test('the list for a program is what its published schema says', async () => {
  const { child, said } = started(process.execPath, [main, 'lab', 'list', '--json'])
  await once(child, 'close')
  const published = z.fromJSONSchema(JSON.parse(JSON.stringify(labListJsonSchema())))
  const report = JSON.parse(said.stdout)
  assert.ok(published.safeParse(report).success)
  for (const key of Object.keys(report)) {
    assert.equal(published.safeParse({ ...report, [key]: undefined }).success, false, key)
  }
})

test('a fault that does not exist is answered with the nearest that do', async () => {
  const { child, said } = started(process.execPath, [main, 'lab', 'fault', 'expird'])
  const [code] = await once(child, 'close')
  assert.equal(code, 2)
  assert.equal(said.stderr, 'no fault is called "expird"; did you mean expired? (postern lab list names them)\n')
})

test('every fault is one line of the list, with its story and its verdict', async () => {
  const { child, said } = started(process.execPath, [main, 'lab', 'list'])
  await once(child, 'close')
  const lines = said.stdout.trimEnd().split('\n').slice(2)
  assert.equal(lines.length, faults.length)
  for (const [at, { id, breaks, expect }] of faults.entries()) {
    const line = lines[at] ?? ''
    assert.ok(line.startsWith(`${id} `) && line.includes(breaks) && line.includes(`-> ${expect.verdict}: `), line)
  }
})

test('in a checkout the list says what can be typed there', async () => {
  let said = ''
  const output = {
    write: (text: string) => {
      said += text
    },
    isTerminal: false,
    columns: 80,
  }
  const signal = new AbortController().signal
  await runCli(['lab', 'list'], {
    stdout: output,
    stderr: output,
    env: {},
    cwd: '/',
    program: 'npm run -s postern --',
    signal,
  })
  assert.match(said, /^\d+ faults; npm run -s postern -- lab fault NAME plays one\n/)
})
