import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { verbs } from '../src/cli/verbs/index.ts'
import { openLab } from '../src/lab/index.ts'
import { opened } from './opened.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const examples = fileURLToPath(new URL('../examples/', import.meta.url))

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-cli-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command as its users do: a process of its own, in a folder of its own. */
function postern(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr })
      },
    )
  })
}

test('--version says the version of the package and nothing else', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(await postern('--version'), { code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

test('--help lists every verb, and every verb that is there has examples in its own', async () => {
  const help = await postern('--help')
  assert.equal(help.code, 0)
  for (const { name, load } of verbs) {
    assert.match(help.stdout, new RegExp(`^ {2}${name}\\b`, 'm'))
    if (load === undefined) continue
    const own = await postern(name, '--help')
    assert.equal(own.code, 0)
    assert.match(own.stdout, /^Examples:\n {2}postern /m, name)
  }
})

test('a verb that is planned says so in one line and ends with 2', async () => {
  for (const { name } of verbs.filter(({ load }) => load === undefined)) {
    const { code, stdout, stderr } = await postern(name, '--any', 'thing')
    assert.deepEqual([code, stdout], [2, ''], name)
    assert.match(stderr, /^postern \S+ is planned and not part of this version\n$/)
  }
})

const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['chekc'], /unknown verb "chekc", did you mean check\?/],
  [['plan', '--formt', 'json'], /did you mean --format\?/],
  [['plan', '--format', 'pdf'], /^--format: "pdf" is none of text, json, csv, markdown/],
  [['plan'], /^\.\/postern\.yaml:1:1: .*--site/],
  [['plan', '--site', 'nowhere.yaml'], /^nowhere\.yaml:1:1: /],
  [['plan', '--site', `${examples}hq.yaml`, '--feature', 'nope'], /--feature: "nope" is none of/],
  [['plan', '--site', `${examples}hq.yaml`, '--out', 'no/such/folder/plan.txt'], /cannot be written/],
  [['check', '--site', `${examples}hq.yaml`, '--from', 'nope'], /^--from: unknown host or network "nope".*connect01/],
  [['check', '--site', `${examples}hq.yaml`], /give one with --from: connect01/],
  [
    ['check', '--site', `${examples}hq.yaml`, '--from', 'connect01', '--flow', 'nope'],
    /^--flow: unknown flow "nope" .*known: t1-dns/,
  ],
  [['check', 'gopher://x'], /unknown scheme "gopher"/],
  [['check', 'tcp://127.0.0.1:0'], /port 0 .*1 to 65535/],
  [['check', 'https://127.0.0.1:70000'], /port 70000 .*1 to 65535/],
  [['check', '--timeout', '0', 'tcp://127.0.0.1:1'], /whole number of milliseconds from 50/],
  [['check', '--compare', 'absent.json', 'tcp://127.0.0.1:1'], /absent\.json:1:1: .*cannot be read/],
  [['check', '--read', main], /main\.ts:1:1: .*postern check --json wrote/],
  [['check', '--read', examples], /cannot be read \(it is no regular file\)/],
  [['check', '--read', 'absent.json', '--posture'], /--posture asks the wire, and --read asks nothing/],
  [['check', '--read', 'absent.json', '--idle', '60'], /--idle asks the wire, and --read asks nothing/],
  [['check', '--read', 'absent.json', '--loss', '100'], /--loss asks the wire, and --read asks nothing/],
  [['check', '--read', 'absent.json', '--rate', '100'], /--rate asks the wire, and --read asks nothing/],
  [['check', '--read', 'absent.json', '--every-address'], /--every-address asks the wire, and --read asks nothing/],
  [['check', '--loss', '9', 'tcp://127.0.0.1:1'], /whole number of connections from 10 to 1000/],
  [['check', '--rate', '501', 'tcp://127.0.0.1:1'], /whole number of connections a second from 8 to 500/],
  [['check', '--read', 'absent.json', '--from', 'dc01'], /--read takes the flows from the report/],
  [['check', '--compare', 'absent.json', '--format', 'sarif', 'tcp://127.0.0.1:1'], /--compare can be written as/],
  [['plan', '--site', `${examples}hq.yaml`, '--out', '.'], /cannot be written: it is a folder/],
  [['check', '--interface', 'lo', 'tcp://127.0.0.1:1'], /add --capture/],
  [['check', '--capture', '--interface', '', 'tcp://127.0.0.1:1'], /--interface: name one/],
  [['check', '--read', 'absent.json', '--capture'], /--capture watches the wire/],
  [['explain', 'qqqqqq'], /nothing is known of "qqqqqq"/],
  [['lab', 'fault', 'nope'], /no fault is called "nope"/],
  [['up', '--fault', 'nope'], /no fault is called "nope"/],
]

for (const [args, says] of wrong) {
  test(`bad usage: postern ${args.map((word) => word.replace(examples, 'examples/').replace(main, 'main.ts')).join(' ')}`, async () => {
    const { code, stdout, stderr } = await postern(...args)
    assert.equal(code, 2, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, says)
  })
}

test('a result goes to a file whole, and nothing else is left beside it', async () => {
  const out = join(folder, 'plan.csv')
  const { code, stdout } = await postern('plan', '--site', `${examples}smallest.yaml`, '--format', 'csv', '--out', out)
  assert.deepEqual([code, stdout], [0, ''])
  assert.match(await readFile(out, 'utf8'), /^flow,expect,necessity/)
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('plan.csv')),
    ['plan.csv'],
  )
})

