import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { freePorts } from '../test/freePorts.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

/** A program that has the package as its dependency. */
let program: string
before(async () => {
  program = await mkdtemp(join(tmpdir(), 'postern-release-'))
  const installed = join(program, 'node_modules', 'postern')
  await mkdir(installed, { recursive: true })
  await run(process.execPath, [join(root, 'scripts/build.ts'), join(installed, 'dist')])
  await writeFile(join(installed, 'package.json'), await readFile(join(root, 'package.json')))
})
after(() => rm(program, { recursive: true, force: true }))

test('the program starts, without the sources beside it', async () => {
  const { stdout } = await run(process.execPath, [join(program, 'node_modules/postern/dist/postern.js'), '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('the program shows all that it shows from its sources: the small network, and the gate with its tenant', async () => {
  const quickjs = join(program, 'node_modules/quickjs-wasi')
  await symlink(join(root, 'node_modules/quickjs-wasi'), quickjs)
  const [port = 0] = await freePorts(1)
  const words = ['up', '--quiet', '--rounds', '0', '--port', '0', '--gate-port', String(port)]
  const { stdout } = await run(process.execPath, [join(program, 'node_modules/postern/dist/postern.js'), ...words], {
    cwd: program,
  })
  assert.match(stdout, new RegExp(`^The gate: https://localhost:${port}\\b`, 'm'))
  assert.match(stdout, /^3\. It is mended\.$/m)
})

/** Words of readers that stand in no other file. */
const readerWords = {
  nftables: 'a file that includes itself',
  aws: 'no CloudFormation template and no Terraform plan',
  asa: 'no same-security-traffic permit',
  squid: 'files include each other without end',
  openvpn: 'pull-filter has an action',
} as const

test('the program audits, and loads the reader of the vendor that it was given, and no other', async () => {
  await cp(join(root, 'examples/edge.nft'), join(program, 'edge.nft'))
  const loaded = join(program, 'loaded')
  const words = ['audit', 'edge.nft', '--in', 'lan0', '--out-if', 'wan0', '--flow', '10.1.0.40 > 20.190.128.1:443/tcp']
  const { stdout } = await run(process.execPath, [join(program, 'node_modules/postern/dist/postern.js'), ...words], {
    cwd: program,
    env: { ...process.env, NODE_V8_COVERAGE: loaded },
  })
  assert.match(stdout, /^allow +10\.1\.0\.40 > 20\.190\.128\.1:443\/tcp\n +allowed by rule 2 .*\(edge\.nft:6\)$/m)
  const [coverage = ''] = await readdir(loaded)
  const { result } = JSON.parse(await readFile(join(loaded, coverage), 'utf8')) as { result: { url: string }[] }
  const files = result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
  const text = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
  const found = Object.entries(readerWords).flatMap(([vendor, word]) => (text.includes(word) ? [vendor] : []))
  assert.deepEqual(found, ['nftables'])
  const dist = join(program, 'node_modules/postern/dist')
  const chunks = (await readdir(dist)).filter((name) => name.endsWith('.js'))
  const all = (await Promise.all(chunks.map((name) => readFile(join(dist, name), 'utf8')))).join('\n')
  for (const word of Object.values(readerWords)) assert.ok(all.includes(word), word)
})

test('postern/identity verifies tokens in another program, with its types', async () => {
  await writeFile(
    join(program, 'service.mts'),
    `import { TokenVerifier, tokenChallenge } from 'postern/identity'
const verifier = new TokenVerifier({
  cloud: 'worldwide',
  tenants: ['3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'],
  audiences: ['11111111-2222-4333-8444-555555555555'],
  fetchJson: async (url: string) => { throw new Error(url) },
  now: () => 0,
})
const verdict = await verifier.verify('')
const told: string = verdict.ok ? verdict.identity.objectId : tokenChallenge(verdict.reason).authenticate.join()
process.stdout.write(told)
`,
  )
  await symlink(join(root, 'node_modules/@types'), join(program, 'node_modules/@types'))
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    'node',
    '--ignoreConfig',
  ]
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...flags, 'service.mts'], {
    cwd: program,
  })
  const { stdout } = await run(process.execPath, [join(program, 'service.mts')])
  assert.equal(stdout, 'Bearer realm=""')
})

test('what is not exported is not imported', async () => {
  const inner = pathToFileURL(join(program, 'inner.mjs'))
  await writeFile(inner, "import 'postern/dist/postern.js'")
  await assert.rejects(run(process.execPath, [fileURLToPath(inner)]), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
})