const unix = { skip: process.platform === 'win32' }

test('a result that goes to a link replaces what the link leads to, and keeps its mode', unix, async () => {
  const [file, link] = [join(folder, 'linked.txt'), join(folder, 'link.txt')]
  await writeFile(file, 'old')
  await chmod(file, 0o600)
  await symlink(file, link)
  const { code } = await postern('plan', '--site', `${examples}smallest.yaml`, '--format', 'csv', '--out', link)
  assert.equal(code, 0)
  assert.match(await readFile(file, 'utf8'), /^flow,expect,necessity/)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.equal((await lstat(link)).isSymbolicLink(), true)
})

test('a result that goes to what is no file is written into it', unix, async () => {
  const fifo = join(folder, 'fifo')
  await once(spawn('mkfifo', [fifo]), 'close')
  const [{ code }, text] = await Promise.all([
    postern('plan', '--site', `${examples}smallest.yaml`, '--format', 'csv', '--out', fifo),
    readFile(fifo, 'utf8'),
  ])
  assert.equal(code, 0)
  assert.match(text, /^flow,expect,necessity/)
  assert.equal((await lstat(fifo)).isFIFO(), true)
})

test('what waits for ever for a file to open still ends after a signal', unix, async () => {
  const fifo = join(folder, 'nobody-reads')
  await once(spawn('mkfifo', [fifo]), 'close')
  const child = spawn(process.execPath, [main, 'plan', '--site', `${examples}smallest.yaml`, '--out', fifo])
  const ended = once(child, 'exit')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  child.kill('SIGTERM')
  const guard = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const [, signal] = await ended
  clearTimeout(guard)
  assert.notEqual(signal, 'SIGKILL')
})

test('a result that cannot be written ends with 2 and one line', { skip: process.platform !== 'linux' }, async () => {
  await using full = await open('/dev/full', 'w')
  for (const args of [['--version'], ['plan', '--site', `${examples}smallest.yaml`]] as const) {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', full.fd, 'pipe'] })
    let stderr = ''
    child.stderr?.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    const [code] = await once(child, 'close')
    assert.deepEqual([code, stderr], [2, 'postern: the result cannot be written (ENOSPC)\n'], args[0])
  }
})

test('lab list --json says its version and kind', async () => {
  const [version, list] = await Promise.all([postern('--version'), postern('lab', 'list', '--json')])
  const { postern: written, kind, faults } = JSON.parse(list.stdout)
  assert.deepEqual([written, kind], [version.stdout.trim(), 'lab-list'])
  assert.ok(faults.length > 0)
})

for (const ending of ['SIGINT', 'SIGHUP'] as const) {
  test(`${ending} while the lab opens ends it with 130 and leaves nothing behind`, unix, async () => {
    const temporary = await mkdtemp(join(folder, 'lab-'))
    const child = spawn(process.execPath, [main, 'lab', 'fault', 'silent-service'], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString()
    })
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    // Its folder is the first that is seen of it; the fault is not in place by then.
    while ((await readdir(temporary)).length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill(ending)
    const [code] = await once(child, 'close')
    assert.deepEqual([code, stderr], [130, ''])
    assert.match(stdout, /Stopped; nothing is left running\.\n$/)
    assert.deepEqual(await readdir(temporary), [])
  })
}

test('check, --read and --compare: a fault shows as what broke, and the report renders anew from its file', async () => {
  await using lab = await openLab()
  const before = join(folder, 'before.json')
  const after = join(folder, 'after.json')
  const from = ['--site', lab.siteFile, '--from', 'gate01', '--quiet']
  const well = await postern('check', ...from, '--json', '--out', before)
  assert.deepEqual([well.code, well.stdout, well.stderr], [0, '', ''])
  await lab.inject('expired')
  const broken = await postern('check', ...from, '--json', '--out', after)
  assert.equal(broken.code, 1)
  const compared = await postern('check', '--read', after, '--compare', before, '--json')
  assert.equal(compared.code, 1)
  const comparison = JSON.parse(compared.stdout)
  assert.deepEqual([comparison.kind, comparison.summary.broke], ['compare', 2])
  const html = await postern('check', '--read', before, '--format', 'html')
  assert.equal(html.code, 0)
  assert.match(html.stdout, /^<!doctype html>/i)
  await lab.heal()
})

test('Ctrl-C during a check gives the report of what is known and ends with 130', async () => {
  await using lab = await openLab()
  await lab.inject('silent-service')
  const child = spawn(
    process.execPath,
    [main, 'check', '--site', lab.siteFile, '--from', 'gate01', '--json', '--timeout', '600000'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString()
  })
  // The line that says how many flows are proven: from then on one of them hangs.
  for await (const part of child.stderr) if (String(part).includes('proving')) break
  await new Promise((resolve) => setTimeout(resolve, 500))
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  assert.equal(code, 130)
  const report = JSON.parse(stdout)
  assert.equal(report.interrupted, true)
  assert.ok(report.summary.open > 20)
  assert.ok(
    report.flows.some(
      ({ flow, verdict }: { flow: string; verdict: string }) => flow === 'lab-app' && verdict === 'not-run',
    ),
  )
  await lab.heal()
})

test('postern up shows a network that is well, breaks, and is mended, and leaves nothing behind', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('postern-lab-'))
  const { code, stdout, stderr } = await postern('up', '--port', '0', '--rounds', '1', '--every', '1', '--quiet')
  assert.deepEqual([code, stderr], [0, ''])
  for (const step of [
    /As it should be/,
    /nothing is wrong/,
    /Something breaks/,
    /open -> blocked/,
    /sni-filter/,
    /It is mended/,
    /blocked -> open/,
    /^4\. Watched: every flow every 1 s/m,
    /^\d+ looks, 0 incidents\.$/m,
  ]) {
    assert.match(stdout, step)
  }
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith('postern-lab-') && !before.includes(name))
  assert.deepEqual(left, [])
})

/** `postern up` on any port, once it has said these words. */
async function upUntil(words: string, ...options: readonly string[]) {
  const child = spawn(process.execPath, [main, 'up', '--port', '0', ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString()
      if (said.includes(words)) resolve()
    })
  })
  return { child, said }
}

test('postern up: Ctrl-C ends it with 130, the page was there meanwhile, and its folder is gone', async () => {
  const { child, said } = await upUntil('4. Watched')
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
  const site = /(\/\S*postern-lab-\S+)\/postern\.yaml/.exec(said)?.[1]
  assert.ok(url !== undefined && site !== undefined, said)
  const page = await fetch(url)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<title>.*lab/i)
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  assert.equal(code, 130)
  await assert.rejects(readdir(site), /ENOENT/)
  await assert.rejects(fetch(url))
})

test('postern up: a port that was asked for and is taken ends with 2 and one line', async (t) => {
  const port = await opened(t, createServer())
  const { code, stderr } = await postern('up', '--port', String(port))
  assert.equal(code, 2)
  assert.match(stderr, new RegExp(`^port ${port} is taken, .*--port.*\\n$`))
})

test('postern up: a reader that goes away ends it too, and its folder is gone', async () => {
  const { child, said } = await upUntil('postern.yaml', '--every', '1')
  const site = /(\/\S*postern-lab-\S+)\/postern\.yaml/.exec(said)?.[1]
  child.stdout.destroy()
  await once(child, 'exit')
  assert.ok(site !== undefined)
  await assert.rejects(readdir(site), /ENOENT/)
})

test('a reader that goes away ends the program without a word', async () => {
  const child = spawn(process.execPath, [main, 'plan', '--site', `${examples}everything.yaml`, '--format', 'json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString()
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  assert.deepEqual([code, stderr], [0, ''])
})

test('no secret of a site file is in what is printed', async () => {
  const site = join(folder, 'secret.yaml')
  await writeFile(site, 'site: s\nproxies:\n  p: { url: "http://svc:hunter2secret@proxy:3128" }\n')
  const { code, stdout, stderr } = await postern('plan', '--site', site)
  assert.equal(code, 2)
  assert.doesNotMatch(stdout + stderr, /hunter2secret/)
})
